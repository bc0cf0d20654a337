// Package failpoint names the places at which the proofs of recovery have a
// process die.
package failpoint

import "sync/atomic"

var hook atomic.Pointer[func(name string)]

// Set has f called whenever a place is come to. It is for test programs.
func Set(f func(name string)) { hook.Store(&f) }

// Hit says that the process has come to a place.
func Hit(name string) {
	if f := hook.Load(); f != nil {
		(*f)(name)
	}
}
