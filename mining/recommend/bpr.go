package recommend

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A BPR finds factors by which each user likes the items that it has better than those that it has not. It is Rendle,
// Freudenthaler, Gantner and Schmidt-Thieme, "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009: a step of gradient descent for a user,
// an item that it has and one that it has not, drawn again and again. Each round has as many steps as there are pairs, each of which takes time for
// the factors. Recommend may be called by several goroutines at once.
type BPR[U, I cmp.Ordered] struct {
	history      *History[U, I]
	users, items factors
	bias         []float64
}

// FitBPR finds the factors of a history, which it keeps and which must not change any more. Weights do not count. When ctx ends, it
// returns its error. Options: FactorCount, 64; Rounds, 100; Rate, 0.05; L2, 0.01; Seed.
func FitBPR[U, I cmp.Ordered](ctx context.Context, h *History[U, I], opts ...Option) (*BPR[U, I], error) {
	c := settings{Factors: 64, Rounds: 100, Rate: 0.05, L2: 0.01}.with(opts, "FitBPR", "FactorCount", "Rounds", "Rate", "L2", "Seed")
	random := rand.New(rand.NewPCG(c.Seed, 0))
	m := &BPR[U, I]{history: h, users: drawn(h.Users(), c.Factors, random), items: drawn(h.Items(), c.Factors, random), bias: make([]float64, h.Items())}
	for i := range m.users.all {
		m.users.all[i] *= 10
	}
	var pairs []neighbour // item, and as sim its user
	for u, r := range h.rows {
		for _, i := range r.items {
			pairs = append(pairs, neighbour{i, float64(u)})
		}
	}
	if len(pairs) == 0 {
		return m, nil
	}
	diverged := fmt.Errorf("recommend: FitBPR: %w: use a lower Rate", ErrDiverged)
	for range c.Rounds {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for range pairs {
			p := pairs[random.IntN(len(pairs))]
			u, has := int32(p.sim), h.rows[int(p.sim)].items
			other := int32(random.IntN(h.Items()))
			if _, found := slices.BinarySearch(has, other); found {
				continue
			}
			m.step(&c, u, p.item, other)
		}
		if s := dot(m.users.all, m.users.all) + dot(m.items.all, m.items.all); s-s != 0 {
			return nil, diverged
		}
	}
	return m, nil
}

func (m *BPR[U, I]) step(c *settings, u, liked, other int32) {
	x, a, b := m.users.at(u), m.items.at(liked), m.items.at(other)
	g := c.Rate / (1 + math.Exp(dot(x, a)-dot(x, b)+m.bias[liked]-m.bias[other]))
	shrink := 1 - c.Rate*c.L2
	for f := range x {
		xf, af, bf := x[f], a[f], b[f]
		x[f] = shrink*xf + g*(af-bf)
		a[f] = shrink*af + g*xf
		b[f] = shrink*bf - g*xf
	}
	m.bias[liked] = shrink*m.bias[liked] + g
	m.bias[other] = shrink*m.bias[other] - g
}

// Recommend returns the n items that a user likes best. A user who is not in the history gets nothing: ask Popular then.
func (m *BPR[U, I]) Recommend(user U, keep func(I) bool, n int) []Recommendation[I] {
	u, ok := m.history.users.number[user]
	if !ok {
		return nil
	}
	scores := make([]float64, m.history.Items())
	for i := range scores {
		scores[i] = dot(m.users.at(u), m.items.at(int32(i))) + m.bias[i]
	}
	return best(m.history.items.all, scores, m.history.rows[u].items, keep, n)
}

type savedBPR[U, I cmp.Ordered] struct {
	Factors            int
	History            savedHistory[U, I]
	Users, Items, Bias []float64
}

// AppendBinary appends all that m holds, its history included.
func (m *BPR[U, I]) AppendBinary(b []byte) ([]byte, error) {
	return saved.As[savedBPR[U, I]]("recommend.BPR", 1).Append(b, &savedBPR[U, I]{m.users.f, saveHistory(m.history), m.users.all, m.items.all, m.bias})
}

// UnmarshalBinary replaces what m holds by what AppendBinary has appended.
func (m *BPR[U, I]) UnmarshalBinary(data []byte) error {
	var s savedBPR[U, I]
	err := saved.As[savedBPR[U, I]]("recommend.BPR", 1).Read(data, &s, func(s *savedBPR[U, I]) error {
		if len(s.Bias) != len(s.History.Items) {
			return fmt.Errorf("%d biases of %d items", len(s.Bias), len(s.History.Items))
		}
		return s.History.check(s.Factors, s.Users, s.Items)
	})
	if err == nil {
		*m = BPR[U, I]{s.History.history(), factors{s.Factors, s.Users}, factors{s.Factors, s.Items}, s.Bias}
	}
	return err
}
