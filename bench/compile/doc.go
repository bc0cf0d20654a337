// Command compile measures what it costs to build programs that use Freshet:
// processor time and the compiler's memory after an edit of one line, and how
// much code a program's own package becomes. It prints a table, and with -check
// it fails where a program has become larger than it is written down to be.
//
//	cd bench && go run ./compile
//	cd bench && go run ./compile -check compile/sizes.json
//
// Functions and bytes of text are those of the package of the program, as go
// tool nm lists them, and the same in each run with one version of Go. Time is
// user time of the go command and all that it starts, the median of -rounds, and
// beside it the ratio to a program that serves HTTP, measured in turn with it.
// Budgets of time are compared by it: their seconds are of a machine on which that
// program takes 0.55. Memory is that of the largest compiler, and beside it that of
// the linker, in thousands of KiB.
package main
