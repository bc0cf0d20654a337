package stream

import (
	"errors"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// What a checkpoint has of watermarks.

// A keptPartition is how far a partition has come, as it is saved.
type keptPartition struct {
	Source    string `binary:"1"`
	Partition string `binary:"2"`
	High      Time   `binary:"3"`
	Watermark Time   `binary:"4"`
	Timed     bool   `binary:"5"` // the events had other times before
}

func (e *watermarks) Save(s *state.Saving) (err error) {
	for i, p := range e.parts {
		k := keptPartition{High: p.high, Watermark: p.watermark, Timed: !e.heartbeats}
		if of := e.partition(i); of != nil {
			k.Source, k.Partition = of.Source, of.Name
		}
		err = errors.Join(err, e.coder.Put(s.Rest(), k))
	}
	if !e.op.Roams() && !e.told {
		return err
	}
	for of, k := range e.left {
		if of.Released() { // a durable checkpoint has it, and later ones do not have its offset
			delete(e.left, of)
			continue
		}
		err = errors.Join(err, e.coder.Put(s.Rest(), k))
	}
	if e.op.Index() > 0 {
		return err
	}
	for _, k := range e.known { // of partitions that have not come in this run
		if e.op.Absent(k.Source, k.Partition) {
			err = errors.Join(err, e.coder.Put(s.Rest(), k))
		}
	}
	return err
}

// keepLeft notes how far a partition has come that leaves.
func (e *watermarks) keepLeft(of *engine.Partition, p partTime) {
	if !e.op.Checkpointed() {
		return
	}
	if e.left == nil {
		e.left = map[*engine.Partition]keptPartition{}
	}
	e.left[of] = keptPartition{of.Source, of.Name, p.high, p.watermark, !e.heartbeats}
}

// partition returns the one whose time parts has at i, or nil where they are mixed.
func (e *watermarks) partition(i int) *engine.Partition {
	switch {
	case e.mixed:
		return nil
	case e.told && i < len(e.remotes):
		return e.remotes[i].of
	case !e.told && i < len(e.op.Partitions()):
		return e.op.Partitions()[i]
	}
	return nil
}

// Restore gives the partitions of the task their watermarks. Behind an
// exchange there are none: what the instances there had is one stream, which
// is as far as the one that was furthest behind.
func (e *watermarks) Restore(r *state.Restoring) error {
	e.known = map[[2]string]keptPartition{}
	err := e.coder.EachWhole(r, func(k keptPartition) {
		e.past = max(e.past, k.Watermark)
		id := [2]string{k.Source, k.Partition}
		if old, ok := e.known[id]; !ok || k.Watermark < old.Watermark {
			e.known[id] = k
		}
	})
	for i := range e.parts {
		e.resume(&e.parts[i], e.partition(i))
	}
	return err
}

// resume gives a partition the watermark that the checkpoint has of it.
func (e *watermarks) resume(p *partTime, of *engine.Partition) {
	var id [2]string
	if of != nil {
		id = [2]string{of.Source, of.Name}
	}
	if of != nil && !e.told {
		p.done = of.Resting
	}
	k, ok := e.known[id]
	if !ok { // they were mixed, and counted as one
		k, ok = e.known[[2]string{}]
	}
	if !ok {
		return
	}
	p.high, p.watermark = max(k.High, k.Watermark.Add(e.disorder)), k.Watermark
	e.high = max(e.high, k.Watermark)
	e.heartbeats = e.heartbeats && !k.Timed
	if of != nil && !e.told {
		of.Front = k.Watermark
	}
}
