package sketch_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/mining/sketch"
)

type user struct {
	name   string
	number int32
	amount float64
}

func (u user) Name() string    { return u.name }
func (u user) Number() int32   { return u.number }
func (u user) Amount() float64 { return u.amount }

func users(n int) []user {
	r, us := rand.New(rand.NewPCG(1, 1)), make([]user, n)
	for i := range us {
		k := r.IntN(n)
		us[i] = user{"user-" + strconv.Itoa(k), int32(k), math.Exp(3 * r.NormFloat64())}
	}
	return us
}

// adders returns, of each summary, an Add by the aggregator.
func adders() map[string]func(u user) {
	distinct, number, set, frequency := sketch.Distinct(user.Name), sketch.Distinct(user.Number), sketch.Set(user.Name), sketch.Frequency(user.Name)
	top, membership, quantiles, ranks, some := sketch.TopK(user.Name, 10), sketch.Membership(user.Name, 1<<16, 0.01), sketch.Quantiles(user.Amount, 0.5), sketch.Ranks(user.Amount, nil), sketch.SampleBy(user.Amount, 100)
	h, hn, s, c, f, b, v, k, r := distinct.New(), number.New(), set.New(), frequency.New(), top.New(), membership.New(), quantiles.New(), ranks.New(), some.New()
	return map[string]func(user){
		"HLL":           func(u user) { h = distinct.Add(h, u) },
		"HLL/int32":     func(u user) { hn = number.Add(hn, u) },
		"Theta":         func(u user) { s = set.Add(s, u) },
		"CountMin":      func(u user) { c = frequency.Add(c, u) },
		"Frequent":      func(u user) { f = top.Add(f, u) },
		"Bloom":         func(u user) { b = membership.Add(b, u) },
		"Bloom/has":     func(u user) { b.Has(sketch.Hash(u.name)) },
		"CountMin/asks": func(u user) { c.Count(sketch.Hash(u.name)) },
		"Values":        func(u user) { v = quantiles.Add(v, u) },
		"KLL":           func(u user) { k = ranks.Add(k, u) },
		"Reservoir":     func(u user) { r = some.Add(r, u) },
	}
}

// TestNothingIsAllocated for a value, once a summary is warm.
func TestNothingIsAllocated(t *testing.T) {
	if underRace {
		return // the race detector allocates; CI runs this without it, too
	}
	us := users(1 << 16)
	for name, add := range adders() {
		for _, u := range us {
			add(u)
		}
		for _, u := range us {
			add(u)
		}
		i := 0
		got := testing.AllocsPerRun(2000, func() { add(us[i]); i++ })
		assert.Zero(t, got, name)
	}
}

// BenchmarkAdd has the time of an Add of an event, and as its floor the loop that hashes the key.
func BenchmarkAdd(b *testing.B) {
	us := users(1 << 12)
	run := func(name string, add func(user)) {
		b.Run(name, func(b *testing.B) {
			for range 20 {
				for _, u := range us {
					add(u)
				}
			}
			b.ReportAllocs()
			start := processor(b)
			defer func() { b.ReportMetric(float64(processor(b)-start)/float64(b.N), "cpu-ns/op") }()
			i := 0
			for b.Loop() {
				add(us[i&(1<<12-1)])
				i++
			}
		})
	}
	sum := uint64(0)
	run("floor=hash", func(u user) { sum += sketch.Hash(u.name) })
	for name, add := range adders() {
		run(name, add)
	}
}
