package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// An ALS finds factors of taste: each user and each item is a vector, and their product says how much the user wants the item. A pair
// that is in the history wants to be 1, with the confidence 1 + Alpha·weight, and all others 0 with the confidence 1.
//
// It is Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008: users and items are solved for in turns, by
// three steps of conjugate gradients from where they were: Takács, Pilászy and Tikk, "Applications of the conjugate gradient method for
// implicit feedback collaborative filtering", RecSys 2011. A round takes time for each pair times factors, and for each user and
// item times factors². Recommend may be called by several goroutines at once.
type ALS[U, I cmp.Ordered] struct {
	history      *History[U, I]
	config       settings
	users, items factors
}

// factors are vectors, one behind the other.
type factors struct {
	f   int
	all []float64
}

func (x factors) at(i int32) []float64 { return x.all[int(i)*x.f : (int(i)+1)*x.f] }

// FitALS finds the factors of a history, which it keeps and which must not change any more. When ctx ends, it returns its
// error. Factors that run away are ErrDiverged. Options: FactorCount, 64; Rounds, 15; L2, 1; Alpha, 1; Workers, 1; Seed.
func FitALS[U, I cmp.Ordered](ctx context.Context, h *History[U, I], opts ...Option) (*ALS[U, I], error) {
	c := settings{Factors: 64, Rounds: 15, Workers: 1, L2: 1, Alpha: 1}.with(opts, "FitALS", "FactorCount", "Rounds", "L2", "Alpha", "Workers", "Seed")
	need(c.L2 > 0, "FitALS with L2(0): want more than 0")
	m := &ALS[U, I]{history: h, config: c}
	random := rand.New(rand.NewPCG(c.Seed, 0))
	m.users, m.items = drawn(h.Users(), c.Factors, random), drawn(h.Items(), c.Factors, random)
	columns := h.byItem()
	for range c.Rounds {
		if err := c.solve(ctx, m.users, m.items, h.rows); err != nil {
			return nil, err
		}
		if err := c.solve(ctx, m.items, m.users, columns); err != nil {
			return nil, err
		}
	}
	if l := m.Loss(); l-l != 0 {
		return nil, fmt.Errorf("recommend: FitALS: %w: use a lower Alpha, or smaller weights", ErrDiverged)
	}
	return m, nil
}

// ErrDiverged says that a fit ran away: its factors are no numbers any more.
var ErrDiverged = errors.New("the factors have run away")

func drawn(n, f int, random *rand.Rand) factors {
	x := factors{f, make([]float64, n*f)}
	for i := range x.all {
		x.all[i] = 0.01 * (random.Float64() - 0.5)
	}
	return x
}

// solve sets each vector of x to what is best for the vectors of y.
func (c *settings) solve(ctx context.Context, x, y factors, rows []row) error {
	gram := gramOf(y, c.L2)
	var wait sync.WaitGroup
	for w := range c.Workers {
		wait.Go(func() {
			s := newSolver(c.Factors)
			for i := w; i < len(rows); i += c.Workers {
				if i%256 == w%256 && ctx.Err() != nil {
					return
				}
				s.solve(x.at(int32(i)), y, gram, rows[i], c.Alpha)
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

// Recommend returns the n items that a user wants most, with the up to three of the user's items that say so. A user who is not in the history
// gets nothing: ask Popular then, or RecommendFor.
func (m *ALS[U, I]) Recommend(user U, keep func(I) bool, n int) []Recommendation[I] {
	u, ok := m.history.users.number[user]
	if !ok {
		return nil
	}
	return m.to(m.users.at(u), m.history.rows[u], keep, n)
}

// RecommendFor is Recommend for one who has these items: for whom a vector is solved.
func (m *ALS[U, I]) RecommendFor(items []I, keep func(I) bool, n int) []Recommendation[I] {
	var r row
	for _, item := range items {
		if i, ok := m.history.items.number[item]; ok {
			r.items = append(r.items, i)
		}
	}
	if len(r.items) == 0 {
		return nil
	}
	r = sorted(r)
	x := make([]float64, m.config.Factors)
	s := newSolver(m.config.Factors)
	gram := gramOf(m.items, m.config.L2)
	for range 10 {
		s.solve(x, m.items, gram, r, m.config.Alpha)
	}
	return m.to(x, r, keep, n)
}

func (m *ALS[U, I]) to(x []float64, has row, keep func(I) bool, n int) []Recommendation[I] {
	scores := make([]float64, m.history.Items())
	for i := range scores {
		scores[i] = dot(x, m.items.at(int32(i)))
	}
	all := best(m.history.items.all, scores, has.items, keep, n)
	m.explain(all, has)
	return all
}

// explain names the items that say most: section 5 of the paper. A score is a sum over the user's items of their confidence times
// their similarity as this user sees it.
func (m *ALS[U, I]) explain(all []Recommendation[I], has row) {
	if len(all) == 0 {
		return
	}
	view := newView(m.items, gramOf(m.items, m.config.L2), has, m.config.Alpha)
	if view == nil {
		return
	}
	for k := range all {
		seen := view.solve(m.items.at(m.history.items.number[all[k].Item]))
		var reasons []neighbour
		for j, i := range has.items {
			if says := (1 + m.config.Alpha*has.weight[j]) * dot(seen, m.items.at(i)); says > 0 {
				reasons = append(reasons, neighbour{i, says})
			}
		}
		all[k].Because = because(m.history.items.all, reasons)
	}
}

type savedALS[U, I cmp.Ordered] struct {
	Config       settings
	History      savedHistory[U, I]
	Users, Items []float64
}

// AppendBinary appends all that m holds, its history included.
func (m *ALS[U, I]) AppendBinary(b []byte) ([]byte, error) {
	return saved.As[savedALS[U, I]]("recommend.ALS", 1).Append(b, &savedALS[U, I]{m.config, saveHistory(m.history), m.users.all, m.items.all})
}

// UnmarshalBinary replaces what m holds by what AppendBinary has appended.
func (m *ALS[U, I]) UnmarshalBinary(data []byte) error {
	var s savedALS[U, I]
	err := saved.As[savedALS[U, I]]("recommend.ALS", 1).Read(data, &s, func(s *savedALS[U, I]) error {
		return s.History.check(s.Config.Factors, s.Users, s.Items)
	})
	if err == nil {
		*m = ALS[U, I]{s.History.history(), s.Config, factors{s.Config.Factors, s.Users}, factors{s.Config.Factors, s.Items}}
	}
	return err
}

// Loss returns what the fit lowers: the sum, over all pairs of a user and an item, of the confidence times the square of the error, and the
// regularization. It takes time for each pair that there is and factors².
func (m *ALS[U, I]) Loss() (sum float64) {
	c := m.config
	gram := gramOf(m.items, 0)
	v := make([]float64, c.Factors)
	for u, r := range m.history.rows {
		x := m.users.at(int32(u))
		multiply(v, gram, x)
		sum += dot(v, x) // as if all were 0
		for k, i := range r.items {
			p, w := dot(x, m.items.at(i)), c.Alpha*r.weight[k]
			sum += (1+w)*(1-p)*(1-p) - p*p
		}
	}
	return sum + c.L2*(dot(m.users.all, m.users.all)+dot(m.items.all, m.items.all))
}
