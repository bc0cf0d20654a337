// Package lifecycle holds the proofs of how runs go on, stop and fail: silence
// of sources, the time that a stop may take, functions that end their goroutine.
package lifecycle
