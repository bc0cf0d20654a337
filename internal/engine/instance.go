package engine

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/internal/state"
)

// A Place is where instances are made: one task of a run.
type Place struct {
	run   *Run
	task  *task
	Index int // which of count instances of the stage
	count int
}

// An Instance is what the runtime keeps for one operator in one task.
type Instance struct {
	Node  *Node
	Place *Place
	stats *counters
	sides []func(Control) error // side outputs, which controls are passed on to as well

	line    *line
	bound   atomic.Int64        // how far it has said it is about to go, see line
	Control func(Control) error // of an operator with keys, see catchUp
	holders []state.Holder
	holds   []reflect.Type // what holders save, or nil
	Begins  Time           // the watermark of the checkpoint that the run begins with
	told    bool           // the log says that it drops events
}

// Continues reports whether n belongs to the stage of the place, and begins
// none of its own.
func (pl *Place) Continues(n *Node) bool { return pl.run.homes[n] != n }

// BatchSize is how many events a batch holds at most.
func (pl *Place) BatchSize() int { return pl.run.Batch }

// Stage returns the places of the stage that n begins.
func (pl *Place) Stage(n *Node) []*Place { return pl.run.Stage(n) }

// Entrance returns what fresh returns, which is called once a run for an input of
// n, and whether it has been called before.
func (pl *Place) Entrance(n *Node, input int, fresh func() any) (e any, known bool) {
	key := inputKey{n, input}
	if e, known = pl.run.entrances[key]; !known {
		e = fresh()
		pl.run.entrances[key] = e
	}
	return e, known
}

// Share returns what build returns, called once for a node in a place.
func (pl *Place) Share(n *Node, build func() any) any {
	key := sharedKey{n, pl}
	i, ok := pl.run.shared[key]
	if !ok {
		i = build()
		pl.run.shared[key] = i
	}
	return i
}

func (pl *Place) Instance(n *Node) *Instance {
	i := &Instance{Node: n, Place: pl, stats: &counters{task: pl.task}, Begins: MinTime}
	i.bound.Store(int64(MinTime))
	i.line = pl.run.line(n)
	i.line.instances = append(i.line.instances, i)
	i.stats.watermark.Store(int64(MinTime))
	pl.run.addStats(n, i.stats)
	return i
}

// In counts events that have come, and out those that are passed on.
func (i *Instance) In(n int) {
	i.Enter()
	i.stats.in.Add(int64(n))
	i.checkDropped()
}

func (i *Instance) Out(n int) { i.stats.out.Add(int64(n)) }

// checkDropped warns once events have been dropped.
func (i *Instance) checkDropped() {
	if !i.told && i.stats.tooLate.Load() > i.stats.kept.Load() {
		i.warnDropped()
	}
}

// Enter notes that the operator's functions are about to be called: should one
// of them end the goroutine, this is the operator that the error names. Who goes
// on after operators downstream have been at work enters again.
func (i *Instance) Enter() { i.Place.task.at = i }

// SameRun reports whether another instance, which may be nil, is of the same run.
func (i *Instance) SameRun(other *Instance) bool {
	return other != nil && i.Place.run == other.Place.run
}

// Halted reports whether the run has to end at once: it has failed, or
// StopTimeout has passed. No function of the user's may be called any more.
// It costs a load, so loops ask before each call; what was at work then returns
// ErrStopped, and its state is not saved any more.
func (i *Instance) Halted() bool { return i.Place.run.halt.Load() }

// Advance notes the watermark. It never goes back: after a restart one may
// come that the operator had passed before.
func (i *Instance) Advance(wm Time) {
	i.Enter()
	i.checkDropped()
	if int64(wm) > i.stats.watermark.Load() {
		i.stats.watermark.Store(int64(wm))
	}
}

// OnStart has f called before the first event, in the task's goroutine.
func (i *Instance) OnStart(f func() error) {
	t := i.Place.task
	t.starts = append(t.starts, func() error {
		if i.Halted() {
			return ErrStopped
		}
		if err := Apart(f); err != nil {
			return i.Failure(err)
		}
		return nil
	})
}

// OnClose has f called once the task has ended.
func (i *Instance) OnClose(f func() error) {
	t := i.Place.task
	t.closes = append(t.closes, func() error {
		if err := Apart(f); err != nil {
			return i.Failure(err)
		}
		return nil
	})
}

// Failure names the operator in an error, unless an operator is named already.
func (i *Instance) Failure(err error) error {
	if _, ok := errors.AsType[*OperatorError](err); ok || errors.Is(err, ErrStopped) {
		return err
	}
	return &OperatorError{Operator: i.Node.Name, Err: err}
}

func (i *Instance) Logger() *slog.Logger {
	return i.Place.run.LoggerOf(i.Node)
}

func (i *Instance) Ctx() context.Context { return i.Place.run.Ctx }

// Index says which of count instances this is.
func (i *Instance) Index() int { return i.Place.Index }
func (i *Instance) Count() int { return i.Place.count }

