// Package contest is what the Go programs of the comparison share: the words by
// which a program is called, the report that it prints, and how results are made
// comparable. Programs in other languages have the same of their own.
//
// A program is called as
//
//	program --contest sum|minutes|keyed --data DIR --threads N --jobs N --events N --laps N --saved DIR
//
// and prints one line of JSON, a Report.
package contest
