package stats

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// Entropy returns Shannon's entropy of counts or weights in nats, -Σ p·ln p with p = count/Σ: 0 where
// there is at most one that is not 0. Over math.Ln2 it is in bits. It panics if a count is negative,
// NaN or infinite.
func Entropy(counts []float64) float64 {
	var sum, inner float64
	for _, c := range counts {
		weighty(c, "Entropy")
		sum += c
	}
	if sum == 0 {
		return 0
	}
	for _, c := range counts {
		if c > 0 {
			inner -= c / sum * math.Log(c/sum)
		}
	}
	return max(0, inner)
}

// Divergence returns the divergence of Kullback and Leibler from weights q to weights p in nats, Σ
// p·ln(p/q), each over its sum: +Inf where p has what q has not, and NaN where one has nothing. It
// panics if the lengths differ or a weight is negative, NaN or infinite.
func Divergence(p, q []float64) float64 {
	sp, sq := total(p, q, "Divergence")
	if sp == 0 || sq == 0 {
		return math.NaN()
	}
	var d float64
	for i := range p {
		if a := p[i] / sp; a > 0 {
			d += a * math.Log(a/(q[i]/sq))
		}
	}
	return max(0, d)
}

// JensenShannon returns the divergence of Jensen and Shannon between weights in nats, from 0 to ln 2:
// the mean divergence of the two from their mean. It is NaN where one has nothing. Its root is a metric
// (scipy's jensenshannon is that root). It panics as Divergence.
func JensenShannon(p, q []float64) float64 {
	sp, sq := total(p, q, "JensenShannon")
	if sp == 0 || sq == 0 {
		return math.NaN()
	}
	var d float64
	for i := range p {
		a, b := p[i]/sp, q[i]/sq
		mean := (a + b) / 2
		if a > 0 {
			d += a * math.Log(a/mean) / 2
		}
		if b > 0 {
			d += b * math.Log(b/mean) / 2
		}
	}
	return max(0, d)
}

func total(p, q []float64, who string) (sp, sq float64) {
	if len(p) != len(q) {
		panic("stats: " + who + ": the lengths differ")
	}
	for i := range p {
		weighty(p[i], who)
		weighty(q[i], who)
		sp, sq = sp+p[i], sq+q[i]
	}
	return sp, sq
}

// Variety returns the entropy of the values of events in nats, as an aggregator of windows: 0 where all
// are equal or there are none. It holds each value once, with its count: a sketch needs less, where
// there are many. It panics if of is nil.
func Variety[T any, V comparable](of func(T) V) window.Aggregator[T, map[V]int64, float64] {
	if of == nil {
		panic("stats: Variety: the function of is nil")
	}
	return window.Of(
		func() map[V]int64 { return nil },
		func(acc map[V]int64, v T) map[V]int64 {
			if acc == nil {
				acc = map[V]int64{}
			}
			acc[of(v)]++
			return acc
		},
		func(a, b map[V]int64) map[V]int64 {
			if a == nil {
				return maps.Clone(b)
			}
			for v, n := range b {
				a[v] += n
			}
			return a
		},
		func(acc map[V]int64) float64 {
			counts := make([]float64, 0, len(acc))
			for _, n := range acc {
				counts = append(counts, float64(n))
			}
			slices.Sort(counts) // the sum does not depend on the order of the map
			return Entropy(counts)
		},
	)
}

// A FadedEntropy is Shannon's entropy of a stream of classes 0 to k-1, in which the weight of an event
// halves as another halfLife events come. Add and Entropy take constant time and allocate nothing; its
// memory is that of k numbers. Σ w·ln w is kept up, and added up anew every k+64 events, so that no
// error of rounding grows.
type FadedEntropy struct {
	grow    float64   // the weight of an event over that of the one before
	next    float64   // the weight of the next event
	weights []float64 // of the classes: they grow instead of the others fading, until all are scaled down
	sum     float64
	inner   float64 // Σ w·ln w
	since   int     // events since inner was added up
}

// NewFadedEntropy returns a FadedEntropy of k classes that has seen nothing. A halfLife of +Inf is that
// of all events. It panics if k or halfLife is not positive.
func NewFadedEntropy(k int, halfLife float64) *FadedEntropy {
	if k <= 0 || !(halfLife > 0) {
		panic("stats: NewFadedEntropy: k and halfLife have to be positive")
	}
	return &FadedEntropy{grow: math.Exp2(1 / halfLife), next: 1, weights: make([]float64, k)}
}

// Add adds an event of a class. It panics if there is no such class.
func (e *FadedEntropy) Add(class int) {
	e.need(class, "Add")
	w := e.weights[class]
	e.weights[class] += e.next
	e.inner += wlogw(e.weights[class]) - wlogw(w)
	e.sum += e.next
	if e.next *= e.grow; e.next > 1e100 {
		for i := range e.weights {
			e.weights[i] /= e.next
		}
		e.next = 1
		e.since = math.MaxInt - 1
	}
	if e.since++; e.since >= len(e.weights)+64 {
		e.since, e.sum, e.inner = 0, 0, 0
		for _, w := range e.weights {
			e.sum += w
			e.inner += wlogw(w)
		}
	}
}

// Entropy returns the entropy in nats: 0 of nothing.
func (e *FadedEntropy) Entropy() float64 {
	if e.sum == 0 {
		return 0
	}
	return max(0, math.Log(e.sum)-e.inner/e.sum)
}

// Share returns the weight of a class over that of all: NaN of nothing. It panics if there is no such class.
func (e *FadedEntropy) Share(class int) float64 {
	e.need(class, "Share")
	return e.weights[class] / e.sum
}

func (e *FadedEntropy) need(class int, who string) {
	if class < 0 || class >= len(e.weights) {
		panic(fmt.Sprintf("stats: FadedEntropy.%s: there is no class %d of %d", who, class, len(e.weights)))
	}
}

func wlogw(w float64) float64 {
	if w == 0 {
		return 0
	}
	return w * math.Log(w)
}

type plainFadedEntropy FadedEntropy

var kindFadedEntropy = saved.As[plainFadedEntropy]("stats.FadedEntropy", 1)

// AppendBinary appends the saved FadedEntropy.
func (e *FadedEntropy) AppendBinary(b []byte) ([]byte, error) {
	return kindFadedEntropy.Append(b, (*plainFadedEntropy)(e))
}

// UnmarshalBinary restores a saved FadedEntropy.
func (e *FadedEntropy) UnmarshalBinary(data []byte) error {
	return kindFadedEntropy.Read(data, (*plainFadedEntropy)(e), func(p *plainFadedEntropy) error {
		bad := func(w float64) bool { return !(w >= 0) || !known(w) }
		if len(p.weights) == 0 || !(p.grow >= 1) || !(p.next > 0 && p.next <= 1e101) || bad(p.sum) || slices.ContainsFunc(p.weights, bad) {
			return errors.New("a weight is impossible")
		}
		return nil
	})
}
