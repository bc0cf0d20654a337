package engine

import (
	"runtime"
	"sync/atomic"
	"time"
)

// duration is a counter of time that another goroutine may read, also while
// the time that is counted has not ended.
type duration struct {
	ns       atomic.Int64
	since    atomic.Int64  // when what is being counted began, by run.elapsed; 0 if nothing is, moving while it ends
	patience time.Duration // what is being counted counts once it has taken longer
}

// moving stands in since while what has begun moves into ns.
const moving = -1

func (d *duration) begin(r *Run) { d.since.Store(int64(r.elapsed())) }

// end counts what has begun.
func (d *duration) end(r *Run) {
	since := d.since.Swap(moving)
	d.ns.Add(int64(r.elapsed()) - since)
	d.since.Store(0)
}

// cancel does not count what has begun.
func (d *duration) cancel() { d.since.Store(0) }

// load returns what was counted up to now, no part of it twice and none left out.
func (d *duration) load(r *Run) time.Duration {
	since := d.since.Load()
	sum := time.Duration(d.ns.Load())
	for since == moving || since != d.since.Load() {
		runtime.Gosched()
		since, sum = d.since.Load(), time.Duration(d.ns.Load())
	}
	if since > 0 {
		if now := r.elapsed() - time.Duration(since); now > d.patience {
			sum += now
		}
	}
	return sum
}

// elapsed returns the real time since the run was made. It is never 0.
func (r *Run) elapsed() time.Duration { return time.Since(r.made) + 1 }

// slowRead is longer than it takes to read an event that is there: 50 kB of
// JSON are decoded in that time. A Read that took longer for each of its
// events has waited for them.
const slowRead = 100 * time.Microsecond

// waited reports whether Read has spent its time waiting, where it has given
// n events of room, and whether the reader is one that may wait.
func waited(took time.Duration, n, room int, waits bool) bool {
	return n == 0 || waits && n < room || took > time.Duration(n)*slowRead
}

// Silence is how long the task, and every task that it gets events from, has
// waited since a moment that hear notes. It is for operators behind an
// exchange, which a slow stage before it gives nothing either.
type Silence struct {
	task  *task
	tasks []*task         // it and all before it
	marks []time.Duration // how long each had waited
	Since time.Time       // by the run's clock
}

func (s *Silence) Hear() {
	if s.Since = s.task.rt.Now(); s.task.rt.sync {
		return
	}
	if s.tasks == nil {
		s.tasks = s.task.upstream(nil)
		s.marks = make([]time.Duration, len(s.tasks))
	}
	for i, t := range s.tasks {
		s.marks[i] = t.idle.load(t.rt)
	}
}

func (s *Silence) Lasts() time.Duration {
	lasts := s.task.rt.Now().Sub(s.Since)
	for i := range s.marks {
		lasts = min(lasts, s.tasks[i].idle.load(s.task.rt)-s.marks[i])
	}
	return max(lasts, 0)
}

// upstream adds the task and those that send to it to a list.
func (t *task) upstream(to []*task) []*task {
	for _, have := range to {
		if have == t {
			return to
		}
	}
	to = append(to, t)
	for _, from := range t.feeds {
		to = from.upstream(to)
	}
	return to
}
