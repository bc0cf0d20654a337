package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/internal/timer"
)

// A WindowKey is the key of a row that a window's panes make: see PaneTable. The window is [Start, End).
type WindowKey[K comparable] struct {
	Key   K    `json:"key" csv:"key"`
	Start Time `json:"start" csv:"start"`
	End   Time `json:"end" csv:"end"`
}

// PaneTable makes a table of panes: each window of each key has a row, its last pane's value. A pane that comes before
// the window's end or late changes the row, and a session that has grown or that several have become takes
// the rows of those away: what aggregates of the table have counted of them is taken back.
//
// A row is there from the time of its pane on. What an early pane or a late one says is known, and so is true, only later than
// that or earlier: its change has the watermark as its time. So what the table is at a time depends, as panes
// do, on how far the watermark is when events come; what it is in the end does not.
//
// It holds a row for each window that has had a pane, and the panes that the watermark has not passed. With TimeToLive a row is deleted
// that long after its latest change. Panes of windows that discard hold a part of the window each, of which the last one would stay: they are for other
// operators.
func PaneTable[K comparable, R any](panes Stream[Pane[K, R]], opts ...Option) Table[WindowKey[K], R] {
	started(panes.out != nil, "PaneTable", "Stream")
	keyed := panes.FlatMap(changesOfPane[K, R]).KeyBy(func(c paneChange[K, R]) WindowKey[K] { return c.Window })
	return heldBy[WindowKey[K], paneChange[K, R], R, R](keyed, "panetable", opts, paneRule[K, R]{},
		func(s *sorter[WindowKey[K], paneChange[K, R]]) keyedReceiver[WindowKey[K], paneChange[K, R]] {
			return &arriving[WindowKey[K], paneChange[K, R]]{sorter: s, early: func(c *paneChange[K, R]) bool { return c.Early }}
		})
}

// A paneChange is what a pane does to the row of a window: its own, or one that it replaces.
type paneChange[K comparable, R any] struct {
	Window WindowKey[K] `binary:"1"`
	Early  bool         `binary:"2"`
	Gone   bool         `binary:"3"`
	Value  R            `binary:"4"`
}

func changesOfPane[K comparable, R any](p Pane[K, R], emit func(paneChange[K, R])) {
	early := p.Timing == Early
	for _, w := range p.Replaces {
		emit(paneChange[K, R]{Window: WindowKey[K]{p.Key, engine.Clamp(w.Start), engine.Clamp(w.End)}, Early: early, Gone: true})
	}
	emit(paneChange[K, R]{Window: WindowKey[K]{p.Key, engine.Clamp(p.Start), engine.Clamp(p.End)}, Early: early, Value: p.Value})
}

type paneRule[K comparable, R any] struct{}

func (paneRule[K, R]) apply(s *R, _ bool, b *Batch[paneChange[K, R]], row int) (bool, error) {
	*s = b.values[row].Value
	return !b.values[row].Gone, nil
}

func (paneRule[K, R]) value(s *R) R { return *s }

func (r paneRule[K, R]) alone(c *Change[R], s *R, is bool, b *Batch[paneChange[K, R]], row int, step *loneStep) (bool, error) {
	return changed(r, c, s, is, b, row, step)
}

// An arriving operator takes events in the order in which they come, and none too late: one that is early or behind the
// watermark has that as its time. No event of a key comes before one that came sooner and waits: of a pane that takes the place
// of one that the watermark has not passed here, its time would else be the earlier one.
type arriving[K comparable, T any] struct {
	*sorter[K, T]
	early   func(*T) bool
	begun   bool
	last    uint64               // the place of the latest event
	waiting table.Table[K, Time] // the latest time of those of a key that wait; also of some that wait no more
	in      KeyedBatch[K, T]
	times   []Time
	seqs    []uint64
}

func (a *arriving[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	if !a.begun { // behind those of a checkpoint
		a.begun = true
		a.held.Each(func(x timer.Item[heldEvent[K, T]]) {
			a.last = max(a.last, x.Seq)
			a.follow(x.Val.hash, x.Val.key, Time(x.Due))
		})
	}
	a.tidy()
	a.in = *b
	a.times, a.seqs = sized(a.times, len(b.values)), sized(a.seqs, len(b.values))
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		t := max(b.head.times[row], a.now)
		if a.early(&b.values[row]) {
			t = max(a.now, beforeAll) // also before the first watermark: what comes later has one
		}
		a.last++
		a.times[row], a.seqs[row] = a.follow(b.hashes[row], b.keys[row], t), a.last
	}
	a.in.head.times, a.in.head.seqs, a.in.head.late, a.in.head.bounded = a.times, a.seqs, nil, false
	return a.sorter.pushKeyed(&a.in)
}

// follow returns the time of an event of a key: t, or that of the latest one of the key which waits.
func (a *arriving[K, T]) follow[_ lazily](hash uint64, key K, t Time) Time {
	latest, fresh := a.waiting.At(hash, key)
	if fresh || *latest < t {
		*latest = t
	}
	return *latest
}

// tidy forgets keys of which nothing waits, once they are as many as those of which something may.
func (a *arriving[K, T]) tidy[_ lazily]() {
	if a.waiting.Len() <= 2*(a.line.at.len()+a.held.Len())+64 {
		return
	}
	for at := a.waiting.Len() - 1; at >= 0; at-- {
		if a.waiting.Entries()[at].Val <= a.now {
			a.waiting.DeleteAt(at)
		}
	}
}
