// Package contract shows that the public contracts of stream suffice: its tests
// write an operator of each kind, a source and a sink with nothing that a user
// could not use.
package contract
