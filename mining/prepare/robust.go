package prepare

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Robust makes of each value its distance from the median of its place, divided by the range between the quartiles: some
// values that are far off change nothing. Both are exact, of the last values that came. Where that range is 0, it
// is the distance alone; where no value came, the value is as it was.
//
// It handles the first places of a vector, as Standard does. A missing value stays missing. It takes 16 bytes a
// place and value in the window. An event takes time that grows with the window: some 0.1 µs a place for 1,000 values. It
// allocates nothing once the window is full.
type Robust struct {
	most    int
	at      []latest
	scratch []float64 `binary:"-"`
}

type plainRobust Robust

var kindRobust = saved.As[plainRobust]("prepare.Robust", 1)

// NewRobust returns a step for the first n places, which looks at the last window values of each. To look at a whole
// table, as scikit-learn does, give its length.
func NewRobust(n, window int) *Robust {
	places(n, "Robust")
	if window < 1 {
		panic(fmt.Sprintf("prepare: Robust: a window has 1 value or more, not %d", window))
	}
	return &Robust{most: window, at: make([]latest, n)}
}

// Places returns for how many places it was made.
func (r *Robust) Places() int { return len(r.at) }

// Learn learns x. The label means nothing.
func (r *Robust) Learn(x mining.Vector, y float64) { r.LearnWeighted(x, y, 1) }

// LearnWeighted learns x. A weight means nothing, but that 0 is no event.
func (r *Robust) LearnWeighted(x mining.Vector, _, weight float64) {
	if weighed(weight, "Robust"); weight == 0 {
		return
	}
	for p, v := range first(x, len(r.at), &r.scratch) {
		if mining.Known(v) {
			r.at[p].add(v, r.most)
		}
	}
}

// Fit forgets what was learnt, and learns a table.
func (r *Robust) Fit(t *mining.Table) error {
	fresh := NewRobust(len(r.at), r.most)
	if err := fit(fresh, t, "Robust"); err != nil {
		return err
	}
	*r = *fresh
	return nil
}

// Transform sets to to the scaled values.
func (r *Robust) Transform(x mining.Vector, to *mining.Vector) {
	expand(x, len(r.at), to)
	for p := range r.at {
		v := to.Value[p]
		if !mining.Known(v) {
			to.Value[p] = mining.Missing
			continue
		}
		l := &r.at[p]
		middle, low, high := l.quantile(0.5), l.quantile(0.25), l.quantile(0.75)
		// Halves, so that no difference is too large for a number.
		v, width := bound(v/2-middle/2), high/2-low/2
		if width == 0 {
			width = 0.5
		}
		if v = bound(v / width); !mining.Known(v) {
			v = 0
		}
		to.Value[p] = v
	}
}

// AppendBinary appends the step.
func (r *Robust) AppendBinary(b []byte) ([]byte, error) {
	return kindRobust.Append(b, (*plainRobust)(r))
}

// UnmarshalBinary restores what AppendBinary appended.
func (r *Robust) UnmarshalBinary(data []byte) error {
	return kindRobust.Read(data, (*plainRobust)(r), func(r *plainRobust) error {
		if len(r.at) == 0 || r.most < 1 {
			return errors.New("it has no places or no window")
		}
		for p := range r.at {
			if err := r.at[p].check(r.most); err != nil {
				return err
			}
		}
		return nil
	})
}
