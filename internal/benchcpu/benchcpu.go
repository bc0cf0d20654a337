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
			before := Used(b)
			v.Run()
			took[i] = append(took[i], float64(Used(b)-before))
		}
	}
	b.ReportMetric(median(slices.Clone(took[0]))/float64(events), all[0].Name+"-cpu-ns/event")
	for i, v := range all[1:] {
		b.ReportMetric(Differ(took[0], took[i+1]), v.Name+"-%")
	}
	b.ReportMetric(0, "ns/op") // of all variants together: it says nothing
}

// Differ returns by how much per cent the second differs from the first, round by round: the median of the rounds.
func Differ(first, second []float64) float64 {
	var by []float64
	for i, t := range second {
		by = append(by, 100*(t/first[i]-1))
	}
	return median(by)
}

func median(all []float64) float64 {
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// Used returns the processor time of this process.
func Used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
