// Package sqldb is what the source and the sink of databases have in common: what their
// errors mean, when to try again, how the dialects of SQL differ, and which columns
// the fields of a struct stand for.
package sqldb
