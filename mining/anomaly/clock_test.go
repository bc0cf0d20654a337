package anomaly

import (
	"syscall"
	"testing"
	"time"
)

// processor returns the processor time that this process has used: others may be busy beside it.
func processor(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
