// Package recovery holds the proofs that nothing is lost and nothing comes
// twice: the law of recovery for each operator, runs that are killed, stores and sinks
// that fail.
package recovery
