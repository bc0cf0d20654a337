package online

import "github.com/freshet-go/freshet/stream"

// versions are what an instance knows of models that replace those it has.
type versions struct {
	build func() model
	slot  slotted
	seen  *Release               // what the slot had last
	state *stream.State[Release] // the latest version that the instance has taken in
}

func newVersions(c *stream.OperatorContext, build func() model, slot slotted) versions {
	return versions{build: build, slot: slot, state: c.State("release", stream.ToEach(later))}
}

// look takes in what the slot has, between two batches.
func (v *versions) look() error {
	if v.slot == nil {
		return nil
	}
	r := v.slot.latest()
	if r == v.seen {
		return nil
	}
	if r.Version > v.state.At().Version {
		if err := new(cell).become(r, v.build); err != nil {
			return err
		}
		v.state.Put(*r)
	}
	v.seen = r
	return nil
}

// update replaces the model of a cell if there is a later one.
func (v *versions) update(c *cell) error {
	if r := v.state.At(); c.version < r.Version {
		return c.become(r, v.build)
	}
	return nil
}
