package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// A viewing is a View without its types: whose instances are asked, and how. What an instance answers by is a viewPart.
type viewing struct {
	mu    sync.Mutex
	of    *engine.Node
	first *engine.Instance // of the run that goes on; nil if none does
	all   []viewedInstance // nobody changes those of a run once all have begun
	begun int
	ended int
}

type viewedInstance struct {
	op   *engine.Instance
	part any
}

// running returns whom to ask.
func (v *viewing) running() ([]viewedInstance, error) {
	v.mu.Lock()
	of, all, begun := v.of, v.all, v.begun
	v.mu.Unlock()
	switch {
	case of == nil:
		return nil, errNoOperator
	case len(all) == 0 || begun < len(all):
		return nil, v.failed(ErrNotRunning)
	}
	return all, nil
}

// holder returns the instance that holds a key. Others may still be about to begin.
func (v *viewing) holder(hash uint64) (one viewedInstance, err error) {
	v.mu.Lock()
	of := v.of
	if n := len(v.all); n > 0 {
		one = v.all[state.ShardOf(hash, n)]
	}
	v.mu.Unlock()
	switch {
	case of == nil:
		return one, errNoOperator
	case one.op == nil:
		return one, v.failed(ErrNotRunning)
	}
	return one, nil
}

// ask has the instance that holds a key call look between two batches.
func (v *viewing) ask(ctx context.Context, hash uint64, look func(part any) error) error {
	one, err := v.holder(hash)
	if err != nil {
		return err
	}
	var failure error
	err = one.op.Do(ctx, func() { failure = look(one.part) })
	if err = errors.Join(err, failure); err != nil {
		return v.failed(err)
	}
	return nil
}

// askAll asks all instances, one after another: each has begin called in it, and more for each turn, between two batches of its
// own; give is called behind each, outside. It ends where give returns false.
func (v *viewing) askAll(ctx context.Context, begin func(part any) (turns int, more func(turn int) error), give func() bool) error {
	all, err := v.running()
	if err != nil {
		return err
	}
	for _, one := range all {
		var more func(int) error
		for turn, turns := 0, 1; turn < turns; turn++ {
			var failure error
			err := one.op.Do(ctx, func() {
				if turn == 0 {
					turns, more = begin(one.part)
				}
				failure = more(turn)
			})
			if err = errors.Join(err, failure); err != nil {
				return v.failed(err)
			}
			if !give() {
				return nil
			}
		}
	}
	return nil
}

func (v *viewing) failed(err error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.of == nil {
		return fmt.Errorf("stream: a View of no operator, see Expose: %w", err)
	}
	if errors.Is(err, engine.ErrStopped) {
		err = ErrNotRunning
	}
	return fmt.Errorf("stream: %s: view: %w", v.of.Name, err)
}

// add has an instance answer, which is about to begin.
func (v *viewing) add(op *engine.Instance, part any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !op.SameRun(v.first) {
		v.first, v.all = op, make([]viewedInstance, op.Count())
		v.begun, v.ended = 0, 0
	}
	if v.all[op.Index()].op == nil {
		v.begun++
	}
	v.all[op.Index()] = viewedInstance{op, part}
	op.OnClose(func() error {
		v.mu.Lock()
		defer v.mu.Unlock()
		if op.SameRun(v.first) {
			if v.ended++; v.ended == len(v.all) {
				v.first, v.all = nil, nil // what they held is freed
			}
		}
		return nil
	})
}

// claim notes whose state v shows.
func (v *viewing) claim(n *engine.Node) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.of != nil && v.of != n {
		panic(fmt.Sprintf("stream: %s and %s expose the same View", called(v.of), called(n)))
	}
	v.of = n
}

const exposesHere = "Expose shows what one process holds"
