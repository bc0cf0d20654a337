package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
)

// senders are lanes with the batches that they fill.
type senders[P batched] struct {
	lanes   *engine.Lanes
	filling []P // of each lane, while the lane has something next
	to      []func(P) error
	fresh   func() P
	turn    int  // the lane whose turn it is, where they take turns
	begun   bool // it has been given a batch
}

// count returns the number of lanes.
func (s *senders[P]) count[_ lazily]() int { return len(s.filling) }

// inTurn returns the batch to put rows into where lanes take turns. A lane's turn ends with its batch, be it
// sent because it is full or because there is nothing to do for now.
func (s *senders[P]) inTurn() P {
	if s.begun && !s.lanes.Filling(s.turn) {
		s.turn = (s.turn + 1) % len(s.filling)
	}
	s.begun = true
	return s.fill(s.turn)
}

// fill returns the batch to put rows into that are for a lane.
func (s *senders[P]) fill[_ lazily](lane int) P {
	if !s.lanes.Filling(lane) {
		s.begin(lane)
	}
	return s.filling[lane]
}

// begin has a lane fill an envelope that is empty.
func (s *senders[P]) begin[_ lazily](lane int) {
	p := s.lanes.Begin(lane, func(home chan engine.Parcel) engine.Parcel {
		return &envelope[P]{batch: s.fresh(), to: s.to[lane], home: home}
	})
	s.filling[lane] = p.(*envelope[P]).batch
}

// ship sends on what a lane has been filled with, if anything.
func (s *senders[P]) ship[_ lazily](lane int) error { return s.lanes.Ship(lane) }

func (s *senders[P]) Control(c engine.Control) error { return s.lanes.Control(c) }

// An entrance is how batches of one stream come into the stage that node n
// begins: one port a task, made when the first sender asks.
type entrance[P batched] struct {
	ports []*engine.Port
	to    []func(P) error
	fresh func() P
}

// enter returns the entrance for an input of n, which begins the stage, with
// build making what stands behind the port of one task, and fresh a batch.
func enter[P batched](pl *engine.Place, n *engine.Node, input int, fresh func() P, build func(*engine.Place) (func(P) error, func(engine.Control) error)) *entrance[P] {
	made, known := pl.Entrance(n, input, func() any { return &entrance[P]{fresh: fresh} })
	e := made.(*entrance[P])
	if known {
		return e
	}
	for _, pl := range pl.Stage(n) {
		if pl.Hollow() {
			e.ports, e.to = append(e.ports, pl.HollowPort(n, input)), append(e.to, nil)
			continue
		}
		to, ctl := build(pl)
		if pl.Follows() {
			to = following(pl, n, to)
		}
		e.ports = append(e.ports, pl.Port(n, input, ctl))
		e.to = append(e.to, to)
	}
	if pl.Foreign() {
		w, err := wireOf(reflect.TypeFor[P]())
		pl.Crosses(n, input, w, err, func(to int) engine.Parcel { return &envelope[P]{batch: fresh(), to: e.to[to]} })
	}
	return e
}

// following tells observers of the batches that are followed into the stage that n begins.
func following[P batched](pl *engine.Place, n *engine.Node, to func(P) error) func(P) error {
	return func(b P) error {
		end := pl.Enters(n, b.readAt(), b.Len())
		err := to(b)
		end(err)
		return err
	}
}

// senders opens one lane to each task of the stage.
func (e *entrance[P]) senders[_ lazily](pl *engine.Place) *senders[P] {
	return &senders[P]{lanes: pl.Lanes(e.ports, -1), filling: make([]P, len(e.ports)), to: e.to, fresh: e.fresh}
}

// sender opens a lane to one task only.
func (e *entrance[P]) sender[_ lazily](pl *engine.Place, task int) *senders[P] {
	return &senders[P]{lanes: pl.Lanes(e.ports, task), filling: make([]P, 1), to: e.to[task : task+1], fresh: e.fresh}
}

// takes reports whether rows of b can be added: those with and without event
// times do not go together.
func (to *Batch[T]) takes[_ lazily](b *Batch[T]) bool {
	return len(to.values) == 0 || (to.head.times == nil) == (b.head.times == nil)
}

// add copies a row of b to the end of the batch, which takes it.
func (to *Batch[T]) add[_ lazily](b *Batch[T], row int, cursor *int) {
	to.head.copyRow(len(to.values), &b.head, row, cursor)
	to.values = append(to.values, b.values[row])
}

// take adds a value that takes the place of a row of another batch.
func (to *Batch[T]) take[_ lazily](v T, from *header, row int, cursor *int) {
	to.head.copyRow(len(to.values), from, row, cursor)
	to.head.part = from.part
	to.values = append(to.values, v)
}

// empty makes the batch one of no rows, and keeps its memory.
func (to *Batch[T]) empty[_ lazily]() {
	to.head, to.values = to.head.emptied(), to.values[:0]
}

// A forwarder sends batches on as they are, to one lane or to each in turn: between stages that need no key.
type forwarder[T any] struct {
	senders *senders[*Batch[T]]
	size    int
	apart   bool // a batch holds events of one partition: somebody behind it asks which
}

func (f *forwarder[T]) push(b *Batch[T]) error {
	to := f.senders.inTurn()
	for k, n, cursor := 0, b.Len(), 0; k < n; k++ {
		if len(to.values) > 0 && (len(to.values) >= f.size || !to.takes(b) || f.apart && to.head.part != b.head.part) {
			if err := f.senders.ship(f.senders.turn); err != nil {
				return err
			}
			to = f.senders.inTurn()
		}
		if f.apart {
			to.head.part = b.head.part
		}
		to.add(b, b.head.at(k), &cursor)
	}
	return nil
}

func (f *forwarder[T]) Control(c engine.Control) error { return f.senders.Control(c) }

// forward makes the receiver that takes a stream into the stage that n begins.
func forward[T any](pl *engine.Place, n *engine.Node, input int, round bool, build func(*engine.Place) receiver[T]) receiver[T] {
	fresh := func() *Batch[T] { return new(Batch[T]) }
	e := enter(pl, n, input, fresh, func(pl *engine.Place) (func(*Batch[T]) error, func(engine.Control) error) {
		r := build(pl)
		return func(b *Batch[T]) error {
			err := r.push(b)
			b.empty()
			return err
		}, r.Control
	})
	f := &forwarder[T]{size: pl.BatchSize(), apart: pl.Tracks(n)}
	if round {
		f.senders = e.senders(pl)
		f.senders.turn = pl.Index % len(e.ports)
	} else {
		f.senders = e.sender(pl, pl.Index%len(e.ports))
	}
	return f
}
