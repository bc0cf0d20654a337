package linear

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/freshet-go/freshet/mining"
)

// Fit solves for the weights that minimize half of the sum of the squared weights plus C times the sum of the
// cross-entropies, as scikit-learn's LogisticRegression does for more than two classes. The weights of the classes add up to
// 0 at each place, and so do the intercepts. It is Newton's method of centred features, with time O(n·k²·p²) an
// iteration, for n events, k classes, and p features. There are at most 4,096 weights. Errors are those of Logistic.Fit.
func (s *Softmax) Fit(t *mining.Table) error {
	const who = "linear: Softmax"
	p, k := len(s.of(0)), s.classes
	d, err := designOf(t, p, &s.config, k, k, who)
	if err != nil {
		return err
	}
	seen := make([]bool, k)
	for _, y := range d.y {
		seen[int(y)] = true
	}
	for class, ok := range seen {
		if !ok {
			return fmt.Errorf("%s: the table has no event of class %d", who, class)
		}
	}
	means := d.centre()
	at, err := newton(k*d.q, func(at, gradient []float64, hessian *mat.SymDense) (float64, split) {
		return s.entropy(d, at, gradient, hessian)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", who, err)
	}
	clear(s.b)
	for class := range k {
		copy(s.of(class), at[class*d.q:])
		if d.intercept {
			s.b[class] = at[class*d.q+p] - dot(at[class*d.q:class*d.q+p], nil, means)
		}
	}
	s.steps = 0
	return nil
}

// entropy is what Fit minimizes, with its derivatives.
func (s *Softmax) entropy(d *design, at, gradient []float64, hessian *mat.SymDense) (value float64, sp split) {
	k, p, penalty := s.classes, len(s.of(0)), 1/s.config.C
	score := make([]float64, k)
	sp = undecided(penalty)
	for i := range d.n {
		x, y := d.row(i), int(d.y[i])
		for c := range k {
			score[c] = dot(at[c*d.q:(c+1)*d.q], nil, x)
		}
		own := score[y]
		for c, v := range score {
			if c != y {
				sp.see(own - v)
			}
		}
		most := math.Inf(-1)
		for _, v := range score {
			most = max(most, v)
		}
		sum := 0.0
		for _, v := range score {
			sum += math.Exp(v - most)
		}
		w := d.weight[i]
		value += w * (math.Log(sum) + most - own)
		if gradient == nil {
			continue
		}
		softmax(score)
		for c, pc := range score {
			g := pc
			if c == y {
				g--
			}
			for j, v := range x {
				gradient[c*d.q+j] += w * g * v
			}
			for e := c; e < k; e++ {
				curve := -w * pc * score[e]
				if e == c {
					curve = w * pc * (1 - pc)
				}
				s.curve(d, x, c, e, curve, hessian)
			}
		}
	}
	for c := range k {
		for j := range p {
			v := at[c*d.q+j]
			value += penalty / 2 * v * v
			if gradient != nil {
				gradient[c*d.q+j] += penalty * v
				hessian.SetSym(c*d.q+j, c*d.q+j, hessian.At(c*d.q+j, c*d.q+j)+penalty)
			}
		}
	}
	if gradient != nil {
		s.pin(d, hessian)
	}
	return value, sp
}

// curve adds the second derivatives by the weights of classes c and e.
func (s *Softmax) curve(d *design, x []float64, c, e int, by float64, hessian *mat.SymDense) {
	raw := hessian.RawSymmetric()
	for j, v := range x {
		row := raw.Data[(c*d.q+j)*raw.Stride+e*d.q:]
		from := 0
		if c == e {
			from = j
		}
		for l := from; l < d.q; l++ {
			row[l] += by * v * x[l]
		}
	}
}

// pin keeps the sum over the classes at 0 where nothing else says what it is: to add the same to all
// changes no probability.
func (s *Softmax) pin(d *design, hessian *mat.SymDense) {
	for j := range d.q {
		size := 0.0
		for c := range s.classes {
			size += hessian.At(c*d.q+j, c*d.q+j)
		}
		size /= float64(s.classes * s.classes)
		for c := range s.classes {
			for e := c; e < s.classes; e++ {
				hessian.SetSym(c*d.q+j, e*d.q+j, hessian.At(c*d.q+j, e*d.q+j)+size)
			}
		}
	}
}
