package sketch_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/sketch"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

func same[T any](v T) T { return v }

func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) })
}

// TestLaws are those of every aggregator, with results that are equal to the last bit: parts are as small as a failure can be
// read, and TestShards has great ones.
func TestLaws(t *testing.T) {
	words := []string{"a", "b", "", "c", "dd", "a", "eee", "x", "y", "z"}
	numbers := []float64{3, -1, 4, 1, -5, 9, 2, 6, 0, 1e9, math.NaN(), math.Inf(1)}
	windowtest.Laws(t, sketch.Distinct(same[string]), words, nil)
	windowtest.Laws(t, sketch.Distinct(same[string], sketch.Precision(4)), words, nil)
	windowtest.Laws(t, sketch.Set(same[string]), words, func(a, b *sketch.Theta) bool {
		return a.Estimate() == b.Estimate() && a.Jaccard(b).Value == b.Jaccard(a).Value
	})
	windowtest.Laws(t, sketch.Set(func(i int) int { return i }, sketch.Nominal(16)), ints(100), func(a, b *sketch.Theta) bool { return reflect.DeepEqual(a, b) })
	windowtest.Laws(t, sketch.TopK(same[string], 3), words, nil)
	windowtest.Laws(t, sketch.Frequency(same[string], sketch.Width(3)), words, func(a, b *sketch.CountMin) bool { return reflect.DeepEqual(a, b) })
	windowtest.Laws(t, sketch.Membership(same[string], 5, 0.1), words, func(a, b *sketch.Bloom) bool { return reflect.DeepEqual(a, b) })
	windowtest.Laws(t, sketch.Quantiles(same[float64], 0, 0.3, 0.5, 1), numbers, near)
	windowtest.Laws(t, sketch.QuantilesWith(same[float64], []float64{0.1, 0.9}, sketch.Bins(16)), numbers, near)
	windowtest.Laws(t, sketch.Ranks(same[float64], []float64{0, 0.5, 1}), numbers, near)
	windowtest.Laws(t, sketch.Sample[string](3), words, nil)
	windowtest.Laws(t, sketch.SampleBy(same[float64], 3), numbers, nil)
	windowtest.Laws(t, sketch.SampleRecent[string](time.Nanosecond, 3), words, nil)
}

func ints(n int) []int {
	x := make([]int, n)
	for i := range x {
		x[i] = i
	}
	return x
}

// deal adds values to so many shards by chance and merges these.
func deal[T, A, R any](agg window.Aggregator[T, A, R], values []T, shards int, seed uint64) A {
	r, accs := rand.New(rand.NewPCG(seed, 1)), make([]A, shards)
	for i := range accs {
		accs[i] = agg.New()
	}
	stamped, _ := agg.(window.Stamped[T, A])
	for i, v := range values {
		s := r.IntN(shards)
		if stamped != nil {
			accs[s] = stamped.AddAt(accs[s], v, window.Position{Time: window.Time(i / 10), Seq: uint64(i)})
		} else {
			accs[s] = agg.Add(accs[s], v)
		}
	}
	acc := accs[0]
	for _, a := range accs[1:] {
		acc = agg.Merge(acc, a)
	}
	return acc
}

// TestShards: what merges to exactly the whole does so for many keys, too.
func TestShards(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	sizes := []int{100, 5000, 200_000}
	if underRace {
		sizes[2] = 20_000
	}
	for _, n := range sizes {
		keys, numbers := make([]int, n), make([]float64, n)
		for i := range keys {
			keys[i], numbers[i] = r.IntN(n), math.Exp(3*r.NormFloat64())
		}
		for _, shards := range []int{2, 7} {
			hll := sketch.Distinct(same[int])
			one, many := hll.Result(deal(hll, keys, 1, 1)), hll.Result(deal(hll, keys, shards, 1))
			assert.InEpsilon(t, one.Value, many.Value, 1e-9, "HLL of %d", n)
			set := sketch.Set(same[int])
			assert.Equal(t, set.Result(deal(set, keys, 1, 1)), set.Result(deal(set, keys, shards, 1)))
			count := sketch.Frequency(same[int])
			assert.Equal(t, count.Result(deal(count, keys, 1, 1)), count.Result(deal(count, keys, shards, 1)))
			bloom := sketch.Membership(same[int], n, 0.01)
			assert.Equal(t, bloom.Result(deal(bloom, keys, 1, 1)), bloom.Result(deal(bloom, keys, shards, 1)))
			values := sketch.Quantiles(same[float64], 0.001, 0.1, 0.5, 0.9, 0.999)
			assert.Equal(t, values.Result(deal(values, numbers, 1, 1)), values.Result(deal(values, numbers, shards, 1)))
			some := sketch.SampleBy(same[float64], 100, sketch.Seed(5))
			assert.Equal(t, some.Result(deal(some, numbers, 1, 1)), some.Result(deal(some, numbers, shards, 1)))
		}
	}
}

