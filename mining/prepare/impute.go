package prepare

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// An Impute fills in missing values. It handles the first places of a vector, as Standard does; what is missing behind
// them stays missing. Known values pass as they are.
//
// It takes up to 24 bytes a place for the mean, 16 a place and value in the window for the median, and 20 a place and
// category for the most frequent. It allocates nothing for an event once it has seen the values that come.
type Impute struct {
	by       strategy
	indicate bool
	most     int
	constant float64
	means    []moments
	latest   []latest
	common   []tally
	n        int
	scratch  []float64 `binary:"-"`
}

type strategy uint8

const (
	byMean strategy = iota
	byMedian
	byConstant
	byCommon
)

// A Filling says what stands for what is missing.
type Filling struct {
	by       strategy
	most     int
	constant float64
}

// Mean fills in the mean of the values of the place: 0 before the first. It is the default.
func Mean() Filling { return Filling{by: byMean} }

// Median fills in the median of the last window values of the place: 0 before the first.
func Median(window int) Filling {
	if window < 1 {
		panic(fmt.Sprintf("prepare: Median: a window has 1 value or more, not %d", window))
	}
	return Filling{by: byMedian, most: window}
}

// Constant fills in v.
func Constant(v float64) Filling {
	if !mining.Known(v) {
		panic("prepare: Constant: the constant is itself missing")
	}
	return Filling{by: byConstant, constant: v}
}

// MostFrequent fills in the value of the place that came most often, of several the least: 0 before the first. It
// counts the first so many different values, and no others.
func MostFrequent(values int) Filling {
	if values < 1 {
		panic(fmt.Sprintf("prepare: MostFrequent: there is 1 value or more to count, not %d", values))
	}
	return Filling{by: byCommon, most: values}
}

type plainImpute Impute

var kindImpute = saved.As[plainImpute]("prepare.Impute", 1)

// NewImpute returns a step for vectors of n places. With indicate, n more places come out: n + p holds 1 where
// place p was missing, and 0 where it was not.
func NewImpute(n int, fill Filling, indicate bool) *Impute {
	places(n, "Impute")
	i := &Impute{by: fill.by, indicate: indicate, most: fill.most, constant: fill.constant, n: n}
	switch i.by {
	case byMean:
		i.means = make([]moments, n)
	case byMedian:
		i.latest = make([]latest, n)
	case byCommon:
		i.common = make([]tally, n)
	}
	return i
}

// Places returns n, and 2n with indicators.
func (i *Impute) Places() int {
	if i.indicate {
		return 2 * i.n
	}
	return i.n
}

// Learn learns the values of x. The label means nothing.
func (i *Impute) Learn(x mining.Vector, y float64) { i.LearnWeighted(x, y, 1) }

// LearnWeighted learns the values as if they came weight times; a median does not know weights, but that 0 is no
// event.
func (i *Impute) LearnWeighted(x mining.Vector, _, weight float64) {
	if weighed(weight, "Impute"); weight == 0 || i.by == byConstant {
		return
	}
	for p, v := range first(x, i.n, &i.scratch) {
		if !mining.Known(v) {
			continue
		}
		switch i.by {
		case byMean:
			i.means[p].add(v, weight)
		case byMedian:
			i.latest[p].add(v, i.most)
		case byCommon:
			i.common[p].add(v, weight, i.most)
		}
	}
}

// Fill returns what stands for what is missing at a place.
func (i *Impute) Fill(place int) float64 {
	switch i.by {
	case byMean:
		return i.means[place].mean
	case byMedian:
		return i.latest[place].quantile(0.5)
	case byConstant:
		return i.constant
	}
	return i.common[place].most()
}

// Fit forgets what was learnt, and learns a table.
func (i *Impute) Fit(t *mining.Table) error {
	fresh := NewImpute(i.n, Filling{i.by, i.most, i.constant}, i.indicate)
	if err := fit(fresh, t, "Impute"); err != nil {
		return err
	}
	*i = *fresh
	return nil
}

// Transform sets to to x without missing values at the first n places. With indicators it panics if x
// has others.
func (i *Impute) Transform(x mining.Vector, to *mining.Vector) {
	if i.indicate {
		x.Within(i.n, "prepare: Impute")
	}
	expand(x, i.n, to)
	for p := range i.n {
		v, miss := to.Value[p], 0.0
		if !mining.Known(v) {
			to.Value[p], miss = i.Fill(p), 1
		}
		if i.indicate {
			to.Value = append(to.Value, miss)
		}
	}
}

// Merge has i learn what o has learnt. It panics if they were made differently, and for medians: windows do not merge.
func (i *Impute) Merge(o *Impute) {
	if i.n != o.n || i.by != o.by || i.most != o.most || i.by == byMedian {
		panic("prepare: Impute: Merge: the other was made differently, or fills in medians")
	}
	for p := range i.means {
		i.means[p].merge(o.means[p])
	}
	for p := range i.common {
		i.common[p].merge(&o.common[p], i.most)
	}
}

// AppendBinary appends the step.
func (i *Impute) AppendBinary(b []byte) ([]byte, error) {
	return kindImpute.Append(b, (*plainImpute)(i))
}

// UnmarshalBinary restores what AppendBinary appended.
func (i *Impute) UnmarshalBinary(data []byte) error {
	return kindImpute.Read(data, (*plainImpute)(i), func(i *plainImpute) error {
		n := [...]int{byMean: len(i.means), byMedian: len(i.latest), byConstant: i.n, byCommon: len(i.common)}
		if i.by > byCommon || n[i.by] != i.n || len(i.means)+len(i.latest)+len(i.common) > i.n {
			return errors.New("its parts do not fit together")
		}
		if i.n < 1 {
			return errors.New("it has no places")
		}
		for p := range i.latest {
			if err := i.latest[p].check(i.most); err != nil {
				return err
			}
		}
		for p := range i.common {
			if err := i.common[p].check(i.most); err != nil {
				return err
			}
		}
		return nil
	})
}
