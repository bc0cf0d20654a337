package engine

import (
	"slices"

	"github.com/freshet-go/freshet/internal/delta"
	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/state"
)

type pieceKey struct {
	operator        string
	group, instance int
}

// A writtenPiece is a piece of the last checkpoint, and its bytes.
type writtenPiece struct {
	keeper.Piece
	chain delta.Chain
}

// put puts in where lies what was written of the piece.
func (w *writtenPiece) put(p keeper.Piece) {
	n := w.chain.Patches()
	if n == 0 {
		w.Piece = p
		return
	}
	w.Patches = append(slices.Clip(w.Patches[:n-1]), p.Place())
}

// A writing is one checkpoint on its way into the store.
type writing struct {
	c         *coordination
	id        int64
	operators map[string]*keeper.Operator
	pieces    map[pieceKey]writtenPiece // of which the checkpoint consists; c.before stays as it is, as it may yet be given up
	bytes     int64                     // written

	blobs []keeper.Blob // of the task at hand, that are not as they were
	keys  []pieceKey    // what they are of
}

// write writes what has been collected, and returns how many bytes of state
// that were, and how many there are in all.
func (c *coordination) write(id int64, w wish) (written, bytes int64, err error) {
	m := &keeper.Manifest{
		ID: id, Run: c.r.id, Taken: c.r.Now(), Savepoint: w.savepoint, Final: w.final,
		Groups: state.Groups, Shards: c.r.Shards, Indices: c.r.numbers.given(), Dropped: slices.Concat(c.r.droppedBefore, c.r.Dropped),
	}
	x := writing{c: c, id: id, operators: map[string]*keeper.Operator{}, pieces: map[pieceKey]writtenPiece{}}
	for _, t := range c.r.tasks {
		for _, s := range c.states[t].sources {
			m.Sources = append(m.Sources, s.Source)
		}
	}
	if err := x.writeStates(c.r.tasks); err != nil {
		return 0, 0, err
	}
	sizes := map[string]int64{}
	for _, n := range c.r.Plan.Nodes {
		if o := x.operators[n.Name]; o != nil {
			if !slices.ContainsFunc(o.Instances, func(wm int64) bool { return wm > o.Watermark }) {
				o.Instances = nil
			}
			m.Operators = append(m.Operators, *o)
			sizes[n.Name] = o.Bytes()
			bytes += o.Bytes()
		}
	}
	if err := c.noteTransactions(id, m); err != nil {
		return 0, 0, err
	}
	if err := c.keeper.Commit(m); err != nil {
		return 0, 0, err
	}
	c.before = x.pieces
	c.note(func(*checkpointStats) { c.sizes = sizes })
	return x.bytes, bytes, nil
}

// writeStates writes the states of all tasks, each task's in a part of its own.
func (x *writing) writeStates(tasks []*task) error {
	var states []operatorState
	for _, t := range tasks {
		states = append(states, x.c.states[t].operators...)
	}
	part := 0
	for s := range encoded(states, encoders(), x.compare) {
		if s.err != nil {
			return s.err
		}
		for ; tasks[part] != s.of.op.Place.task; part++ {
			if err := x.flush(part); err != nil {
				return err
			}
		}
		x.add(s)
	}
	return x.flush(part)
}

// A changedPiece is a piece of an instance's state, and what has to be written of it: nil if it is as it was.
type changedPiece struct {
	key   pieceKey
	is    writtenPiece
	write []byte
}

// compare returns the pieces of an instance's state. Several goroutines call it at once, each for other pieces.
func (x *writing) compare(of operatorState, s *state.Saving) []changedPiece {
	var deltas delta.Writer
	var pieces []changedPiece
	put := func(group, instance int, data []byte) {
		if len(data) == 0 {
			return
		}
		p := changedPiece{key: pieceKey{of.op.Node.Name, group, instance}}
		p.is = x.c.before[p.key]
		p.is.chain, p.write = deltas.Next(p.is.chain, x.id+int64(group+1+instance), data, s.Kept)
		pieces = append(pieces, p)
	}
	for g, data := range s.Groups {
		put(g, 0, data)
	}
	put(keeper.Whole, of.op.Place.Index, s.Whole)
	return pieces
}

// add adds the state of an instance: pieces that are as they were as they lie in the store, and others as something to write.
func (x *writing) add(s encodedState) {
	to := x.operator(s.of)
	to.Keys += s.saved.Keys
	to.Watermark = min(to.Watermark, int64(s.of.watermark))
	for _, p := range s.pieces {
		x.pieces[p.key] = p.is
		if p.write == nil {
			to.Pieces = append(to.Pieces, p.is.Piece)
			continue
		}
		x.blobs = append(x.blobs, keeper.Blob{Group: p.key.group, Instance: p.key.instance, Data: p.write})
		x.keys = append(x.keys, p.key)
		x.bytes += int64(len(p.write))
	}
}

// operator returns what the manifest says of the operator of an instance.
func (x *writing) operator(o operatorState) *keeper.Operator {
	n := o.op.Node
	to := x.operators[n.Name]
	if to == nil {
		to = &keeper.Operator{Name: n.Name, Kind: n.Kind, Watermark: int64(o.watermark), Settings: x.c.r.settings(n)}
		if n.Keyed {
			to.Instances = make([]int64, o.op.Place.count)
		}
		x.operators[n.Name] = to
	}
	if n.Keyed {
		to.Instances[o.op.Place.Index] = int64(o.watermark)
	}
	return to
}

// flush writes what a task has that is not as it was.
func (x *writing) flush(part int) error {
	places, err := x.c.keeper.Write(x.id, part, state.Version, x.blobs)
	if err != nil {
		return err
	}
	for i, p := range places {
		key := x.keys[i]
		w := x.pieces[key]
		w.put(p)
		x.pieces[key] = w
		to := x.operators[key.operator]
		to.Pieces = append(to.Pieces, w.Piece)
	}
	x.blobs, x.keys = nil, nil
	return nil
}