// check checks a summary as a model whose answers are what it says of a value.
func check[S mining.Saved](t *testing.T, build func() S, add func(S, float64), answer func(S, float64) []float64, merge func(a, b S), size int) {
	t.Helper()
	miningtest.Check(t, miningtest.Model[S]{
		New: build, Features: 1, Bytes: size, Merge: merge,
		Learn: func(s S, x mining.Vector, y float64) {
			if v := x.At(0); mining.Known(y) {
				add(s, v)
			}
		},
		Answer: func(s S, x mining.Vector, to []float64) []float64 { return append(to, answer(s, x.At(0))...) },
	})
}

func hashed(x float64) uint64 { return sketch.Hash(int64(1000 * min(1e6, max(-1e6, x)))) }

func numbersOf(e sketch.Estimate) []float64 { return []float64{e.Value, e.Low, e.High} }

// orNothing makes NaN of nothing a number.
func orNothing(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

func TestPromises(t *testing.T) {
	check(t, func() *sketch.HLL { return sketch.NewHLL() }, func(h *sketch.HLL, x float64) { h.Add(hashed(x)) },
		func(h *sketch.HLL, _ float64) []float64 { return numbersOf(h.Estimate()) }, (*sketch.HLL).Merge, 5000)
	check(t, func() *sketch.Theta { return sketch.NewTheta(sketch.Nominal(256)) }, func(h *sketch.Theta, x float64) { h.Add(hashed(x)) },
		func(h *sketch.Theta, _ float64) []float64 { return numbersOf(h.Estimate()) }, (*sketch.Theta).Merge, 3000)
	check(t, func() *sketch.CountMin { return sketch.NewCountMin(sketch.Width(300)) }, func(h *sketch.CountMin, x float64) { h.Add(hashed(x), 2) },
		func(h *sketch.CountMin, x float64) []float64 {
			return []float64{float64(h.Count(hashed(x))), float64(h.Total()), float64(h.Error())}
		}, (*sketch.CountMin).Merge, 10000)
	check(t, func() *sketch.Bloom { return sketch.NewBloom(1000, 0.01) }, func(h *sketch.Bloom, x float64) { h.Add(hashed(x)) },
		func(h *sketch.Bloom, x float64) []float64 {
			if h.Has(hashed(x)) {
				return []float64{1, h.Wrong()}
			}
			return []float64{0, h.Wrong()}
		}, (*sketch.Bloom).Merge, 3000)
	check(t, func() *sketch.Frequent[int64] { return sketch.NewFrequent[int64](sketch.Counters(64)) },
		func(h *sketch.Frequent[int64], x float64) {
			if mining.Known(x) {
				h.Add(int64(10*min(1e6, max(-1e6, x))), 1)
			}
		},
		func(h *sketch.Frequent[int64], x float64) []float64 {
			low, high := h.Count(int64(10 * min(1e6, max(-1e6, orNothing(x)))))
			return []float64{float64(low), float64(high)}
		}, nil, 3000)
	check(t, func() *sketch.Values { return sketch.NewValues() }, (*sketch.Values).Add,
		func(v *sketch.Values, _ float64) []float64 {
			return []float64{orNothing(v.Quantile(0)), orNothing(v.Quantile(0.3)), orNothing(v.Quantile(1))}
		}, (*sketch.Values).Merge, 20000)
	check(t, func() *sketch.KLL { return sketch.NewKLL() }, (*sketch.KLL).Add,
		func(v *sketch.KLL, x float64) []float64 {
			return []float64{orNothing(v.Quantile(0)), orNothing(v.Quantile(0.3)), orNothing(v.Rank(x))}
		}, nil, 20000)
	check(t, func() *sketch.Reservoir[float64] { return sketch.NewReservoir[float64](20, sketch.Seed(4)) },
		func(r *sketch.Reservoir[float64], x float64) { r.AddWeighted(orNothing(x), math.Abs(x)) },
		func(r *sketch.Reservoir[float64], _ float64) []float64 {
			v := r.Values()
			for i := range v {
				v[i] = min(1e200, max(-1e200, orNothing(v[i])))
				if math.IsInf(v[i], 0) {
					v[i] = 0
				}
			}
			return v
		}, nil, 4000)
}

func FuzzRead(f *testing.F) {
	for _, s := range summaries() {
		b, err := s.AppendBinary(nil)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range summaries() {
			if s.UnmarshalBinary(b) == nil {
				again, err := s.AppendBinary(nil)
				require.NoError(t, err)
				require.NotEmpty(t, again)
			}
		}
	})
}

// FuzzInside damages what stands behind the checksum: bytes that only somebody who means harm would make.
func FuzzInside(f *testing.F) {
	f.Add(uint8(0), uint16(20), uint8(3), uint16(30), uint8(255))
	f.Add(uint8(5), uint16(40), uint8(1), uint16(41), uint8(128))
	f.Fuzz(func(t *testing.T, which uint8, at uint16, x uint8, at2 uint16, y uint8) {
		all := summaries()
		s := all[int(which)%len(all)]
		b, err := s.AppendBinary(nil)
		require.NoError(t, err)
		head := bytes.IndexByte(b, 0) + 6
		b[head+int(at)%(len(b)-head)] ^= x
		b[head+int(at2)%(len(b)-head)] ^= y
		seal(b, head)
		if s.UnmarshalBinary(b) == nil {
			use(s)
		}
	})
}
