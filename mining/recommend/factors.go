package recommend

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Factors predicts ratings, and learns them one at a time: the mean of all, plus what the user and the item are above it, plus the
// product of their vectors. It is Koren, Bell and Volinsky, "Matrix Factorization Techniques for Recommender Systems", IEEE Computer 42,
// 2009, by stochastic gradient descent. It takes memory for users and items up to Most of each; of further ones nothing is
// learnt, and Left counts them.
type Factors[U, I cmp.Ordered] struct {
	f, most   int
	rate, reg float64
	seed      uint64

	n     float64
	mean  float64
	users map[U]*taste
	items map[I]*taste
	left  int64
}

// taste is what is known of a user or an item.
type taste struct {
	Bias float64
	X    []float64
}

// NewFactors returns a model that has learnt nothing. Options: FactorCount, 10; Rate, 0.02; L2, 0.02; MaxUsers, 1,000,000; Seed.
func NewFactors[U, I cmp.Ordered](opts ...Option) *Factors[U, I] {
	c := settings{Factors: 10, Users: 1_000_000, Rate: 0.02, L2: 0.02}.with(opts, "NewFactors", "FactorCount", "Rate", "L2", "MaxUsers", "Seed")
	need(c.L2 <= 1 && c.Rate <= 1, "NewFactors with L2(%v) and Rate(%v): want 1 at most", c.L2, c.Rate)
	return &Factors[U, I]{f: c.Factors, most: c.Users, rate: c.Rate, reg: c.L2, seed: c.Seed, users: map[U]*taste{}, items: map[I]*taste{}}
}

// Predict returns the rating that a user is expected to give: what is known of one who is new is what is known of all. Before the first rating
// it is 0.
func (m *Factors[U, I]) Predict(user U, item I) float64 {
	p := m.mean
	u, i := m.users[user], m.items[item]
	if u != nil {
		p += u.Bias
	}
	if i != nil {
		p += i.Bias
	}
	if u != nil && i != nil {
		p += dot(u.X, i.X)
	}
	return p
}

// Learn learns a rating. One that is NaN or infinite teaches nothing; one beyond ±1e6 counts as that. An error beyond ±100 moves
// no more than one of 100 does.
func (m *Factors[U, I]) Learn(user U, item I, rating float64) {
	if !mining.Known(rating) {
		return
	}
	rating = max(-1e6, min(1e6, rating))
	u, i := find(m, m.users, user, 1), find(m, m.items, item, 2)
	m.n++
	m.mean += (rating - m.mean) / m.n
	if u == nil || i == nil {
		m.left++
		return
	}
	e := max(-100, min(100, rating-m.Predict(user, item)))
	u.Bias = bound(u.Bias + m.rate*(e-m.reg*u.Bias))
	i.Bias = bound(i.Bias + m.rate*(e-m.reg*i.Bias))
	for f := range u.X {
		x, y := u.X[f], i.X[f]
		u.X[f] = bound(x + m.rate*(e*y-m.reg*x))
		i.X[f] = bound(y + m.rate*(e*x-m.reg*y))
	}
}

// bound keeps steps from running away.
func bound(x float64) float64 { return max(-1e3, min(1e3, x)) }

// find returns what is known, and nil for one more than there may be. First vectors depend on the order in which names come, and
// on nothing else.
func find[U, I, K cmp.Ordered](m *Factors[U, I], of map[K]*taste, key K, stream uint64) *taste {
	t := of[key]
	if t == nil && len(of) < m.most {
		random := rand.New(rand.NewPCG(m.seed, stream<<40|uint64(len(of))))
		t = &taste{X: make([]float64, m.f)}
		for f := range t.X {
			t.X[f] = 0.1 * random.NormFloat64() / math.Sqrt(float64(m.f))
		}
		of[key] = t
	}
	return t
}

// Left returns how many ratings were of a user or an item beyond Most.
func (m *Factors[U, I]) Left() int64 { return m.left }

type savedFactors[U, I cmp.Ordered] struct {
	F, Most   int
	Rate, Reg float64
	Seed      uint64
	N, Mean   float64
	Users     map[U]taste
	Items     map[I]taste
	Left      int64
}

// AppendBinary appends all that m holds.
func (m *Factors[U, I]) AppendBinary(b []byte) ([]byte, error) {
	s := savedFactors[U, I]{m.f, m.most, m.rate, m.reg, m.seed, m.n, m.mean, map[U]taste{}, map[I]taste{}, m.left}
	for u, t := range m.users {
		s.Users[u] = *t
	}
	for i, t := range m.items {
		s.Items[i] = *t
	}
	return saved.As[savedFactors[U, I]]("recommend.Factors", 1).Append(b, &s)
}

// UnmarshalBinary replaces all that m holds by what AppendBinary has appended.
func (m *Factors[U, I]) UnmarshalBinary(data []byte) error {
	var s savedFactors[U, I]
	err := saved.As[savedFactors[U, I]]("recommend.Factors", 1).Read(data, &s, func(s *savedFactors[U, I]) error {
		for u, t := range s.Users {
			if len(t.X) != s.F {
				return fmt.Errorf("user %v has %d factors, of %d", u, len(t.X), s.F)
			}
		}
		for i, t := range s.Items {
			if len(t.X) != s.F {
				return fmt.Errorf("item %v has %d factors, of %d", i, len(t.X), s.F)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r := NewFactors[U, I]()
	r.f, r.most, r.rate, r.reg, r.seed, r.n, r.mean, r.left = s.F, s.Most, s.Rate, s.Reg, s.Seed, s.N, s.Mean, s.Left
	for u, t := range maps.All(s.Users) {
		r.users[u] = &t
	}
	for i, t := range maps.All(s.Items) {
		r.items[i] = &t
	}
	*m = *r
	return nil
}
