// Package tables holds tests of the operators of package stream that make tables. Each operator has a
// twin here that computes the table anew from all changes so far, slowly and from the definition. Random
// changes, with inserts, updates, deletes, ties and disorder, are given to both: as of each time, and after each watermark,
// the changes that the operator has put out have to add up to the twin's table, on any number of shards, and
// when the run is killed and goes on from a checkpoint.
package tables
