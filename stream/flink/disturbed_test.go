package flink_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
)

// A disturber has a job fail.
type disturber struct {
	*running
	rng                               *rand.Rand
	anywhere, told, managers, restart int // what was killed, and how many of them while the job began again
	moved                             int
	rows                              int    // failures of a job that had shown rows since the one before
	last                              commit // before the last failure
	began                             time.Time
}

// What a worker is told to die at: while the job works, and, behind another failure, while it begins again.
var (
	working   = []string{"before a commit", "behind a commit", "behind rows that it has written", "before it prepares a commit", "behind what it has prepared"}
	beginning = []string{"as a writer opens", "as a committer opens"}
)

// failures are fifty that a job has to survive, those of workers in an order that chance has made. Before each there was a commit since the one before, or it hits the job while it begins again.
func (d *disturber) failures() (all []func()) {
	for i := range 15 {
		all = append(all, func() { d.tells(working[i%len(working)]) })
	}
	for i := range 4 {
		all = append(all, func() { d.tellsOneThatBegins(beginning[i%len(beginning)]) }) // two each
		all = append(all, d.workerTwice)
	}
	for range 13 {
		all = append(all, d.worker)
	}
	d.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, at := range []int{6, 22, 34} { // far from each other: another one has to stand ready
		all = slices.Insert(all, at, d.manager)
	}
	for _, at := range []int{13, 18, 32} { // at 4 there are 23 workers to start each time, and 8 at 1
		all = slices.Insert(all, at, d.moves)
	}
	return all
}

// parallelism is that of the job behind the last move.
func (d *disturber) parallelism() int { return []int{2, 4, 1}[d.moved%3] }

// goesOn waits until a committer that has begun since the last failure has committed a checkpoint of its own time.
func (d *disturber) goesOn() {
	d.t.Helper()
	var now commit
	d.until("a new checkpoint is committed", func() bool {
		all := orders(d.to).commits(d.t)
		if len(all) > 0 {
			now = all[len(all)-1]
		}
		return now.id > d.last.id && now.pid != d.last.pid
	})
	for _, c := range orders(d.to).commits(d.t) {
		if c.id > d.last.id && c.prepared > 0 {
			d.rows++
			break
		}
	}
	d.note("goes on")
}

// fails notes what there was before a failure that is over.
func (d *disturber) fails(how string) {
	d.t.Helper()
	if all := orders(d.to).commits(d.t); len(all) > 0 {
		d.last = all[len(all)-1]
	}
	d.note(how)
}

func (d *disturber) note(what string) {
	d.t.Helper()
	d.t.Logf("%6.2f s: %s", time.Since(d.began).Seconds(), what)
}

// worker kills a worker of a job that works.
func (d *disturber) worker() {
	d.t.Helper()
	d.goesOn()
	time.Sleep(time.Duration(d.rng.IntN(100)) * time.Millisecond) // of the time from one checkpoint to the next
	d.until("a worker is there", func() bool { return killOne(d.t, d.to, d.rng) })
	d.anywhere++
	d.fails("a worker was killed")
}

// workerTwice kills a worker, and one of those that are to go on.
func (d *disturber) workerTwice() {
	d.goesOn()
	before := living(d.t, d.to)
	d.until("a worker is there", func() bool { return killOne(d.t, d.to, d.rng) })
	d.until("another worker is there", func() bool { return killOneBut(d.t, d.to, d.rng, before) })
	d.anywhere += 2
	d.restart++
	d.fails("a worker was killed, and one that came for it")
}

// tells has a worker die at a moment.
func (d *disturber) tells(moment string) {
	d.goesOn()
	d.dies(moment)
	d.told++
	d.fails("a worker has died " + moment)
}

// tellsOneThatBegins kills a worker, and has one of those that are to go on die at a moment.
func (d *disturber) tellsOneThatBegins(moment string) {
	d.goesOn()
	died := orders(d.to).give(d.t, moment)
	d.until("a worker is there", func() bool { return killOne(d.t, d.to, d.rng) })
	d.until("a worker dies "+moment, died)
	d.anywhere++
	d.told++
	d.restart++
	d.fails("a worker was killed, and one has died " + moment)
}

// manager kills the task manager that a worker is of. Another one stands ready.
func (d *disturber) manager() {
	d.goesOn()
	d.until("a worker is there", func() bool {
		return slices.ContainsFunc(living(d.t, d.to), func(pid int) bool { return d.c.KillTaskManager(parent(d.t, pid)) })
	})
	require.NoError(d.t, d.c.AddTaskManager(d.t.Context()))
	d.managers++
	d.fails("a task manager was killed")
}

// moves stops the job with a savepoint, and has it go on at another parallelism.
func (d *disturber) moves() {
	d.stops()
	d.start(d.options("commits slowly", d.parallelism())...)
	d.note(fmt.Sprintf("the job goes on at %d", d.parallelism()))
}

func (d *disturber) stops() {
	d.goesOn() // a savepoint needs a job that runs
	d.stop()
	d.moved++
	d.fails("the job has stopped with a savepoint")
}

func (d *disturber) String() string {
	return fmt.Sprintf("%d workers were killed and %d died when they were told to, %d of them as the job began again, %d task managers were killed, and %d savepoints moved it; %d times rows were shown in between",
		d.anywhere, d.told, d.restart, d.managers, d.moved, d.rows)
}
