package stats_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/stats"
	"github.com/freshet-go/freshet/window"
)

// A slowRolling is what Rolling is by its definition.
type slowRolling struct {
	last int
	span window.Time
	all  []stamped
}

type stamped struct {
	at window.Time
	v  float64
}

func (s *slowRolling) add(at window.Time, v float64) {
	if !(v-v == 0) {
		return
	}
	if s.span == 0 {
		at = 0
	}
	newest := at
	for _, e := range s.all {
		newest = max(newest, e.at)
	}
	if s.span > 0 && at <= newest-s.span {
		return
	}
	if len(s.all) == s.last && at < s.all[0].at {
		return
	}
	i := len(s.all)
	for i > 0 && s.all[i-1].at > at {
		i--
	}
	s.all = slices.Insert(s.all, i, stamped{at, v})
	for len(s.all) > s.last || s.span > 0 && s.all[0].at <= newest-s.span {
		s.all = s.all[1:]
	}
}

func (s *slowRolling) values() (vs []float64) {
	for _, e := range s.all {
		vs = append(vs, e.v)
	}
	return vs
}

func rollBeside(t *testing.T, r *stats.Rolling, slow *slowRolling, events []stamped) {
	for i, e := range events {
		r.Add(e.at, e.v)
		slow.add(e.at, e.v)
		vs := slow.values()
		require.Equal(t, vs, r.Values(nil), "event %d", i)
		want, got := stats.Of(vs...), r.Summary()
		a, b := want.Describe(), got.Describe()
		require.True(t, a.Count == b.Count && near(a.Min, b.Min, a.Max, b.Max, a.Mean, b.Mean, a.Variance, b.Variance), "event %d: %v, not %v", i, b, a)
		for _, p := range []float64{0, 0.3, 0.5, 1} {
			require.InDelta(t, stats.Quantile(vs, p, stats.Linear), r.Quantile(p), 0, "event %d", i)
		}
		if i%37 == 36 {
			saved, err := r.AppendBinary(nil)
			require.NoError(t, err)
			require.NoError(t, r.UnmarshalBinary(saved))
		}
	}
}

func TestRollingTwin(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for round := range 24 {
		last := 1 + random.IntN(40)
		var events []stamped
		at := window.Time(-5000)
		for range 250 {
			at += window.Time(random.IntN(40))
			late := window.Time(random.IntN(4) / 3 * random.IntN(200))
			v := float64(random.IntN(10))
			if random.IntN(50) == 0 {
				v = 1e16 // sums would not get rid of it
			}
			events = append(events, stamped{at - late, v})
		}
		var opts []stats.RollingOption
		if round%2 == 0 {
			opts = append(opts, stats.Ordered())
		}
		rollBeside(t, stats.NewRolling(last, opts...), &slowRolling{last: last}, events)
		span := 1 + random.IntN(300)
		rollBeside(t, stats.NewRollingTime(time.Duration(span), last, opts...), &slowRolling{last: last, span: window.Time(span)}, events)
	}
	large := stats.NewRolling(3000, stats.Ordered()) // several runs
	slow := &slowRolling{last: 3000}
	for i := range 7000 {
		v := random.NormFloat64()
		large.Add(0, v)
		slow.add(0, v)
		if i%500 == 0 {
			require.Equal(t, stats.Median(slow.values()), large.Median())
		}
	}
}

func FuzzRolling(f *testing.F) {
	f.Add([]byte{3, 9, 1, 2, 3, 200, 1, 4, 7, 7, 7})
	f.Add([]byte{1, 1, 0, 0})
	f.Add([]byte{9, 40, 250, 250, 3, 0, 0, 0, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 2 || len(b) > 400 {
			return
		}
		last, span := 1+int(b[0])%20, 1+window.Time(b[1])
		var events []stamped
		at := window.Time(0)
		for _, c := range b[2:] {
			at += window.Time(int8(c)) / 3
			v := float64(c % 7)
			if c == 255 {
				v = math.Inf(-1)
			}
			events = append(events, stamped{at, v})
		}
		rollBeside(t, stats.NewRollingTime(time.Duration(span), last, stats.Ordered()), &slowRolling{last: last, span: span}, events)
	})
}

// TestRollingExpire holds Expire and that of all times.
func TestRollingExpire(t *testing.T) {
	r := stats.NewRollingTime(10, 5)
	r.Add(window.MinTime+1, 1)
	r.Add(window.MaxTime-1, 2)
	require.Equal(t, []float64{2}, r.Values(nil))
	r.Add(5, 3)
	require.EqualValues(t, 1, r.Late())
	r.Expire(window.MaxTime)
	require.Equal(t, 1, r.Count())
	r = stats.NewRollingTime(10, 5)
	r.Add(0, 1)
	r.Add(4, 2)
	r.Expire(10)
	require.Equal(t, []float64{2}, r.Values(nil))
}
