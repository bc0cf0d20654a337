package prepare_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/prepare"
)

// FuzzCategories holds the steps of categories to maps, with more categories than there is room for, missing ones, and
// sparse events.
func FuzzCategories(f *testing.F) {
	f.Add(uint64(1), uint8(50), uint8(3), 2.0)
	f.Add(uint64(2), uint8(0), uint8(1), 0.0)
	f.Add(uint64(3), uint8(200), uint8(40), 0.5)
	f.Fuzz(func(t *testing.T, seed uint64, n, room uint8, smoothing float64) {
		if room == 0 || !(smoothing >= 0) || smoothing > 1e6 {
			return
		}
		random := rand.New(rand.NewPCG(seed, 0))
		hot, target, share := prepare.NewOneHot(2, 1, int(room)), prepare.NewTarget(2, 1, int(room), smoothing), prepare.NewFrequency(2, 1, int(room))
		fill := prepare.NewImpute(2, prepare.MostFrequent(int(room)), false)
		number := map[float64]int{}
		labels, sum, all, total := map[float64]float64{}, map[float64]float64{}, 0.0, 0.0
		var to mining.Vector
		for range n {
			v, y := float64(random.IntN(20)-10), float64(random.IntN(5))
			var x mining.Vector
			switch random.IntN(4) {
			case 0:
				v = mining.Missing
				x.Append(7, v)
			case 1:
				x.Put(1, v-1) // what comes twice adds up
				x.Put(1, 1)
			default:
				x.Append(7, v)
			}
			// As they are before the event is learnt.
			want := 0.0
			if total > 0 {
				want = all / total
			}
			slot, ok := number[v]
			if ok {
				want = (sum[v] + smoothing*want) / (labels[v] + smoothing)
			} else {
				slot = int(room)
			}
			target.Transform(x, &to)
			if got := to.At(1); math.Abs(got-want) > 1e-9 {
				t.Fatalf("target: %v, not %v", got, want)
			}
			hot.Transform(x, &to)
			for p := range hot.Places() {
				want := 0.0
				if p == 0 {
					want = x.At(0)
				} else if p == 2+slot {
					want = 1
				}
				if to.At(p) != want {
					t.Fatalf("one-hot: place %d of %v has %v, not %v", p, x, to.At(p), want)
				}
			}
			share.Transform(x, &to)
			want = 0
			if ok {
				want = labels[v] / total
			}
			if math.Abs(to.At(1)-want) > 1e-12 {
				t.Fatalf("share: %v, not %v", to.At(1), want)
			}
			most, often := 0.0, 0.0
			for k, c := range labels {
				if c > often || c == often && k < most {
					most, often = k, c
				}
			}
			if got := fill.Fill(1); got != most {
				t.Fatalf("most frequent: %v, not %v", got, most)
			}
			for _, s := range []prepare.Step{hot, target, share, fill} {
				s.Learn(x, y)
			}
			total++
			all += y
			if _, known := number[v]; !math.IsNaN(v) && (known || len(number) < int(room)) {
				if !known {
					number[v] = len(number)
				}
				labels[v]++
				sum[v] += y
			}
		}
	})
}

// TestOutOfFold: a category that came once tells nothing of its own label, and one that chance made looks like no
// news to a model.
func TestOutOfFold(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	table := new(mining.Table)
	for i := range 2000 {
		table.Add(mining.Dense(float64(i/2)), float64(random.IntN(2))) // 1,000 categories of two events
	}
	correlation := func(t *mining.Table) float64 {
		var sx, sy, xx, yy, xy float64
		for i, x := range t.X {
			a, b := x.At(0), t.Y[i]
			sx, sy, xx, yy, xy = sx+a, sy+b, xx+a*a, yy+b*b, xy+a*b
		}
		n := float64(t.Len())
		return (xy - sx*sy/n) / math.Sqrt((xx-sx*sx/n)*(yy-sy*sy/n))
	}
	s := prepare.NewTarget(1, 0, 1000, 1)
	folded, err := s.FitTransform(table)
	require.NoError(t, err)
	require.Less(t, math.Abs(correlation(folded)), 0.1)
	leaky := new(mining.Table)
	for i, x := range table.X {
		var to mining.Vector
		s.Transform(x, &to)
		leaky.Add(to, table.Y[i])
	}
	require.Greater(t, correlation(leaky), 0.6, "what FitTransform is there to avoid")
	_, err = s.FitTransform(&mining.Table{})
	require.Error(t, err)
}

func TestStepMistakes(t *testing.T) {
	for _, f := range []func(){
		func() { prepare.NewStandard(0) },
		func() { prepare.NewRobust(1, 0) },
		func() { prepare.NewOneHot(2, 2, 5) },
		func() { prepare.NewOneHot(2, 0, 0) },
		func() { prepare.NewTarget(2, 0, 5, -1) },
		func() { prepare.NewTarget(2, 0, 5, math.Inf(1)) },
		func() { prepare.Median(0) },
		func() { prepare.Constant(math.NaN()) },
		func() { prepare.MostFrequent(0) },
		func() { prepare.NewPolynomial(2, 1, false) },
		func() { prepare.NewPolynomial(1000, 4, false) },
		func() { prepare.NewStandard(2).Merge(prepare.NewStandard(3)) },
		func() { prepare.NewTarget(2, 0, 5, 1).Merge(prepare.NewTarget(2, 0, 5, 2)) },
		func() {
			prepare.NewImpute(1, prepare.Median(3), false).Merge(prepare.NewImpute(1, prepare.Median(3), false))
		},
		func() { prepare.NewStandard(2).LearnWeighted(mining.Dense(1, 2), 0, -1) },
		func() { prepare.NewPolynomial(2, 2, false).Transform(mining.Dense(1, 2, 3), new(mining.Vector)) },
	} {
		require.Panics(t, f)
	}
}

// TestFit: a step forgets what came before a table.
func TestFit(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 5))
	table := new(mining.Table)
	for range 100 {
		table.Add(mining.Dense(float64(random.IntN(9)), random.NormFloat64()), random.Float64())
	}
	for _, build := range []func() prepare.Step{
		func() prepare.Step { return prepare.NewStandard(2) },
		func() prepare.Step { return prepare.NewMinMax(2) },
		func() prepare.Step { return prepare.NewRobust(2, 30) },
		func() prepare.Step { return prepare.NewOneHot(2, 0, 4) },
		func() prepare.Step { return prepare.NewTarget(2, 0, 4, 3) },
		func() prepare.Step { return prepare.NewFrequency(2, 0, 4) },
		func() prepare.Step { return prepare.NewImpute(2, prepare.Median(30), true) },
		func() prepare.Step { return prepare.NewPolynomial(2, 3, true) },
	} {
		a, b := build(), build()
		mining.Learn(a, table, 1, 0)
		b.Learn(mining.Dense(77, 88), 9)
		require.NoError(t, b.Fit(table))
		x, _ := a.AppendBinary(nil)
		y, _ := b.AppendBinary(nil)
		require.Equal(t, x, y, "%T", a)
		if _, nothing := b.(*prepare.Polynomial); !nothing {
			require.Error(t, b.Fit(&mining.Table{}))
			require.Error(t, b.Fit(&mining.Table{X: table.X[:1], Y: table.Y[:1], Weight: []float64{-1}}))
		}
		z, _ := b.AppendBinary(nil)
		require.Equal(t, x, z, "%T", a)
	}
}
