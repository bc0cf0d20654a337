package prepare

import (
	"errors"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Standard makes of each value its distance from the mean of its place, divided by the standard deviation of
// the place (of a population): z = (v - mean) / sd. Where all values were the same, or none came, that is 0.
//
// It handles the first places of a vector, as many as it was made for; a place without a value holds
// 0. What stands behind them passes as it is. A missing value stays missing. Values beyond
// ±1e140 are learnt as ±1e140.
//
// It is West, "Updating Mean and Variance Estimates: An Improved Method", CACM 22(9), 1979. It takes 40 bytes a
// place, and allocates nothing for an event.
type Standard struct {
	at      []moments
	scratch []float64 `binary:"-"`
}

// moments are of the values of a place.
type moments struct {
	n, mean, squares float64 // weight, mean, and weighted squared distances from it
	inverse          float64 // of the standard deviation; 0 where there is none
}

func (m *moments) add(v, weight float64) {
	v = min(far, max(-far, v))
	m.n += weight
	d := v - m.mean
	m.mean += d * (weight / m.n)
	m.squares += weight * d * (v - m.mean)
}

// of is what v is scaled to, whatever it is.
func (m *moments) of(v float64) float64 {
	if !mining.Known(v) {
		return mining.Missing
	}
	if m.inverse == 0 {
		return 0
	}
	return bound((v - m.mean) * m.inverse)
}

func (m *moments) scale() {
	m.inverse = 0
	if m.squares > 0 {
		if i := math.Sqrt(m.n / m.squares); mining.Known(i) {
			m.inverse = i
		}
	}
}

// merge is Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
// Sample Variances", 1979.
func (m *moments) merge(o moments) {
	if o.n == 0 {
		return
	}
	n := m.n + o.n
	d := o.mean - m.mean
	m.mean += d * (o.n / n)
	m.squares += o.squares + d*d*(m.n*(o.n/n))
	m.n = n
	m.scale()
}

type plainStandard Standard

var kindStandard = saved.As[plainStandard]("prepare.Standard", 1)

// NewStandard returns a step for the first n places.
func NewStandard(n int) *Standard {
	places(n, "Standard")
	return &Standard{at: make([]moments, n)}
}

// Places returns for how many places it was made.
func (s *Standard) Places() int { return len(s.at) }

// Learn learns x. The label means nothing.
func (s *Standard) Learn(x mining.Vector, _ float64) {
	for p, v := range first(x, len(s.at), &s.scratch) {
		m := &s.at[p]
		if !(v <= far && v >= -far) {
			if mining.Known(v) {
				m.add(v, 1)
				m.scale()
			}
			continue
		}
		m.n++
		d := v - m.mean
		m.mean += d * (1 / m.n)
		m.squares += d * (v - m.mean)
		m.scale()
	}
}

// LearnWeighted learns x as if it came weight times.
func (s *Standard) LearnWeighted(x mining.Vector, y, weight float64) {
	weighed(weight, "Standard")
	switch weight {
	case 0:
		return
	case 1:
		s.Learn(x, y)
		return
	}
	for p, v := range first(x, len(s.at), &s.scratch) {
		if mining.Known(v) {
			s.at[p].add(v, weight)
			s.at[p].scale()
		}
	}
}

// Fit forgets what was learnt, and learns a table.
func (s *Standard) Fit(t *mining.Table) error {
	fresh := NewStandard(len(s.at))
	if err := fit(fresh, t, "Standard"); err != nil {
		return err
	}
	*s = *fresh
	return nil
}

// Transform sets to to the scaled values.
func (s *Standard) Transform(x mining.Vector, to *mining.Vector) {
	if len(x.Index) != 0 || len(x.Value) != len(s.at) {
		expand(x, len(s.at), to)
		x.Value = to.Value[:len(s.at)]
	} else {
		to.Index, to.Value = to.Index[:0], mining.Sized(to.Value, len(x.Value))
	}
	out, at := to.Value[:len(x.Value)], s.at[:len(x.Value)]
	for p, v := range x.Value {
		m := &at[p]
		z := (v - m.mean) * m.inverse
		if z-z != 0 { // rare
			z = m.of(v)
		}
		out[p] = z
	}
}

// learnTransform is Learn, and then Transform, in one pass over an ordinary vector: it is where the time of a stream goes.
func (s *Standard) learnTransform(x mining.Vector, y float64, to *mining.Vector) {
	if len(x.Index) != 0 || len(x.Value) != len(s.at) {
		s.Learn(x, y)
		s.Transform(x, to)
		return
	}
	to.Index, to.Value = to.Index[:0], mining.Sized(to.Value, len(x.Value))
	out, at := to.Value[:len(x.Value)], s.at[:len(x.Value)]
	last, share := 0.0, 0.0
	for p, v := range x.Value {
		m := &at[p]
		if !(v <= far && v >= -far) { // rare, and missing values
			if mining.Known(v) {
				m.add(v, 1)
				m.scale()
			}
			out[p] = m.of(v)
			continue
		}
		m.n++
		if m.n != last { // mostly it is the same for all places: one division
			last, share = m.n, 1/m.n
		}
		d := v - m.mean
		m.mean += d * share
		e := v - m.mean
		m.squares += d * e
		if m.squares > 1e-280 { // and not beyond 1e280 a step: the quotient is a number
			m.inverse = math.Sqrt(m.n / m.squares)
			out[p] = e * m.inverse
		} else {
			m.scale()
			out[p] = m.of(v)
		}
	}
}

// Merge has s learn what o has learnt. It panics if they were made for different numbers of places.
func (s *Standard) Merge(o *Standard) {
	if len(s.at) != len(o.at) {
		panic("prepare: Standard: Merge: the other has another number of places")
	}
	for p := range s.at {
		s.at[p].merge(o.at[p])
	}
}

// Mean returns the mean of a place, and 0 before its first value.
func (s *Standard) Mean(place int) float64 { return s.at[place].mean }

// StdDev returns the standard deviation of a place, of a population, and 0 before its first value.
func (s *Standard) StdDev(place int) float64 {
	m := s.at[place]
	if m.n == 0 {
		return 0
	}
	return math.Sqrt(m.squares / m.n)
}

// AppendBinary appends the step.
func (s *Standard) AppendBinary(b []byte) ([]byte, error) {
	return kindStandard.Append(b, (*plainStandard)(s))
}

// UnmarshalBinary restores what AppendBinary appended.
func (s *Standard) UnmarshalBinary(data []byte) error {
	return kindStandard.Read(data, (*plainStandard)(s), func(s *plainStandard) error {
		if len(s.at) == 0 {
			return errors.New("it has no places")
		}
		return nil
	})
}
