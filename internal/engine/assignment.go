package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/freshet-go/freshet/internal/keeper"
)

// An Assignment is the partitions of a source that come and go while the run
// lasts. Its tasks are there from the beginning, one a shard, and each reads any
// number of partitions. They are moved between checkpoints only: what a
// checkpoint says of partitions is the same for all tasks.
type Assignment struct {
	run    *Run
	node   *Node
	tasks  []*task
	opened func(context.Context, *Assignment) error
	final  atomic.Bool // nothing comes any more
	lows   DriftGroup  // how far the tasks are, by what the readers promise

	mu     sync.Mutex
	known  map[string]*Partition    // that are read, or have not been let go yet
	count  []int                    // of those that each task reads
	absent map[string]keeper.Source // that the checkpoint knows, and that have not come in this run
}

var (
	errWaits  = errors.New("its reader is a Waiter that waits: where partitions come and go, a reader returns ErrNothing, and the source calls Ready when there is more")
	errTwice  = errors.New("the source has a partition of that name already")
	errFixed  = errors.New("another engine has handed out the partitions: none comes or goes before the job is begun anew from a savepoint")
	errStrays = errors.New("partitions can be added and removed while the source is watched, not after it")
)

// assign makes the assignment of a source, while the run is prepared.
func (r *Run) assign(n *Node, tasks []*task, opened Opened) {
	a := &Assignment{
		run: r, node: n, tasks: tasks, opened: opened.Watch,
		known: map[string]*Partition{}, count: make([]int, len(tasks)), absent: map[string]keeper.Source{},
	}
	if r.from != nil {
		maps.Copy(a.absent, r.from.sources[n.Name])
	}
	for i, t := range tasks {
		for _, p := range t.parts {
			p.at, p.gone = i, make(chan struct{})
			a.known[p.Name] = p
			delete(a.absent, p.Name)
		}
		a.count[i] = len(t.parts)
	}
	for _, p := range opened.Partitions { // where another engine hands them out, other processes have some, and say how far these are
		delete(a.absent, p.Name)
	}
	r.assigned = append(r.assigned, a)
}

// keepStill begins a time in which no partition is moved, and reports false if
// one is being moved. MoveOn ends it.
func (r *Run) keepStill() bool {
	select {
	case r.moving <- struct{}{}:
		return true
	default:
		return false
	}
}

func (r *Run) moveOn() { <-r.moving }

// watch lets the source say which partitions come and go.
func (a *Assignment) watch() {
	err := a.follow()
	if a.run.Stopping.Err() == nil && err != nil && !errors.Is(err, ErrStopped) {
		a.run.cancel(&OperatorError{Operator: a.node.Name, Err: err})
	}
	select { // who is moving a partition does so before
	case a.run.moving <- struct{}{}:
		a.final.Store(true)
		a.run.moveOn()
	case <-a.run.Ctx.Done():
		a.final.Store(true)
	}
	for _, t := range a.tasks {
		t.poke()
	}
}

// follow has the source watch its partitions.
func (a *Assignment) follow() error {
	return Apart(func() error { return a.opened(a.run.Stopping, a) })
}

// watchFixed lets the source say what there is to read of the partitions that the task t was given by another engine.
func (a *Assignment) watchFixed(t *task) {
	err := a.follow()
	if a.run.Stopping.Err() != nil {
		return
	}
	t.post(func() error {
		a.final.Store(true)
		if err != nil && !errors.Is(err, ErrStopped) {
			return &OperatorError{Operator: a.node.Name, Err: err}
		}
		return nil
	})
}

