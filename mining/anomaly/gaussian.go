package anomaly

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Gaussian takes features to be normal and independent. A score is the square root of the mean of their squared z-scores, which
// is about 1 of a usual event.
//
// Memory, Learn and Score are O(n) for n features. A missing feature is left out. A feature that was always the same scores at most 1e9 where it differs.
//
// Source: Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4, 1962.
type Gaussian struct {
	grace    int64
	n        int64
	features []moments
}

type plainGaussian Gaussian

var kindGaussian = saved.As[plainGaussian]("anomaly.Gaussian", 1)

// NewGaussian returns a model of events with that many features. Options: Grace, 30 events before the first that has a score.
func NewGaussian(features int, opts ...Option) *Gaussian {
	need(features > 0 && features <= largest, "NewGaussian: between 1 and %d features, not %d", largest, features)
	g := &Gaussian{grace: 30, features: make([]moments, features)}
	for _, o := range opts {
		if o.key != grace {
			o.refuse("Gaussian")
		}
		g.grace = int64(o.value)
	}
	need(g.grace >= 0, "NewGaussian: Grace is not negative: %d", g.grace)
	return g
}

// Z returns the z-score of a value of a feature, and 0 of a missing one or before two values.
func (g *Gaussian) Z(feature int, v float64) float64 {
	m := &g.features[feature]
	if !mining.Known(v) || m.N < 2 {
		return 0
	}
	d := clamp(v) - m.Mean
	return math.Copysign(ratio(math.Abs(d), math.Sqrt(m.Squares/float64(m.N-1))), d)
}

// Score returns how strange an event is, and 0 before Grace events.
func (g *Gaussian) Score(x mining.Vector) float64 {
	x.Within(len(g.features), "anomaly: Gaussian")
	if g.n < g.grace {
		return 0
	}
	sum, known := 0.0, 0
	dense := x.Dense()
	for i := range g.features {
		v := 0.0
		if len(x.Index) > 0 {
			v = x.At(i)
		} else if i < len(dense) {
			v = dense[i]
		}
		if mining.Known(v) {
			z := g.Z(i, v)
			sum += z * z
			known++
		}
	}
	return math.Sqrt(sum / float64(max(1, known)))
}

// Learn learns an event.
func (g *Gaussian) Learn(x mining.Vector) {
	x.Within(len(g.features), "anomaly: Gaussian")
	g.n++
	dense := x.Dense()
	for i := range g.features {
		v := 0.0
		if len(x.Index) > 0 {
			v = x.At(i)
		} else if i < len(dense) {
			v = dense[i]
		}
		if mining.Known(v) {
			g.features[i].add(clamp(v))
		}
	}
}

// AppendBinary appends the model.
func (g *Gaussian) AppendBinary(b []byte) ([]byte, error) {
	return kindGaussian.Append(b, (*plainGaussian)(g))
}

// UnmarshalBinary replaces the model.
func (g *Gaussian) UnmarshalBinary(data []byte) error {
	return kindGaussian.Read(data, (*plainGaussian)(g), func(p *plainGaussian) error {
		ok := p.grace >= 0 && p.n >= 0 && len(p.features) > 0
		for _, m := range p.features {
			ok = ok && m.sound()
		}
		if !ok {
			return errBroken
		}
		return nil
	})
}

// Mahalanobis takes features to be normal together. A score is the distance of Mahalanobis, √((x-μ)ᵀ·Σ⁻¹·(x-μ)), whose square has the mean n
// for n features of usual events.
//
// It holds μ and the factor L of n·Σ = L·Lᵀ, to which each event is added by a rank-1 update: no matrix is inverted. Memory, Learn and Score
// are O(n²). A missing feature counts as its mean. To Σ a ridge is added once, of the variance that [Ridge] says.
//
// Source: Mahalanobis, "On the generalised distance in statistics", 1936; the update: Gill, Golub, Murray, Saunders, "Methods for modifying matrix
// factorizations", Mathematics of Computation 28, 1974.
type Mahalanobis struct {
	grace, n int64
	ridge    float64
	mean     []float64
	factor   []float64 // lower triangle, row after row

	d []float64 `binary:"-"`
}

