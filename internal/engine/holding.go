package engine

import (
	"fmt"

	"github.com/freshet-go/freshet/internal/state"
)

// Hold has h saved and restored with the task. Types that state is made of and
// that cannot be encoded are an error of runs with checkpoints, before anything
// has been read.
func (i *Instance) Hold(h state.Holder, coder state.Checker) {
	t := i.Place.task
	if len(i.holders) == 0 {
		t.holding = append(t.holding, i)
	}
	i.holders = append(i.holders, h)
	i.holds = append(i.holds, coder.Types())
	if err := coder.Check(); err != nil {
		i.unsavable(storable(coder.Types(), err))
	}
	if rt := i.Place.run; rt.Checkpointed() && i.first() {
		rt.holds(i.Node, coder.Types())
	}
}

// Savable returns why records of a coder cannot be saved; nil if they can be. It is for
// what is held from the run's start on, by operators of the caller's own.
func (i *Instance) Savable(coder state.Checker) error {
	if err := coder.Check(); err != nil {
		return fmt.Errorf("cannot be saved in a checkpoint: %w", storable(coder.Types(), err))
	}
	return nil
}

// unsavable says why the operator cannot be part of a run with checkpoints.
func (i *Instance) unsavable(cause error) {
	rt := i.Place.run
	if i.first() {
		rt.unsaved = append(rt.unsaved, fmt.Errorf("stream: %s cannot be saved in a checkpoint: %w", i.Node.Name, cause))
	}
}

// save copies the state of all holders. The function that it returns encodes
// what can be encoded later; another goroutine may call it.
func (i *Instance) save() (encode func() (*state.Saving, error), err error) {
	parts := make([]*state.Saving, len(i.holders))
	for k, h := range i.holders {
		parts[k] = &state.Saving{}
		if err := h.Save(parts[k]); err != nil {
			return nil, err
		}
		if parts[k].Err != nil {
			return nil, parts[k].Err
		}
	}
	return func() (*state.Saving, error) {
		for _, p := range parts {
			err := Apart(func() error { // the types may encode themselves
				for _, encode := range p.Later {
					encode()
				}
				return p.Err
			})
			if err != nil {
				return nil, i.Failure(fmt.Errorf("save the state: %w", err))
			}
		}
		all, err := state.Join(parts)
		if err != nil {
			return nil, i.Failure(fmt.Errorf("save the state: %w", err))
		}
		return all, nil
	}, nil
}

// restore gives each holder its part of r.
func (i *Instance) restore(r *state.Restoring) error {
	parts, err := r.Parts(len(i.holders))
	if err != nil {
		return err
	}
	if len(parts) > len(i.holders) {
		return fmt.Errorf("it has %d parts, and the operator %d: it is set to something else than it was; see DropState", len(parts), len(i.holders))
	}
	for k, h := range i.holders {
		if err := h.Restore(parts[k]); err != nil {
			return err
		}
	}
	return nil
}
