package prepare

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Polynomial puts products of the values behind the values: all of 2 up to degree factors, and with
// interactions alone those of different places. Of places a, b and degree 2 come a, b, a², ab, b²; of interactions
// a, b, ab. It is the order of scikit-learn's PolynomialFeatures, without its leading 1.
//
// A product with a missing value is missing. One beyond what a number holds is the greatest number. It learns
// nothing, and allocates nothing for an event. It takes 8 bytes a product.
type Polynomial struct {
	n, degree    int
	interactions bool
	terms        []term `binary:"-"`
}

// A term is one that came before, times a place.
type term struct{ before, place uint32 }

type plainPolynomial Polynomial

var kindPolynomial = saved.As[plainPolynomial]("prepare.Polynomial", 1)

// maxTerms bounds what comes out.
const maxTerms = 1 << 20

// NewPolynomial returns a step for vectors of n places. It panics if more than 1,048,576 places would come
// out.
func NewPolynomial(n, degree int, interactions bool) *Polynomial {
	places(n, "Polynomial")
	if degree < 2 || degree > 100 {
		panic(fmt.Sprintf("prepare: Polynomial: a degree is 2 to 100, not %d", degree))
	}
	terms, ok := products(n, degree, interactions)
	if !ok {
		panic(fmt.Sprintf("prepare: Polynomial: degree %d of %d places has more than %d products", degree, n, maxTerms))
	}
	return &Polynomial{n, degree, interactions, terms}
}

// products lists the terms of degree 2 and more. Each of one degree is one of the degree before, times
// its own last place or one behind it.
func products(n, degree int, interactions bool) (terms []term, ok bool) {
	if n > maxTerms {
		return nil, false
	}
	last := make([]uint32, n) // place, by term
	for p := range last {
		last[p] = uint32(p)
	}
	from, to := 0, n
	for range degree - 1 {
		for t := from; t < to; t++ {
			p := last[t]
			if interactions {
				p++
			}
			for ; int(p) < n; p++ {
				if len(last) >= maxTerms {
					return nil, false
				}
				terms, last = append(terms, term{uint32(t), p}), append(last, p)
			}
		}
		from, to = to, len(last)
	}
	return terms, true
}

// Places returns how many values and products there are.
func (p *Polynomial) Places() int { return p.n + len(p.terms) }

// Learn does nothing.
func (p *Polynomial) Learn(mining.Vector, float64) {}

// LearnWeighted does nothing.
func (p *Polynomial) LearnWeighted(_ mining.Vector, _, weight float64) {
	weighed(weight, "Polynomial")
}

// Fit learns nothing. The error is what is wrong with the table.
func (p *Polynomial) Fit(t *mining.Table) error {
	if n := t.Features(); n > p.n {
		return fmt.Errorf("prepare: Polynomial: the table has %d features, and the step %d", n, p.n)
	}
	return fit(p, t, "Polynomial")
}

// Transform sets to to the values and their products.
func (p *Polynomial) Transform(x mining.Vector, to *mining.Vector) {
	x.Within(p.n, "prepare: Polynomial")
	expand(x, p.n, to)
	for _, t := range p.terms {
		a, b := to.Value[t.before], to.Value[t.place]
		v := a * b
		if !mining.Known(v) {
			if v = bound(v); !mining.Known(a) || !mining.Known(b) {
				v = mining.Missing
			}
		}
		to.Value = append(to.Value, v)
	}
}

// AppendBinary appends the step.
func (p *Polynomial) AppendBinary(b []byte) ([]byte, error) {
	return kindPolynomial.Append(b, (*plainPolynomial)(p))
}

// UnmarshalBinary restores what AppendBinary appended.
func (p *Polynomial) UnmarshalBinary(data []byte) error {
	return kindPolynomial.Read(data, (*plainPolynomial)(p), func(p *plainPolynomial) error {
		ok := p.n >= 1 && p.degree >= 2 && p.degree <= 100
		if ok {
			p.terms, ok = products(p.n, p.degree, p.interactions)
		}
		if !ok {
			return errors.New("it has no such degree or places")
		}
		return nil
	})
}
