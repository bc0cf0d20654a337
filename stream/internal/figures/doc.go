// Package figures has the names, units and labels under which what stream.Stats say is
// shown by adapters for metrics, so that all of them show the same.
//
// A Figure is a name; Points are its values for operators, partitions and edges. How many
// there can be of one figure is bounded: operators and edges by the program, and partitions
// by a number that the adapter's user gives.
package figures
