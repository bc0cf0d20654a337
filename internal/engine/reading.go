package engine

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"
)

// A reading reads the partitions of one task.
type reading struct {
	op       *Instance
	task     *task
	entry    entry
	last     Time // watermark sent, as the readers promised it
	furthest Time // that a reader has promised
	quiet    bool // told downstream that no partition is waited for
	waits    bool // a reader may
	steps    int64
	horizon  Horizon

	queue   queue        // the partitions that may be read
	moves   *Assignment  // nil where partitions neither come nor go
	leaving []*Partition // that are not read any more, and wait for a checkpoint
	stirred stirred      // those that the source says may have something to read
	teller  *teller      // nil where nobody wants to be told of partitions
	owing   owing
	member  *DriftMember // how far the tasks are that read the source; nil where partitions neither come nor go
	begun   bool

	drains  bool         // the run is to stop, and readers were told
	drained []*Partition // that are read once more until they have nothing left

	turn   chan struct{} // capacity 1: who fills it may close readers or have them commit
	closed bool

	epoch  *epoch
	ctx    context.Context // of a read: ends when the task wants to be heard
	cancel context.CancelFunc
	wake   time.Time // when ctx ends for a ticker; zero if none waits

	starved bool // the last Read was interrupted before it gave a batch
}

// Read makes the instance the source of its task.
func (i *Instance) Read(e entry) {
	t, r := i.Place.task, i.Place.run
	l := &reading{op: i, task: t, entry: e, last: MinTime, furthest: MinTime, turn: make(chan struct{}, 1), moves: r.assignmentOf(i.Node)}
	for _, p := range t.parts {
		l.waits = l.waits || p.Waits
	}
	if !l.waits {
		t.idle.patience = time.Duration(r.Batch) * slowRead
	}
	if l.moves != nil && !r.Fixed() { // what is to come may be given to any task
		l.member = i.Join(&l.moves.lows)
	}
	if i.Node.IdleAfter > 0 {
		i.HeedSilence()
		i.Wake(l)
	}
	l.owing.task = t
	i.Wake(&l.owing)
	l.tells(i.Node)
	t.source = l
	t.resumes = append(t.resumes, l.promise) // downstream knew the watermark
	i.OnClose(l.close)
}

// step reads one batch and sends it through the stage.
func (l *reading) step(wait bool) (done bool, err error) {
	t := l.task
	if l.teller != nil {
		if err := l.teller.begin(); err != nil {
			return false, err
		}
	}
	if t.rt.Stopping.Err() != nil {
		if more, err := l.drain(); more || err != nil {
			return false, err
		}
		if err := l.lastBarrier(); err != nil {
			return false, err
		}
		return true, l.finish(false)
	}
	if err := l.barrier(); err != nil {
		return false, err
	}
	if len(t.tickers) > 0 {
		if err := t.tick(); err != nil {
			return false, err
		}
	}
	if l.moves != nil {
		if err := l.stir(); err != nil {
			return false, err
		}
	}
	l.steps++
	l.queue.again(t.parts)
	part := l.choose()
	if part == nil {
		if l.over() {
			return true, l.finish(true)
		}
		if !wait {
			if err := l.listened(); err != nil {
				return false, err
			}
			return false, t.quiet()
		}
		return false, l.pause()
	}
	for ; part != nil; part = l.choose() { // until one has something
		if err := l.read(part); err != nil || part.passed != l.steps {
			return false, err
		}
	}
	return false, nil
}

// barrier sends a barrier if a checkpoint is wanted.
func (l *reading) barrier() error {
	if !l.task.rt.barriers {
		return nil
	}
	if l.epoch = l.task.rt.gathers.epoch.Load(); l.epoch.id <= l.task.saved {
		return nil
	}
	return l.cut(l.epoch.id)
}

// cut is the barrier of a checkpoint: what has been read belongs to it.
func (l *reading) cut(id int64) error {
	if err := l.control(Control{Kind: Barrier, id: id}); err != nil {
		return err
	}
	return l.task.save(id)
}

// lastBarrier waits for the run's last checkpoint, and sends its barrier.
func (l *reading) lastBarrier() error {
	if !l.task.rt.barriers {
		return nil
	}
	for {
		if err := l.barrier(); err != nil {
			return err
		}
		if l.epoch.last {
			return nil
		}
		if err := l.task.quiet(); err != nil {
			return err
		}
		if err := l.awaitEpoch(); err != nil {
			return err
		}
	}
}

