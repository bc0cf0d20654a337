package panes

import "github.com/freshet-go/freshet/window"

// An Event is what is added to a store, as the store sees it. Fold makes the
// new accumulator of the old one.
type Event[K comparable, A any] struct {
	Hash uint64
	Key  K
	Slot uint32 // where Probe has found the key, if it has; 0 elsewhere
	Fold func(A) A
	Own  window.Window // the only one that it is in; zero where its time says that
}

// event is an Event without its types. Its methods change nothing if the
// aggregator panics: the event has not been there then.
type event interface {
	hash() uint64
	own() window.Window
	place(c cells) int  // the place of its key, or -1
	insert(c cells) int // adds its key, and the event to what New returns
	add(c cells, at int)
}

func (e *Event[K, A]) hash() uint64       { return e.Hash }
func (e *Event[K, A]) own() window.Window { return e.Own }

func (e *Event[K, A]) place(c cells) int {
	t := &c.(*Cells[K, A]).Table
	if i := e.Slot - 1; int(i) < t.Len() && t.Entries()[i].Key == e.Key {
		return int(i)
	}
	return t.Place(e.Hash, e.Key)
}

func (e *Event[K, A]) insert(c cells) int {
	to := c.(*Cells[K, A])
	acc := e.Fold(to.kind.New())
	at, _ := to.Table.Ensure(e.Hash, e.Key)
	*to.acc(at) = acc
	return at
}

func (e *Event[K, A]) add(c cells, at int) {
	acc := c.(*Cells[K, A]).acc(at)
	*acc = e.Fold(*acc)
}
