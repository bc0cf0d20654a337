package linear

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/freshet-go/freshet/mining"
)

// Fit solves for the weights that minimize half of the sum of the squared weights plus C times the sum of the log
// losses, each times the weights of its event and class: the convention of scikit-learn's LogisticRegression. The
// intercept is not penalized. It is Newton's method (iteratively reweighted least squares), halving steps that
// do not descend, of centred features, which takes time O(n·p²) an iteration, mostly fewer than ten, and memory O(n·p + p²) for n events of p features, at
// most 4,095. The error is ErrSeparable or ErrSingular where, without a penalty, there is no
// solution or more than one. Learn goes on from the fit.
func (l *Logistic) Fit(t *mining.Table) error {
	const who = "linear: Logistic"
	p := len(l.m.W)
	d, err := designOf(t, p, &l.m.Config, 2, 1, who)
	if err != nil {
		return err
	}
	ones := 0
	for i, y := range d.y {
		ones += int(y)
		d.y[i] = sign(int(y))
	}
	if ones == 0 || ones == d.n {
		return fmt.Errorf("%s: the table has events of one class only", who)
	}
	means := d.centre()
	penalty := 1 / l.m.Config.C
	f := func(at, gradient []float64, hessian *mat.SymDense) (value float64, s split) {
		s = undecided(penalty)
		for i := range d.n {
			x := d.row(i)
			margin := dot(at, nil, x) * d.y[i]
			s.see(margin)
			value += d.weight[i] * softplus(-margin)
			if gradient == nil {
				continue
			}
			miss := sigmoid(-margin)
			by := -d.y[i] * miss * d.weight[i]
			curve := miss * sigmoid(margin) * d.weight[i]
			raw := hessian.RawSymmetric()
			for j, v := range x {
				gradient[j] += by * v
				row := raw.Data[j*raw.Stride : j*raw.Stride+d.q]
				for k := j; k < d.q; k++ {
					row[k] += curve * v * x[k]
				}
			}
		}
		for j := range p {
			value += penalty / 2 * at[j] * at[j]
			if gradient != nil {
				gradient[j] += penalty * at[j]
				hessian.SetSym(j, j, hessian.At(j, j)+penalty)
			}
		}
		return value, s
	}
	at, err := newton(d.q, f)
	if err != nil {
		return fmt.Errorf("%s: %w", who, err)
	}
	b := 0.0
	if d.intercept {
		b = at[p] - dot(at[:p], nil, means)
	}
	l.m.set(at[:p], b)
	return nil
}

// softplus is log(1 + e^s).
func softplus(s float64) float64 { return max(s, 0) + math.Log1p(math.Exp(-math.Abs(s))) }

// A split is what weights say of a plane between the classes.
type split struct {
	apart bool // all events are on their sides, and there is no penalty: there is no least value
	far   bool // some event is all but certain
	// least and most are of the margins. With a penalty they are not told.
	least, most float64
	free        bool
}

func undecided(penalty float64) split {
	return split{apart: penalty == 0, free: penalty == 0, least: math.Inf(1), most: math.Inf(-1)}
}

func (s *split) see(margin float64) {
	s.apart = s.apart && margin > 0
	s.far = s.far || margin > certain
	s.least, s.most = min(s.least, margin), max(s.most, margin)
}

// recedes reports whether weights that are a direction lead on for ever: no event comes off worse and some
// better. Newton's step adds 1 to the margins that grow without an end.
func (s *split) recedes() bool { return s.free && s.least > -1e-6 && s.most > 0.5 }

// certain is a margin that, where weights are not decided any more, only a plane between the classes leads to. Features
// that do not decide them show at once, where all margins are 0.
const certain = 15

// newton returns where a convex function is least, from 0 on. The function adds to gradient and to the upper
// half of hessian, if they are not nil.
func newton(n int, f func(at, gradient []float64, hessian *mat.SymDense) (float64, split)) ([]float64, error) {
	at, next := make([]float64, n), make([]float64, n)
	gradient := make([]float64, n)
	for range 200 {
		clear(gradient)
		hessian := mat.NewSymDense(n, nil)
		value, s := f(at, gradient, hessian)
		if s.apart {
			return nil, ErrSeparable
		}
		step, err := downhill(hessian, gradient)
		if err != nil {
			if s.far { // events on the plane, and the others off it
				return nil, ErrSeparable
			}
			return nil, err
		}
		if s.far {
			for j := range next {
				next[j] = -step[j]
			}
			if _, on := f(next, nil, nil); on.recedes() { // some events on the plane, and the others off it
				return nil, ErrSeparable
			}
		}
		decrement := dot(step, nil, gradient)
		tolerance := 1e-12 * (1 + math.Abs(value))
		size := 1.0
		for ; ; size /= 2 {
			for j := range at {
				next[j] = at[j] - size*step[j]
			}
			if now, _ := f(next, nil, nil); now <= value-size/4*decrement+tolerance {
				break
			}
			if size < 1e-10 {
				return nil, errors.New("no step descends: the values are too large")
			}
		}
		at, next = next, at
		if !finite(at, 0) {
			return nil, errors.New("the weights are not finite: the values are too large")
		}
		if size == 1 && decrement <= 1e-15*(1+math.Abs(value)) {
			if _, s := f(at, nil, nil); s.apart {
				return nil, ErrSeparable
			}
			return at, nil
		}
	}
	return nil, ErrSeparable
}

// downhill solves hessian·step = gradient. The diagonal is scaled to 1 first, so that units
// of features do not matter.
func downhill(hessian *mat.SymDense, gradient []float64) ([]float64, error) {
	n := len(gradient)
	root := make([]float64, n)
	for j := range n {
		root[j] = math.Sqrt(hessian.At(j, j))
		if !(root[j] > 0) || math.IsInf(root[j], 0) {
			return nil, fmt.Errorf("%w: that at place %d is constant", ErrSingular, j)
		}
	}
	right := mat.NewVecDense(n, nil)
	for j := range n {
		for k := j; k < n; k++ {
			hessian.SetSym(j, k, hessian.At(j, k)/root[j]/root[k])
		}
		right.SetVec(j, gradient[j]/root[j])
	}
	var cholesky mat.Cholesky
	if !cholesky.Factorize(hessian) || cholesky.Cond() > 1e13 {
		return nil, ErrSingular
	}
	var step mat.VecDense
	if err := cholesky.SolveVecTo(&step, right); err != nil {
		return nil, ErrSingular
	}
	out := make([]float64, n)
	for j := range out {
		out[j] = step.AtVec(j) / root[j]
	}
	return out, nil
}