// Now is the run's clock.
func (i *Instance) Now() time.Time { return i.Place.run.Now() }

// BatchSize is how many events a batch holds at most.
func (i *Instance) BatchSize() int { return i.Place.run.Batch }

// Halt is set when no function of the user's may be called any more.
func (i *Instance) Halt() *halt { return i.Place.run.halt }

// What the instance counts.
func (i *Instance) TooLate(n int) { i.stats.tooLate.Add(int64(n)) }

// KeptLate counts events that are too late, and go to a side output.
func (i *Instance) KeptLate(n int) {
	i.stats.tooLate.Add(int64(n))
	i.stats.kept.Add(int64(n))
}

func (i *Instance) Unmatched(n int)  { i.stats.unmatched.Add(int64(n)) }
func (i *Instance) Duplicates(n int) { i.stats.duplicates.Add(int64(n)) }
func (i *Instance) Late(n int)       { i.stats.late.Add(int64(n)) }
func (i *Instance) Failed(n int)     { i.stats.failed.Add(int64(n)) }
func (i *Instance) Holds(keys int)   { i.stats.keys.Store(int64(keys)) }

// Partitions are those that the task reads.
func (i *Instance) Partitions() []*Partition { return i.Place.task.parts }

// Asking returns the partition that is being read, and since when; nil if none is.
func (i *Instance) Asking() (*Partition, time.Time) { return i.Place.task.reads, i.Place.task.readAt }

// HeedSilence has those who watch told how long partitions are silent, unless the clock means nothing in the run.
func (i *Instance) HeedSilence() { i.Place.task.heeds = !i.Bounded() }

// Silence returns how long the task has been without events.
func (i *Instance) Silence() *Silence {
	i.Place.run.refuse(i.Node, "it wants to know how long the stages before it have waited, which are in other processes: give the source Idle instead")
	return &Silence{task: i.Place.task}
}

// Watch has w told what becomes of the task's partitions.
func (i *Instance) Watch(w partitionWatcher) {
	i.Place.task.watchers = append(i.Place.task.watchers, w)
}

// Gate has a partition read only while open reports true.
func (i *Instance) Gate(open func(*Partition) bool) {
	i.Place.task.gates = append(i.Place.task.gates, open)
}

// OnBegin has f called before the first event, and resume once the state of a
// checkpoint has been restored. They call no function of the user's.
func (i *Instance) OnBegin(f func() error)  { i.Place.task.starts = append(i.Place.task.starts, f) }
func (i *Instance) OnResume(f func() error) { i.Place.task.resumes = append(i.Place.task.resumes, f) }

// A Link is what follows an operator, as far as controls go.
type Link interface{ Control(Control) error }

// Pass passes a control on, to side outputs first. An operator calls it once for
// each control that it is handed, when it has done what the control asks for.
func (i *Instance) Pass(c Control, next Link) error {
	for _, side := range i.sides {
		if err := side(c); err != nil {
			return err
		}
	}
	return next.Control(c)
}

// Side has controls passed on to a side output as well.
func (i *Instance) Side(f func(Control) error) { i.sides = append(i.sides, f) }

// Prepare has a writer of the instance prepare what it has written for each
// checkpoint.
func (i *Instance) Prepare(w preparer) {
	i.Place.task.preparing = append(i.Place.task.preparing, preparing{i, w})
}

// Nanos is the run's clock as a number that is never 0.
func (i *Instance) Nanos() int64 { return i.Place.run.nanos() }

// Took counts for how long n events have been under way that were read at born.
func (i *Instance) Took(born int64, n int) {
	h := i.stats.latency.Load()
	if h == nil {
		h = &histogram{}
		i.stats.latency.Store(h)
	}
	h.record(i.Place.run.nanos()-born, n)
}

// Wake has w called when it is due, unless the clock means nothing in the run.
func (i *Instance) Wake(w waker) {
	if !i.Bounded() {
		i.Place.task.tickers = append(i.Place.task.tickers, w)
	}
}

// Checkpointed reports whether the run takes checkpoints.
func (i *Instance) Checkpointed() bool { return i.Place.run.Checkpointed() }

// Refuse counts an event that the operator's function failed on, and returns
// what the failure is if it is not skipped. No policy holds once the run is over,
// or for a function that has ended its goroutine: the event's is not the only one
// that it has ended.
func (i *Instance) Refuse(position string, cause error) (failure error, always bool) {
	if cause == ErrStopped {
		return cause, true
	}
	i.stats.failed.Add(1)
	_, exited := cause.(*GoexitError)
	if !exited && i.Node.Skips {
		return nil, false
	}
	return &OperatorError{Operator: i.Node.Name, Position: position, Err: cause}, exited
}

// Position names where an event came from: the partition and the place in it,
// or its time.
func (i *Instance) Position(seq uint64, at Time) string {
	if where := i.Place.run.locate(seq); where != "" {
		return where
	}
	if at != MinTime {
		return "event time " + at.String()
	}
	return ""
}
