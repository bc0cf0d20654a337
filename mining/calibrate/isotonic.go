package calibrate

import (
	"errors"
	"slices"
	"sort"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// An Isotonic makes of a score what the function that never falls, and is nearest to the labels by squared
// distance, has there: between two scores on a line, and beyond them as at the last. Before Fit it is 0.
//
// Fit is by pooling adjacent violators: Ayer, Brunk, Ewing, Reid and Silverman, "An Empirical Distribution Function for
// Sampling with Incomplete Information", Ann. Math. Stat. 26(4), 1955; as calibration: Zadrozny and Elkan, "Transforming
// Classifier Scores into Accurate Multiclass Probability Estimates", KDD 2002. It takes time O(n log n), keeps at most two
// points a step of the function, and answers in O(log points).
type Isotonic struct {
	x, y []float64
}

type plainIsotonic Isotonic

var kindIsotonic = saved.As[plainIsotonic]("calibrate.Isotonic", 1)

// NewIsotonic returns one that is 0.
func NewIsotonic() *Isotonic { return new(Isotonic) }

// Fit fits the function. Labels are any numbers (beyond ±1e300 they count as that): of 0 and 1 it makes probabilities. Nil weights are 1 each. Events with the
// same score are one, with their mean label; those without a score or label are left out. After an error, f is as before.
func (f *Isotonic) Fit(scores, labels, weights []float64) error {
	s, y, w, err := pairs(scores, labels, weights, "Isotonic")
	if err != nil {
		return err
	}
	order := make([]int, len(s))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return s[order[i]] < s[order[j]] })
	// A block is a stretch of scores with one value. No block may be above the next.
	type block struct{ from, to, y, w float64 }
	var blocks []block
	for i := 0; i < len(order); {
		b := block{from: s[order[i]], to: s[order[i]]}
		for ; i < len(order) && s[order[i]] == b.from; i++ {
			k := order[i]
			b.w += w[k]
			b.y += (y[k] - b.y) * (w[k] / b.w)
		}
		for len(blocks) > 0 && blocks[len(blocks)-1].y >= b.y {
			last := blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			b.from = last.from
			b.w += last.w
			b.y += (last.y - b.y) * (last.w / b.w)
		}
		blocks = append(blocks, b)
	}
	f.x, f.y = nil, nil
	for _, b := range blocks { // within one, the ends suffice
		f.x, f.y = append(f.x, b.from), append(f.y, b.y)
		if b.to > b.from {
			f.x, f.y = append(f.x, b.to), append(f.y, b.y)
		}
	}
	return nil
}

// Value returns the function at a score: at its middle of a missing one.
func (f *Isotonic) Value(score float64) float64 {
	n := len(f.x)
	if n == 0 {
		return 0
	}
	if !mining.Known(score) {
		return f.y[0]/2 + f.y[n-1]/2
	}
	i, found := slices.BinarySearch(f.x, score)
	switch {
	case found:
		return f.y[i]
	case i == 0:
		return f.y[0]
	case i == n:
		return f.y[n-1]
	}
	// Halves, so that no difference is too large for a number.
	part := (score/2 - f.x[i-1]/2) / (f.x[i]/2 - f.x[i-1]/2)
	return f.y[i-1]*(1-part) + f.y[i]*part
}

// AppendBinary appends what was fitted.
func (f *Isotonic) AppendBinary(b []byte) ([]byte, error) {
	return kindIsotonic.Append(b, (*plainIsotonic)(f))
}

// UnmarshalBinary restores what AppendBinary appended.
func (f *Isotonic) UnmarshalBinary(data []byte) error {
	return kindIsotonic.Read(data, (*plainIsotonic)(f), func(f *plainIsotonic) error {
		if len(f.x) != len(f.y) || !slices.IsSorted(f.x) || !slices.IsSorted(f.y) {
			return errors.New("its points are not in order")
		}
		return nil
	})
}
