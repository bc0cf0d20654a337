package prepare_test

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/prepare"
)

// TestHashIsForever: models that were saved depend on it. The figures are of a few lines of Python.
func TestHashIsForever(t *testing.T) {
	require.Equal(t, []uint64{0xefd01f60ba992926, 0x82a2a958a9bece5b, 0x67455542479e2767}, []uint64{prepare.Hash(0, ""), prepare.Hash(0, "a"), prepare.Hash(42, "Tromsø")})
	require.NotEqual(t, prepare.Hash(0, "a"), prepare.Hash(1, "a"))
	c := prepare.Category("Norway")
	require.Equal(t, math.Trunc(c), c)
	require.Less(t, c, float64(1<<53))
}

// TestHashIsEven: places of similar strings are as even as chance would have them, and one bit changes half of all.
func TestHashIsEven(t *testing.T) {
	const n, places = 100_000, 1000
	for seed := range uint64(3) {
		h := prepare.Hashing{Size: places, Seed: seed, Signed: true}
		counts, negative := make([]float64, places), 0
		var x mining.Vector
		for i := range n {
			x.Reset()
			h.Put(&x, fmt.Sprintf("sku-%d", i), 1)
			counts[x.Index[0]]++
			if x.Value[0] < 0 {
				negative++
			}
		}
		chi := 0.0
		for _, c := range counts {
			chi += (c - n/places) * (c - n/places) / (n / places)
		}
		// Chi-square of 999 degrees has a mean of 999 and a standard deviation of 44.7.
		require.InDelta(t, 999, chi, 5*44.7)
		require.InDelta(t, n/2, negative, 5*math.Sqrt(n)/2)
	}
	changed, pairs := 0, 0
	for i := range 2000 {
		a := []byte(fmt.Sprintf("customer %d", i))
		before := prepare.Hash(7, string(a))
		a[i%len(a)] ^= 1 << (i % 7)
		changed += bits.OnesCount64(before ^ prepare.Hash(7, string(a)))
		pairs++
	}
	require.InDelta(t, 32, float64(changed)/float64(pairs), 0.5)
}

func TestHashing(t *testing.T) {
	h := prepare.Hashing{From: 3, Size: 50, Seed: 9}
	var a, b mining.Vector
	h.Put(&a, "country=Norway", 2)
	h.Pair(&b, "country", "Norway", 2)
	require.Equal(t, a, b)
	require.Equal(t, 53, h.Places())
	for _, bad := range []prepare.Hashing{{Size: 0}, {From: -1, Size: 3}, {Size: math.MaxInt32 + 1}, {From: math.MaxInt32, Size: 1}} {
		require.Panics(t, func() { bad.Put(&a, "x", 1) })
		require.Panics(t, func() { bad.Words(&a, "x") })
		require.Panics(t, func() { bad.Places() })
	}
}

// FuzzWords holds Words to its definition: split, lower, put, and add up.
func FuzzWords(f *testing.F) {
	f.Add("Great! Really, really great.", uint64(1), false)
	f.Add("Ein BÄR trifft 2 bären; 東京 ÷ a̐é \xff\xfe x", uint64(2), true)
	f.Add("", uint64(3), false)
	f.Add(strings.Repeat("a b c d e ", 30), uint64(4), true)
	f.Fuzz(func(t *testing.T, text string, seed uint64, signed bool) {
		h := prepare.Hashing{From: 2, Size: 37, Seed: seed, Signed: signed}
		var got mining.Vector
		got.Append(5, 6)
		got.Put(1, 3)
		h.Words(&got, text)
		want := make([]float64, h.Places())
		want[0], want[1] = 5, 9
		lower := strings.Map(unicode.ToLower, text)
		for _, w := range strings.FieldsFunc(lower, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}) {
			var one mining.Vector
			h.Put(&one, w, 1)
			want[one.Index[0]] += one.Value[0]
		}
		for p, w := range want {
			if got.At(p) != w {
				t.Fatalf("place %d of %q holds %v, not %v", p, text, got.At(p), w)
			}
		}
		for i := 2; i < len(got.Index); i++ {
			if got.Index[i] <= got.Index[i-1] {
				t.Fatalf("places are not in order, each once: %v", got.Index)
			}
		}
	})
}

// FuzzStandard holds the scaler to the two sums of its definition.
func FuzzStandard(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 4.0)
	f.Add(1e9, 1e9+1, 1e9, math.NaN())
	f.Add(-5.0, -5.0, -5.0, -5.0)
	f.Add(math.Inf(1), 0.0, 1e-300, 1e-300)
	f.Fuzz(func(t *testing.T, a, b, c, d float64) {
		s := prepare.NewStandard(1)
		var known []float64
		for _, v := range []float64{a, b, c, d} {
			s.Learn(mining.Dense(v), 0)
			if mining.Known(v) {
				known = append(known, v)
			}
		}
		var to mining.Vector
		s.Transform(mining.Dense(a), &to)
		if mining.Known(a) != mining.Known(to.Value[0]) {
			t.Fatalf("%v becomes %v", a, to.Value[0])
		}
		mean, squares, most := 0.0, 0.0, 0.0
		for _, v := range known {
			mean += v / float64(len(known))
			most = max(most, math.Abs(v))
		}
		if most > 1e100 || most < 1e-100 || len(known) == 0 {
			return
		}
		for _, v := range known {
			squares += (v - mean) * (v - mean)
		}
		sd := math.Sqrt(squares / float64(len(known)))
		if math.Abs(s.Mean(0)-mean) > 1e-12*most || math.Abs(s.StdDev(0)-sd) > 1e-7*most {
			t.Fatalf("mean %v and deviation %v, not %v and %v", s.Mean(0), s.StdDev(0), mean, sd)
		}
	})
}

// FuzzRobust holds the window to sorting what is in it.
func FuzzRobust(f *testing.F) {
	f.Add([]byte{1, 5, 3, 3, 9, 200}, uint8(3))
	f.Add([]byte{7}, uint8(1))
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, uint8(200))
	f.Fuzz(func(t *testing.T, values []byte, window uint8) {
		if window == 0 {
			return
		}
		s := prepare.NewRobust(1, int(window))
		var last []float64
		var to mining.Vector
		for _, b := range values {
			s.Learn(mining.Dense(float64(b)), 0)
			last = append(last, float64(b))
			last = last[max(0, len(last)-int(window)):]
			quantile := func(q float64) float64 {
				at := q * float64(len(last)-1)
				return nth(last, int(at))*(1-at+math.Floor(at)) + nth(last, min(int(at)+1, len(last)-1))*(at-math.Floor(at))
			}
			width := quantile(0.75) - quantile(0.25)
			if width == 0 {
				width = 1
			}
			s.Transform(mining.Dense(50), &to)
			if want := (50 - quantile(0.5)) / width; math.Abs(to.Value[0]-want) > 1e-9*max(1, math.Abs(want)) {
				t.Fatalf("%v, not %v", to.Value[0], want)
			}
		}
	})
}

// nth is the one with that many values before it.
func nth(values []float64, n int) float64 {
	for _, v := range values {
		less, same := 0, 0
		for _, w := range values {
			if w < v {
				less++
			} else if w == v {
				same++
			}
		}
		if less <= n && n < less+same {
			return v
		}
	}
	return math.NaN()
}
