package prepare

import (
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A OneHot makes of the category at one place a 1 at a place that the category has for itself. The first categories to
// come get a place each; all others, and what is missing, share one behind them. So what was never seen
// has a place, whose weight was learnt of the rare.
//
// Of vectors of n places, the value at the place of the category becomes 0, and places n, n+1, ... are those
// of the categories, in the order in which they came: the last of them is n + categories. A category is a
// number, as Category makes of a string.
//
// It takes 12 bytes a category. An event takes time O(log categories), and allocates nothing but for a
// category that is new.
type OneHot struct {
	n, place, most int
	seen           categories
}

type plainOneHot OneHot

var kindOneHot = saved.As[plainOneHot]("prepare.OneHot", 1)

// NewOneHot returns a step for vectors of n places with a category at place. So many categories
// get places of their own.
func NewOneHot(n, place, categories int) *OneHot {
	one(n, place, categories, "OneHot")
	return &OneHot{n: n, place: place, most: categories}
}

func one(n, place, categories int, who string) {
	places(n, who)
	if place < 0 || place >= n {
		panic(fmt.Sprintf("prepare: %s: place %d is none of the %d places", who, place, n))
	}
	if categories < 1 || categories > math.MaxInt32-n {
		panic(fmt.Sprintf("prepare: %s: no room for %d categories", who, categories))
	}
}

// Places returns n + categories + 1.
func (o *OneHot) Places() int { return o.n + o.most + 1 }

// Learn gives the category of x a place, if it is new and there is one. The label means nothing.
func (o *OneHot) Learn(x mining.Vector, y float64) { o.LearnWeighted(x, y, 1) }

// LearnWeighted is Learn. A weight means nothing, but that 0 is no event.
func (o *OneHot) LearnWeighted(x mining.Vector, _, weight float64) {
	if weighed(weight, "OneHot"); weight == 0 {
		return
	}
	if v := x.At(o.place); mining.Known(v) {
		o.seen.add(v, o.most)
	}
}

// Fit forgets what was learnt, and learns a table.
func (o *OneHot) Fit(t *mining.Table) error {
	fresh := NewOneHot(o.n, o.place, o.most)
	if err := fit(fresh, t, "OneHot"); err != nil {
		return err
	}
	*o = *fresh
	return nil
}

// Transform sets to to x with a 1 at the place of its category.
func (o *OneHot) Transform(x mining.Vector, to *mining.Vector) {
	x.Within(o.n, "prepare: OneHot")
	v, dense := x.At(o.place), len(x.Dense())
	to.Reset()
	to.Value = append(to.Value, x.Dense()...)
	if o.place < dense {
		to.Value[o.place] = 0
	}
	for i, v := range x.Sparse() {
		if p := int(x.Index[i]); p != o.place {
			to.Put(p, v)
		}
	}
	slot := o.most
	if mining.Known(v) {
		if s := o.seen.find(v); s >= 0 {
			slot = s
		}
	}
	to.Put(o.n+slot, 1)
}

// AppendBinary appends the step.
func (o *OneHot) AppendBinary(b []byte) ([]byte, error) {
	return kindOneHot.Append(b, (*plainOneHot)(o))
}

// UnmarshalBinary restores what AppendBinary appended.
func (o *OneHot) UnmarshalBinary(data []byte) error {
	return kindOneHot.Read(data, (*plainOneHot)(o), func(o *plainOneHot) error {
		if o.place < 0 || o.place >= o.n || o.most < 1 {
			return errors.New("it has no such place")
		}
		return o.seen.check(o.most)
	})
}
