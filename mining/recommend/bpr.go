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
// an item that it has and one that it has not, drawn again and again. Each epoch has as many steps as there are pairs, each of which takes time for
// the factors. Recommend may be called by several goroutines at once.
type BPR[U, I cmp.Ordered] struct {
	history      *History[U, I]
	users, items factors
	bias         []float64
}

// A BPROption sets how a BPR is fitted.
type BPROption func(*bprConfig)

type bprConfig struct {
	factors, epochs int
	rate, reg       float64
	seed            uint64
}

// BPRFactors sets how many factors there are. The default is 64.
func BPRFactors(n int) BPROption {
	if n < 1 {
		panic(fmt.Sprintf("recommend: BPRFactors(%d): want at least 1", n))
	}
	return func(c *bprConfig) { c.factors = n }
}

// Epochs sets how often there are as many steps as pairs. The default is 100.
func Epochs(n int) BPROption {
	if n < 1 {
		panic(fmt.Sprintf("recommend: Epochs(%d): want at least 1", n))
	}
	return func(c *bprConfig) { c.epochs = n }
}

// LearningRate sets how far a step goes. The default is 0.05.
func LearningRate(r float64) BPROption {
	if !(r > 0) || r-r != 0 {
		panic(fmt.Sprintf("recommend: LearningRate(%v): want more than 0", r))
	}
	return func(c *bprConfig) { c.rate = r }
}

// Shrinkage sets how much long vectors cost. The default is 0.01.
func Shrinkage(lambda float64) BPROption {
	if !(lambda >= 0) || lambda-lambda != 0 {
		panic(fmt.Sprintf("recommend: Shrinkage(%v): want 0 or more", lambda))
	}
	return func(c *bprConfig) { c.reg = lambda }
}

// BPRSeed sets what is drawn from. The default is 0.
func BPRSeed(seed uint64) BPROption { return func(c *bprConfig) { c.seed = seed } }

// FitBPR finds the factors of a history, which it keeps and which must not change any more. Weights do not count. When ctx ends, it
// returns its error.
func FitBPR[U, I cmp.Ordered](ctx context.Context, h *History[U, I], opts ...BPROption) (*BPR[U, I], error) {
	c := bprConfig{factors: 64, epochs: 100, rate: 0.05, reg: 0.01}
	for _, o := range opts {
		o(&c)
	}
	random := rand.New(rand.NewPCG(c.seed, 0))
	m := &BPR[U, I]{history: h, users: drawn(h.Users(), c.factors, random), items: drawn(h.Items(), c.factors, random), bias: make([]float64, h.Items())}
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
	diverged := fmt.Errorf("recommend: FitBPR: %w: use a lower LearningRate", ErrDiverged)
	for range c.epochs {
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

func (m *BPR[U, I]) step(c *bprConfig, u, liked, other int32) {
	x, a, b := m.users.at(u), m.items.at(liked), m.items.at(other)
	g := c.rate / (1 + math.Exp(dot(x, a)-dot(x, b)+m.bias[liked]-m.bias[other]))
	shrink := 1 - c.rate*c.reg
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
