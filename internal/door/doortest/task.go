package doortest

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/freshet-go/freshet/internal/door"
)

// A task drives one instance.
type task struct {
	j      *Job
	stage  *door.Stage
	index  int
	in     *inbox
	inst   door.Instance
	opened chan struct{}
}

// goes notes that the goroutine is about to end.
func (t *task) goes(opening *sync.WaitGroup) {
	select {
	case <-t.opened:
	default:
		close(t.opened)
		opening.Done()
	}
	if t.inst == nil {
		return
	}
	if e, ok := t.inst.(interface{ Err() error }); ok {
		t.j.fail(e.Err())
	}
	t.j.fail(t.inst.Close())
}

func (t *task) drive(pipeline any, opening *sync.WaitGroup) {
	inst, err := t.j.o.Open(pipeline, t.opening())
	if err != nil {
		t.j.fail(err)
		return
	}
	t.inst = inst
	close(t.opened)
	opening.Done()
	if t.stage.Kind == door.Source {
		err = t.read()
	} else {
		err = t.take()
	}
	t.j.fail(err)
}

// opening is what the instance is opened with.
func (t *task) opening() door.Opening {
	o := door.Opening{Plan: t.j.plan, Stage: t.stage.ID, Index: t.index, Output: t, Store: t.j.o.Config.From.Store, Logger: t.j.o.Logger, Now: t.j.o.Now}
	for _, p := range t.stage.Partitions {
		if p.Instance == t.index {
			o.Partitions = append(o.Partitions, p)
		}
	}
	if t.j.o.From == nil {
		return o
	}
	states := t.j.o.From.States[t.stage.ID]
	for _, s := range states {
		o.Rest = append(o.Rest, s.Rest)
	}
	if t.stage.Keyed {
		for g := range o.Groups {
			if door.Owner(g, t.stage.Instances) == t.index && len(states) > 0 {
				o.Groups[g] = states[door.Owner(g, len(states))].Groups[g]
			}
		}
	}
	return o
}

// errOver ends instances where the job is over.
var errOver = errors.New("the job is over")

// Send is door.Output's.
func (t *task) Send(edge, to int, frame []byte) error {
	target := t.j.of[t.j.plan.Edges[edge].To][to]
	if !target.in.put(channel{edge, t.index}, message{frame: slices.Clone(frame)}) {
		return errOver
	}
	return nil
}

// pass sends a barrier over all that leads away from the instance.
func (t *task) pass(id int64) error {
	for edge, e := range t.j.plan.Edges {
		if e.From != t.stage.ID {
			continue
		}
		for _, to := range t.j.of[e.To] {
			if !to.in.put(channel{edge, t.index}, message{barrier: id}) {
				return errOver
			}
		}
	}
	return nil
}

// cut is what is done where a barrier is.
func (t *task) cut(id int64) error {
	if err := t.inst.Barrier(id); err != nil {
		return err
	}
	if err := t.pass(id); err != nil {
		return err
	}
	s, err := t.inst.Save(id)
	if err == nil {
		t.j.has(t, id, s)
	}
	return err
}

func (t *task) read() error {
	for {
		done, err := t.inst.Step()
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	t.j.ends()
	for {
		if err := t.inst.Rest(); err != nil {
			return err
		}
	}
}

func (t *task) take() error {
	ended := false
	if r, ok := t.inst.(*remote); ok {
		r.OnWake(t.in.poke)
		t.in.poke() // it may have ended before
	}
	for {
		if err := t.broken(); err != nil {
			return err
		}
		if !ended && t.inst.Ended() {
			ended = true
			t.j.ends()
		}
		n, ok := t.in.take(false, time.Time{}, false)
		if !ok {
			if err := t.inst.Quiet(); err != nil {
				return err
			}
			at, timed := t.inst.Due()
			n, _ = t.in.take(true, at, timed)
		}
		var err error
		switch {
		case n.over:
			return nil
		case n.frame != nil:
			err = t.inst.Take(n.frame)
			clear(n.frame) // a worker reads the next one into it: who keeps a part of it shows
		case n.barrier > 0:
			err = t.cut(n.barrier)
		case n.told > 0:
			err = t.inst.Complete(n.told)
		case n.due:
			err = t.inst.Tick()
		}
		if err != nil {
			return err
		}
	}
}

// broken returns why a worker is gone.
func (t *task) broken() error {
	r, ok := t.inst.(*remote)
	if !ok {
		return nil
	}
	return r.until(func() bool { return true })
}
