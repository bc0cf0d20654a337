package cluster

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A KMeans splits events into k groups, each around its center, so that the sum of the squares of the
// distances from the centers, the inertia, is small. Before Fit it has no centers, and Assign
// returns -1. One goroutine at a time may fit; several may assign.
//
// It is Lloyd's algorithm, "Least squares quantization in PCM", 1982, begun by k-means++, Arthur and
// Vassilvitskii, SODA 2007, several times; the best is kept. A round takes time for each event, center and
// feature. A center that loses all its events moves to the event that is farthest from its own.
type KMeans struct {
	k, features      int
	restarts, rounds int
	batch            int
	tolerance        float64
	seed             uint64

	centers [][]float64
	sizes   []int
	inertia float64
}

// NewKMeans returns a model of k groups of events with that many features. It panics if one is not positive. Options: Restarts, 10; Rounds, 300; Tolerance, 0;
// MiniBatch; Seed.
func NewKMeans(k, features int, opts ...Option) *KMeans {
	if k < 1 || features < 1 {
		panic(fmt.Sprintf("cluster: NewKMeans(%d, %d): want at least 1 group and 1 feature", k, features))
	}
	c := config{restarts: 10, rounds: 300}.with(opts, "NewKMeans", "Restarts", "Rounds", "Tolerance", "MiniBatch", "Seed")
	return &KMeans{k: k, features: features, restarts: c.restarts, rounds: c.rounds, batch: c.batch, tolerance: c.tolerance, seed: c.seed}
}

// Fit finds the centers of a table, whose weights count and whose labels do not. Fewer different events than k are an
// error, and so is an event with a place that the model does not have.
func (m *KMeans) Fit(t *mining.Table) error {
	rows, weights, err := table(t, m.features, "cluster: KMeans")
	if err != nil {
		return err
	}
	if slices.Max(weights) == 0 {
		return errors.New("cluster: KMeans: all weights are 0")
	}
	if n := different(rows); n < m.k {
		return fmt.Errorf("cluster: KMeans: %d groups of %d different events", m.k, n)
	}
	best := lloyd{inertia: math.Inf(1)}
	for restart := range m.restarts {
		l := lloyd{rows: rows, weights: weights, of: make([]int, len(rows))}
		random := rand.New(rand.NewPCG(m.seed, uint64(restart)))
		l.begin(m.k, random)
		if m.batch > 0 {
			l.sample(m.rounds, m.batch, random)
		} else {
			l.run(m.rounds, m.tolerance)
		}
		if l.inertia < best.inertia {
			best = l
		}
	}
	best.settle()
	m.centers, m.sizes, m.inertia = best.centers, best.sizes, best.inertia
	return nil
}

// Groups returns the k that the model was made with.
func (m *KMeans) Groups() int { return m.k }

// Centers returns the centers, the one of most events first. They are copies. They are nil before Fit.
func (m *KMeans) Centers() [][]float64 { return clone(m.centers) }

// Sizes returns how many events of the table each group had.
func (m *KMeans) Sizes() []int { return slices.Clone(m.sizes) }

// Inertia returns the sum of the squares of the distances of the table's events from their centers, times their weights.
func (m *KMeans) Inertia() float64 { return m.inertia }

// Assign returns the group whose center is nearest: of several the first, and -1 before Fit. It panics if x has a
// place that the model does not have.
func (m *KMeans) Assign(x mining.Vector) int {
	group, _ := m.Distance(x)
	return group
}

// Distance returns the nearest group, and the distance from its center. Before Fit that is -1 and 0.
func (m *KMeans) Distance(x mining.Vector) (group int, d float64) {
	x.Within(m.features, "cluster: KMeans")
	if m.centers == nil {
		return -1, 0
	}
	row := make([]float64, m.features)
	fill(row, x)
	group, d = nearest(row, m.centers)
	return group, math.Sqrt(d)
}

// table returns the rows and weights of a table.
func table(t *mining.Table, features int, who string) (rows [][]float64, weights []float64, err error) {
	labels := *t
	labels.Y = make([]float64, len(t.X)) // which are not asked for
	if err := labels.Check(who); err != nil {
		return nil, nil, err
	}
	if n := t.Features(); n > features {
		return nil, nil, fmt.Errorf("%s: the table has %d features, and the model %d", who, n, features)
	}
	all := make([]float64, len(t.X)*features)
	for i, x := range t.X {
		row := all[i*features : (i+1)*features : (i+1)*features]
		fill(row, x)
		rows, weights = append(rows, row), append(weights, t.WeightOf(i))
	}
	return rows, weights, nil
}

// different returns how many rows differ.
func different(rows [][]float64) int {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b []float64) int { return slices.Compare(a, b) })
	return len(slices.CompactFunc(sorted, func(a, b []float64) bool { return slices.Compare(a, b) == 0 }))
}

func clone(rows [][]float64) (c [][]float64) {
	for _, row := range rows {
		c = append(c, slices.Clone(row))
	}
	return c
}

type plainKMeans struct {
	K, Features, Restarts, Rounds, Batch int
	Tolerance                            float64
	Seed                                 uint64
	Centers                              [][]float64
	Sizes                                []int
	Inertia                              float64
}

var kindKMeans = saved.As[plainKMeans]("cluster.KMeans", 1)

// AppendBinary appends all that m holds.
func (m *KMeans) AppendBinary(b []byte) ([]byte, error) {
	return kindKMeans.Append(b, &plainKMeans{m.k, m.features, m.restarts, m.rounds, m.batch, m.tolerance, m.seed, m.centers, m.sizes, m.inertia})
}

// UnmarshalBinary replaces all that m holds by what AppendBinary has appended.
func (m *KMeans) UnmarshalBinary(data []byte) error {
	var p plainKMeans
	err := kindKMeans.Read(data, &p, func(p *plainKMeans) error { return checkCenters(p.Centers, p.K, p.Features) })
	if err != nil {
		return err
	}
	*m = KMeans{p.K, p.Features, p.Restarts, p.Rounds, p.Batch, p.Tolerance, p.Seed, p.Centers, p.Sizes, p.Inertia}
	return nil
}

// checkCenters reports centers that are not k of that many features, nor none.
func checkCenters(centers [][]float64, k, features int) error {
	if k < 1 || features < 1 || len(centers) != 0 && len(centers) != k {
		return fmt.Errorf("%d centers of %d groups", len(centers), k)
	}
	for _, c := range centers {
		if len(c) != features {
			return fmt.Errorf("a center of %d features, of %d", len(c), features)
		}
	}
	return nil
}
