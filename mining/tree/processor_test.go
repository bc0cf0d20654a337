//go:build unix

package tree_test

import (
	"syscall"
	"testing"
)

// processor returns the processor time of this process, in seconds.
func processor(t testing.TB) float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}
