//go:build unix

// Package benchcpu compares what variants of a run cost in processor time. On a machine that others use
// as well, wall time says little.
package benchcpu

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// A Variant is one way to run.
type Variant struct {
	Name string
	Run  func()
}

// Compare runs the variants in turn, round after round, and reports the processor time of the first one for each event, and
// by how much per cent each other one differs from it: the median of the rounds.
func Compare(b *testing.B, events int, all []Variant) {
	b.Helper()
	took := make([][]float64, len(all))
	for b.Loop() {
		for i, v := range all {
			before := used(b)
			v.Run()
			took[i] = append(took[i], float64(used(b)-before))
		}
	}
	b.ReportMetric(median(took[0])/float64(events), all[0].Name+"-cpu-ns/event")
	for i, v := range all[1:] {
		var differ []float64
		for k, t := range took[i+1] {
			differ = append(differ, 100*(t/took[0][k]-1))
		}
		b.ReportMetric(median(differ), v.Name+"-%")
	}
	b.ReportMetric(0, "ns/op") // of all variants together: it says nothing
}

func median(all []float64) float64 {
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// used returns the processor time of this process.
func used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
