package flink_test

import (
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sample"
)

// A disturber has a job fail.
type disturber struct {
	*running
	rng                      *rand.Rand
	workers, managers, moved int // what there has been
}

// failures are those that a job has to survive: one of each kind, and fifty by chance where a test plays all.
func (d *disturber) failures() (all []func()) {
	if !sample.Long() {
		return []func(){d.worker, d.manager, d.move}
	}
	for range 50 {
		switch kind := d.rng.IntN(10); {
		case kind < 6:
			all = append(all, d.worker)
		case kind < 8:
			all = append(all, d.manager)
		default:
			all = append(all, d.move)
		}
	}
	return all
}

// parallelism is that of the job behind the last move.
func (d *disturber) parallelism() int { return []int{2, 4, 1}[d.moved%3] }

// goesOn waits until the job shows rows again. The rows of one commit may be those that it has made before the failure.
func (d *disturber) goesOn() {
	d.untilShown("more rows", d.grows())
	d.untilShown("more rows once more", d.grows())
}

// worker kills a worker: of a job that works, or of one that begins again.
func (d *disturber) worker() {
	if d.workers == 0 || d.rng.IntN(3) > 0 {
		d.goesOn()
	} else {
		time.Sleep(time.Duration(d.rng.IntN(1500)) * time.Millisecond)
	}
	d.until("a worker is there", func() bool { return killOne(d.t, d.to, d.rng) })
	d.workers++
}

// manager kills the task manager, and starts another one.
func (d *disturber) manager() {
	require.NoError(d.t, d.c.ReplaceTaskManager(d.t.Context()))
	d.managers++
}

// move stops the job with a savepoint, and has it go on at another parallelism.
func (d *disturber) move() {
	d.goesOn() // a savepoint needs a job that runs
	d.stop()
	d.moved++
	d.start(d.options("commits slowly", d.parallelism())...)
}