// awaitEpoch waits for the next checkpoint, and serves the mailbox meanwhile.
func (l *reading) awaitEpoch() error {
	t := l.task
	if err := t.serve(); err != nil {
		return err
	}
	t.idle.begin(t.rt)
	defer t.idle.end(t.rt)
	select {
	case <-l.epoch.gone:
	case <-t.roused:
	case <-t.rt.Ctx.Done():
		return ErrStopped
	}
	return nil
}

// over reports whether there is nothing left to read, and nothing follows. Where another engine has handed out the partitions, no others come.
func (l *reading) over() bool {
	if l.moves != nil && !l.moves.final.Load() && !l.task.rt.Fixed() {
		return false
	}
	for _, p := range l.task.parts {
		if !p.Done {
			return false
		}
	}
	return true
}

func (l *reading) read(part *Partition) (failed error) {
	t := l.task
	known, idle := part.Promised, part.Idle
	part.ready.Store(false)
	n, rejected, err := l.ask(part)
	defer func() {
		l.queue.moved(part)
		failed = cmp.Or(failed, part.show(t.rt.elapsed(), n == t.rt.Batch))
		l.owing.note(part)
	}()
	part.Count += uint64(n)
	gave := n > 0 || part.Promised > known
	if part.SaysIdle || gave {
		part.Idle, part.SaysIdle = part.SaysIdle, false
	}
	l.heard(part, gave)
	if n > 0 || err != nil && !errors.Is(err, ErrNothing) || part.Promised > known || rejected > 0 {
		t.steps++
	}
	if n > 0 {
		part.Resting = false
		if l.teller != nil { // what was asked before the events, which come next
			if err := l.teller.tell(part, false); err != nil {
				return err
			}
		}
	}
	part.hear()
	if part.fell {
		l.op.noteLower(part)
	}
	if n > 0 || rejected > 0 {
		if err := l.entry.Pass(part, known); err != nil {
			return err
		}
	}
	if part.Promised > known {
		part.Front, part.Beat = max(part.Front, part.Promised), part.Promised
		if err := l.changed(); err != nil {
			return err
		}
		if err := l.promise(); err != nil {
			return err
		}
	} else if t.heeds || part.Idle != idle {
		if err := l.changed(); err != nil {
			return err
		}
	}
	switch {
	case err == nil:
	case l.drains && (err == io.EOF || errors.Is(err, ErrNothing)): // it may go on in a later run
		if len(l.drained) > 0 && l.drained[0] == part { // else Read has had it leave
			l.drained = l.drained[1:]
		}
	case errors.Is(err, ErrNothing):
		part.silent = l.moves != nil
	case err == io.EOF: // not errors.Is: an end inside of something else is a failure
		part.Done = true
		if err := l.changed(); err != nil {
			return err
		}
	case t.rt.Ctx.Err() == nil && ends(l.ctx, err): // only to be heard, or to stop
		l.ctx = nil
		return t.quiet()
	case t.rt.Ctx.Err() != nil:
		return ErrStopped
	default:
		return &OperatorError{Operator: l.op.Node.Name, Position: part.Name, Err: err}
	}
	// A full batch says that there is more to read, and more is cheaper to send
	// on together. But where the next Read may wait, it would hold all up.
	if n < t.rt.Batch || l.waits {
		return t.quiet()
	}
	return nil
}

// ends reports whether err says that ctx has ended.
func ends(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// pause waits until a bound on drift may have moved, or the source says that
// there may be something to read.
func (l *reading) pause() error {
	moved := l.task.rt.drifted()
	if err := l.listened(); err != nil { // others may have moved before
		return err
	}
	if err := l.task.quiet(); err != nil {
		return err
	}
	l.queue.again(l.task.parts) // a bound on drift may have moved
	if l.choose() != nil {
		return nil
	}
	ctx := l.readContext()
	l.task.idle.begin(l.task.rt)
	defer l.task.idle.end(l.task.rt)
	select {
	case <-moved:
	case <-ctx.Done(): // to stop, or to be heard
		l.ctx = nil
	}
	return l.listened()
}