// Add has a partition be read from now on. It waits for one of the same name
// that was removed to be let go.
func (a *Assignment) Add(ctx context.Context, p *Partition) error {
	if p.Waits {
		return a.of(p, errWaits)
	}
	if err := a.run.writable("name", p.Name); err != nil {
		return a.of(p, err)
	}
	for {
		if err := a.still(ctx); err != nil {
			return err
		}
		old := a.named(p.Name)
		if old == nil {
			break
		}
		leaving := old.leaving
		a.run.moveOn()
		if !leaving {
			return a.of(p, errTwice)
		}
		select {
		case <-old.gone:
		case <-ctx.Done():
			return ctx.Err()
		case <-a.run.Stopping.Done():
			return ErrStopped
		}
	}
	defer a.run.moveOn()
	return a.add(ctx, p)
}

func (a *Assignment) add(ctx context.Context, p *Partition) error {
	a.mu.Lock()
	s, resumes := a.absent[p.Name]
	p.at = slices.Index(a.count, slices.Min(a.count))
	a.mu.Unlock()
	p.gone = make(chan struct{})
	if resumes {
		a.run.resume(p, s)
	} else if err := a.run.numbers.give(p); err != nil {
		return a.of(p, err)
	}
	a.note(p, true)
	reads := a.run.reads(a.node)
	reads.add(p)
	t := a.tasks[p.at]
	if err := t.do(ctx, func() error { return t.source.admit(p) }); err != nil {
		a.note(p, false)
		reads.remove(p)
		if !resumes {
			a.run.numbers.leave(p)
		}
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.absent, p.Name)
	return nil
}

// note notes that a partition is there, or that it is not after all.
func (a *Assignment) note(p *Partition, there bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if there {
		a.known[p.Name] = p
		a.count[p.at]++
	} else {
		delete(a.known, p.Name)
		a.count[p.at]--
	}
}

// Remove has a partition be read no more, and forgets its offset. Its reader is
// closed once a checkpoint that has all that was read of it is durable and
// committed, and later ones know nothing of it; without checkpoints it is closed at once.
func (a *Assignment) Remove(ctx context.Context, name string) error {
	if err := a.still(ctx); err != nil {
		return err
	}
	defer a.run.moveOn()
	p := a.named(name)
	if p == nil || p.leaving {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.absent, name)
		return nil
	}
	t := a.tasks[p.at]
	if err := t.do(ctx, func() error { return t.source.dismiss(p) }); err != nil {
		return err
	}
	a.run.reads(a.node).remove(p)
	a.mu.Lock()
	a.count[p.at]--
	a.mu.Unlock()
	if !a.run.lets(p) {
		return a.release(p)
	}
	signal(a.run.gathers.soon)
	return nil
}

// Ready says that there may be something to read of partitions whose readers
// had nothing: of those named, or of all.
func (a *Assignment) Ready(names ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	stir := func(p *Partition) {
		a.tasks[p.at].source.stirred.add(p)
		a.tasks[p.at].poke()
	}
	for _, name := range names {
		if p := a.known[name]; p != nil {
			stir(p)
		}
	}
	if len(names) == 0 {
		for _, p := range a.known {
			a.tasks[p.at].source.stirred.add(p)
		}
		for _, t := range a.tasks {
			t.poke()
		}
	}
}

// still waits for the time in which partitions may be moved.
func (a *Assignment) still(ctx context.Context) error {
	switch {
	case a.run.Fixed():
		return errFixed
	case a.final.Load():
		return errStrays
	}
	select {
	case a.run.moving <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-a.run.Ctx.Done():
		return ErrStopped
	}
	if a.final.Load() {
		a.run.moveOn()
		return errStrays
	}
	return nil
}

func (a *Assignment) of(p *Partition, err error) error {
	return fmt.Errorf("partition %q: %w", p.Name, err)
}

func (a *Assignment) named(name string) *Partition {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known[name]
}

// release lets a partition go.
func (a *Assignment) release(p *Partition) error {
	a.mu.Lock()
	delete(a.known, p.Name)
	a.mu.Unlock()
	err := Apart(p.Reader.Close)
	p.released.Store(true)
	a.run.numbers.leave(p)
	close(p.gone)
	if err != nil {
		return &OperatorError{Operator: a.node.Name, Position: p.Name, Err: err}
	}
	return nil
}
