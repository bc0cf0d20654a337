package prepare

import (
	"errors"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A MinMax makes of each value where it stands between the least and the greatest of its place that came: (v - min) / (max -
// min). What is learnt lies between 0 and 1; other values lie outside. Where all values were the same, or none came, that is
// 0.
//
// It handles the first places of a vector, as Standard does. A missing value stays missing. It takes 24 bytes a
// place, and allocates nothing for an event.
type MinMax struct {
	at      []extent
	scratch []float64 `binary:"-"`
}

type extent struct {
	seen       bool
	least, top float64
}

type plainMinMax MinMax

var kindMinMax = saved.As[plainMinMax]("prepare.MinMax", 1)

// NewMinMax returns a step for the first n places.
func NewMinMax(n int) *MinMax {
	places(n, "MinMax")
	return &MinMax{at: make([]extent, n)}
}

// Places returns for how many places it was made.
func (m *MinMax) Places() int { return len(m.at) }

// Learn learns x. The label means nothing.
func (m *MinMax) Learn(x mining.Vector, y float64) { m.LearnWeighted(x, y, 1) }

// LearnWeighted learns x. A weight means nothing, but that 0 is no event.
func (m *MinMax) LearnWeighted(x mining.Vector, _, weight float64) {
	if weighed(weight, "MinMax"); weight == 0 {
		return
	}
	for p, v := range first(x, len(m.at), &m.scratch) {
		if mining.Known(v) {
			m.at[p].merge(extent{true, v, v})
		}
	}
}

func (e *extent) merge(o extent) {
	if !e.seen {
		*e = o
	} else if o.seen {
		e.least, e.top = min(e.least, o.least), max(e.top, o.top)
	}
}

// Fit forgets what was learnt, and learns a table.
func (m *MinMax) Fit(t *mining.Table) error {
	fresh := NewMinMax(len(m.at))
	if err := fit(fresh, t, "MinMax"); err != nil {
		return err
	}
	*m = *fresh
	return nil
}

// Transform sets to to the scaled values.
func (m *MinMax) Transform(x mining.Vector, to *mining.Vector) {
	expand(x, len(m.at), to)
	for p := range m.at {
		v, e := to.Value[p], &m.at[p]
		switch {
		case !mining.Known(v):
			v = mining.Missing
		case e.top > e.least:
			// Halves, so that no difference is too large for a number.
			v = bound((v/2 - e.least/2) / (e.top/2 - e.least/2))
			if !mining.Known(v) {
				v = 0
			}
		default:
			v = 0
		}
		to.Value[p] = v
	}
}

// Merge has m learn what o has learnt. It panics if they were made for different numbers of places.
func (m *MinMax) Merge(o *MinMax) {
	if len(m.at) != len(o.at) {
		panic("prepare: MinMax: Merge: the other has another number of places")
	}
	for p := range m.at {
		m.at[p].merge(o.at[p])
	}
}

// AppendBinary appends the step.
func (m *MinMax) AppendBinary(b []byte) ([]byte, error) {
	return kindMinMax.Append(b, (*plainMinMax)(m))
}

// UnmarshalBinary restores what AppendBinary appended.
func (m *MinMax) UnmarshalBinary(data []byte) error {
	return kindMinMax.Read(data, (*plainMinMax)(m), func(m *plainMinMax) error {
		if len(m.at) == 0 {
			return errors.New("it has no places")
		}
		return nil
	})
}
