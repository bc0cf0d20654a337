package sketch

import (
	"math"
	"slices"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/store"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// Values counts values in bins that grow by a factor, (1+a)/(1-a), so that a quantile is off by at most the share a of the value, 1 % by default, whatever the
// distribution. Parts merge to exactly the whole.
//
// Memory is 8 bytes for each bin between the least and the greatest value, of positive and of negative ones: 115 of a factor of ten, and 2048 of each sign at most. If the greatest of a sign
// is 10^17 times the least, the least ones share a bin, and the bound does not hold for them. Add takes O(1) time. A value beyond ±1e300 counts as ±1e300, one
// nearer to 0 than 1e-300 as 0. The least and the greatest value are exact.
//
// It is the DDSketch of DataDog.
//
// Source: Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", PVLDB 12, 2019.
type Values struct {
	accuracy  float64
	bins      int
	low, high float64
	bytes     []byte             // of the sketch, while it is saved
	sketch    *ddsketch.DDSketch `binary:"-"`
}

type plainValues Values

var kindValues = saved.As[plainValues]("sketch.Values", 1)

// NewValues returns the summary of nothing. Options: Accuracy, 0.01, between 0.0001 and 0.5; Bins, 2048, between 16 and 1048576.
func NewValues(opts ...Option) *Values {
	v := &Values{accuracy: 0.01, bins: 2048}
	for _, o := range opts {
		switch o.key {
		case accuracy:
			v.accuracy = o.value
		case bins:
			v.bins = int(o.value)
		default:
			o.refuse("NewValues")
		}
	}
	need(v.sound(), "NewValues: Accuracy is between 0.0001 and 0.5, Bins between 16 and 1048576: %v, %v", v.accuracy, v.bins)
	v.sketch = must(ddsketch.LogCollapsingLowestDenseDDSketch(v.accuracy, v.bins))
	return v
}

func (v *Values) sound() bool {
	return v.accuracy >= 0.0001 && v.accuracy <= 0.5 && v.bins >= 16 && v.bins <= 1<<20 && mining.Known(v.low) && mining.Known(v.high)
}

// Add adds a value.
func (v *Values) Add(x float64) {
	if !mining.Known(x) {
		return
	}
	if v.sketch.IsEmpty() {
		v.low, v.high = x, x
	}
	v.low, v.high = min(v.low, x), max(v.high, x)
	x = min(1e300, max(-1e300, x))
	if math.Abs(x) < 1e-300 {
		x = 0
	}
	if err := v.sketch.Add(x); err != nil {
		panic(err) // it can hold what is between ±1e300
	}
}

// N returns how many values were added.
func (v *Values) N() int64 { return int64(v.sketch.GetCount()) }

// Quantile returns the value of rank ⌊q·(n-1)⌋, counted from 0, for q between 0 and 1: NaN of nothing.
func (v *Values) Quantile(q float64) float64 {
	need(q >= 0 && q <= 1, "Values.Quantile: between 0 and 1, not %v", q)
	n := v.sketch.GetCount()
	if n == 0 {
		return math.NaN()
	}
	rank := math.Floor(q * (n - 1))
	switch rank {
	case 0:
		return v.low
	case n - 1:
		return v.high
	}
	// The library rounds a rank down among values that are not negative, and up among those that are. A quarter
	// keeps it from rounding to another one.
	if rank < v.sketch.GetNegativeValueStore().TotalCount() {
		rank -= 0.25
	} else {
		rank += 0.25
	}
	return min(v.high, max(v.low, must(v.sketch.GetValueAtQuantile(rank/(n-1)))))
}

// Merge adds the values of another summary. It panics if that has another accuracy or number of bins.
func (v *Values) Merge(other *Values) {
	need(v.accuracy == other.accuracy && v.bins == other.bins, "Values.Merge: accuracy %v, %d bins into %v, %d", other.accuracy, other.bins, v.accuracy, v.bins)
	if other.sketch.IsEmpty() {
		return
	}
	if v.sketch.IsEmpty() {
		v.low, v.high = other.low, other.high
	}
	v.low, v.high = min(v.low, other.low), max(v.high, other.high)
	if err := v.sketch.MergeWith(other.sketch); err != nil {
		panic(err) // both have the same bins
	}
}

// AppendBinary appends the summary.
func (v *Values) AppendBinary(b []byte) ([]byte, error) {
	p := plainValues(*v)
	v.sketch.Encode(&p.bytes, true)
	return kindValues.Append(b, &p)
}

// UnmarshalBinary replaces the summary.
func (v *Values) UnmarshalBinary(data []byte) error {
	return kindValues.Read(data, (*plainValues)(v), func(p *plainValues) (err error) {
		defer guard(&err)
		if !(*Values)(p).sound() {
			return errBroken
		}
		empty := must(ddsketch.LogCollapsingLowestDenseDDSketch(p.accuracy, p.bins))
		provider := func() store.Store { return store.NewCollapsingLowestDenseStore(p.bins) }
		if p.sketch, err = ddsketch.DecodeDDSketch(p.bytes, provider, empty.IndexMapping); err != nil {
			return err
		}
		p.bytes = nil
		if n := p.sketch.GetCount(); !(n >= 0 && n < 1<<53) || p.low > p.high {
			return errBroken
		}
		return nil
	})
}

// Quantiles returns the values of quantiles between 0 and 1, each within 1 % of the true one: see [Values]. Options come by [QuantilesWith].
func Quantiles[T any](of func(T) float64, quantiles ...float64) window.Aggregator[T, *Values, []float64] {
	return QuantilesWith(of, quantiles)
}

// QuantilesWith is [Quantiles] with the options of [NewValues].
func QuantilesWith[T any](of func(T) float64, quantiles []float64, opts ...Option) window.Aggregator[T, *Values, []float64] {
	need(of != nil, "Quantiles: the function of is nil")
	v := NewValues(opts...)
	for _, q := range quantiles {
		v.Quantile(q)
	}
	return atQuantiles[T]{of, slices.Clone(quantiles), opts}
}

type atQuantiles[T any] struct {
	of        func(T) float64
	quantiles []float64
	opts      []Option
}

func (a atQuantiles[T]) New() *Values                 { return NewValues(a.opts...) }
func (a atQuantiles[T]) Add(acc *Values, v T) *Values { acc.Add(a.of(v)); return acc }
func (a atQuantiles[T]) Merge(x, y *Values) *Values   { x.Merge(y); return x }

func (a atQuantiles[T]) Result(acc *Values) []float64 {
	values := make([]float64, len(a.quantiles))
	for i, q := range a.quantiles {
		values[i] = acc.Quantile(q)
	}
	return values
}