type plainMahalanobis Mahalanobis

var kindMahalanobis = saved.As[plainMahalanobis]("anomaly.Mahalanobis", 1)

// NewMahalanobis returns a model of events with that many features, at most 2000. Options: Grace, 30 events before the first that has a score, or twice
// as many as features; Ridge, 1e-9.
func NewMahalanobis(features int, opts ...Option) *Mahalanobis {
	need(features > 0 && features <= 2000, "NewMahalanobis: between 1 and 2000 features, not %d", features)
	m := &Mahalanobis{grace: int64(max(30, 2*features)), ridge: 1e-9, mean: make([]float64, features)}
	for _, o := range opts {
		switch o.key {
		case grace:
			m.grace = int64(o.value)
		case ridge:
			m.ridge = o.value
		default:
			o.refuse("Mahalanobis")
		}
	}
	need(m.grace >= 0 && m.ridge > 0 && m.ridge <= huge, "NewMahalanobis: Grace is not negative, Ridge is positive: %v, %v", m.grace, m.ridge)
	m.factor = make([]float64, features*(features+1)/2)
	for i := range features {
		m.factor[i*(i+1)/2+i] = math.Sqrt(m.ridge)
	}
	m.d = make([]float64, features)
	return m
}

// distances sets m.d to x - μ, and 0 where that is not known.
func (m *Mahalanobis) distances(x mining.Vector, d []float64) {
	x.Expand(d)
	for i, v := range d {
		if d[i] = 0; mining.Known(v) {
			d[i] = clamp(v) - m.mean[i]
		}
	}
}

// Score returns how strange an event is, and 0 before Grace events.
func (m *Mahalanobis) Score(x mining.Vector) float64 {
	x.Within(len(m.mean), "anomaly: Mahalanobis")
	if m.n < max(2, m.grace) {
		return 0
	}
	d := m.d
	m.distances(x, d)
	// L·y = x-μ, and the squared length of y is the distance.
	sum := 0.0
	for i := range d {
		row := m.factor[i*(i+1)/2:]
		y := d[i]
		for j, v := range d[:i] {
			y -= row[j] * v
		}
		y = clamp(y / row[i])
		d[i] = y
		sum += y * y
	}
	return math.Sqrt(sum) * math.Sqrt(float64(m.n-1))
}

// Learn learns an event.
func (m *Mahalanobis) Learn(x mining.Vector) {
	x.Within(len(m.mean), "anomaly: Mahalanobis")
	m.n++
	d, w := m.d, float64(m.n)
	m.distances(x, d)
	s := math.Sqrt((w - 1) / w)
	for i := range d {
		m.mean[i] += d[i] / w
		d[i] *= s
	}
	for k := range d {
		at := k*(k+1)/2 + k
		old := m.factor[at]
		r := math.Hypot(old, d[k])
		c, t := r/old, d[k]/old
		m.factor[at] = r
		if d[k] == 0 {
			continue
		}
		for i := k + 1; i < len(d); i++ {
			p := &m.factor[i*(i+1)/2+k]
			v := clamp((*p + t*d[i]) / c)
			d[i] = clamp(c*d[i] - t*v)
			*p = v
		}
	}
}

// AppendBinary appends the model.
func (m *Mahalanobis) AppendBinary(b []byte) ([]byte, error) {
	return kindMahalanobis.Append(b, (*plainMahalanobis)(m))
}

// UnmarshalBinary replaces the model.
func (m *Mahalanobis) UnmarshalBinary(data []byte) error {
	return kindMahalanobis.Read(data, (*plainMahalanobis)(m), func(p *plainMahalanobis) error {
		n := len(p.mean)
		if n == 0 || n > 2000 || len(p.factor) != n*(n+1)/2 || p.n < 0 || p.grace < 0 || !(p.ridge > 0) || p.ridge > huge {
			return errBroken
		}
		for i, v := range p.mean {
			if !mining.Known(v) || !(p.factor[i*(i+1)/2+i] > 0) {
				return errBroken
			}
		}
		for _, v := range p.factor {
			if !mining.Known(v) {
				return errBroken
			}
		}
		p.d = make([]float64, n)
		return nil
	})
}
