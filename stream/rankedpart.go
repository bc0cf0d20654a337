package stream

import (
	"slices"

	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A rankedRow is a row with its result.
type rankedRow[K comparable, V, R any] struct {
	key   K
	val   V
	ranks over.Ranks // where columns need them
	res   R
	has   bool // it has a result
}

// A rankedPart is a partition: its rows in order.
type rankedPart[K comparable, V, R any] struct {
	rows  []*rankedRow[K, V, R]
	stale bool // the rows were restored: they are in no order and have no results yet

	// What the time at hand has done to it:
	mark      bool
	from, to  int // rows that came or changed are among these; where from == to rows have gone there
	came      int // rows that came, or went to another place
	went      int
	forgotten []*rankedRow[K, V, R] // rows that had results and have gone, or went to where none have one
}

// put puts a row into its place.
func (p *rankedPart[K, V, R]) put(at int, r *rankedRow[K, V, R]) {
	p.rows = slices.Insert(p.rows, at, r)
	p.opened(at)
}

// take takes out the row at a place.
func (p *rankedPart[K, V, R]) take(at int) {
	p.rows = slices.Delete(p.rows, at, at+1)
	p.closed(at)
}

// move puts a row elsewhere.
func (p *rankedPart[K, V, R]) move(from, to int) {
	r := p.rows[from]
	if from < to {
		copy(p.rows[from:to], p.rows[from+1:to+1])
	} else {
		copy(p.rows[to+1:from+1], p.rows[to:from])
	}
	p.rows[to] = r
	p.closed(from)
	p.opened(to)
}

// opened notes that a row has come to a place, and closed that one has gone from it.
func (p *rankedPart[K, V, R]) opened(at int) {
	if p.to > at {
		p.to++
	}
	p.from, p.to = min(p.from, at), max(p.to, at+1)
	p.came++
}

func (p *rankedPart[K, V, R]) closed(at int) {
	if p.to > at {
		p.to--
	}
	p.from, p.to = min(p.from, at), max(p.to, at)
	p.went++
}

// A rankedView is a partition as columns see it.
type rankedView[K comparable, V, R any] struct{ part *rankedPart[K, V, R] }

func (v *rankedView[K, V, R]) Len() int              { return len(v.part.rows) }
func (v *rankedView[K, V, R]) At(i int) *V           { return &v.part.rows[i].val }
func (v *rankedView[K, V, R]) Rank(i int) over.Ranks { return v.part.rows[i].ranks }
func (v *rankedView[K, V, R]) Position(i int) window.Position {
	return window.Position{Seq: uint64(i)}
}
