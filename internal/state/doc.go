// Package state is what operators keep in checkpoints, as bytes: by groups of
// keys, in sections, as records of the caller's types.
//
//	groups.go    keys fall into groups, and groups into shards
//	saving.go    where an operator puts its state, and finds it again
//	sections.go  several states in one, by place
//	parts.go     the same, by name
//	coder.go     records of one type
//	records.go   the same, without the type
//	encoding.go  records of which most are as they were
package state
