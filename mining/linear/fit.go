package linear

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/freshet-go/freshet/mining"
)

// ErrSingular is the error of a fit whose weights the table does not decide: a feature is a
// combination of others, or there are fewer events than features. Ridge and a finite C decide them.
var ErrSingular = errors.New("the features do not decide their weights")

// ErrSeparable is the error of a fit without penalty of classes that a plane separates: weights
// would have to be infinite. A finite C keeps them finite.
var ErrSeparable = errors.New("a plane separates the classes: without a penalty their weights are infinite")

// most is how many weights a solver takes: its matrix has their square of numbers.
const most = 4096

// A design is a table as a matrix, row by row, with a last column of 1 for the intercept. Events without a
// label or of weight 0 are left out.
type design struct {
	n, q      int
	x         []float64
	y, weight []float64
	intercept bool
}

func (d *design) row(i int) []float64 { return d.x[i*d.q : (i+1)*d.q] }

func designOf(t *mining.Table, features int, c *config, classes, scores int, who string) (*design, error) {
	if err := t.Check(who); err != nil {
		return nil, err
	}
	d := &design{q: features, intercept: !c.Fixed}
	if d.intercept {
		d.q++
	}
	if n := d.q * scores; n > most {
		return nil, fmt.Errorf("%s: Fit solves for up to %d weights, and these are %d: learn event by event", who, most, n)
	}
	if f := t.Features(); f > features {
		return nil, fmt.Errorf("%s: the table has %d features, and the model %d", who, f, features)
	}
	row := make([]float64, features)
	for i, x := range t.X {
		w, y := t.WeightOf(i), t.Y[i]
		if classes > 0 && mining.Known(y) {
			if class := int(y); float64(class) != y || class < 0 || class >= classes {
				return nil, fmt.Errorf("%s: the label of event %d, %v, is none of the classes 0 to %d", who, i, y, classes-1)
			} else if c.Weights != nil {
				w *= c.Weights[class]
			}
		}
		if w == 0 || !mining.Known(y) {
			continue
		}
		for p, v := range x.Expand(row) {
			if !mining.Known(v) {
				return nil, fmt.Errorf("%s: event %d of the table has no value at place %d: impute it first", who, i, p)
			}
		}
		d.x = append(d.x, row...)
		if d.intercept {
			d.x = append(d.x, 1)
		}
		d.y, d.weight = append(d.y, y), append(d.weight, w)
		d.n++
	}
	if d.n == 0 {
		return nil, fmt.Errorf("%s: no event of the table has a label and a weight", who)
	}
	return d, nil
}

// Fit solves for the weights that minimize the sum of the squared errors, each times its weight, plus Ridge times
// the sum of the squared weights. It is a QR decomposition of the centred features by Householder
// reflections, which takes time O(n·p²) and memory O(n·p) for n events of p features, at most 4,095. The error is
// ErrSingular where the weights are not decided, and of a model with a loss that is not the squared one. Learn
// goes on from the fit.
func (r *Regression) Fit(t *mining.Table) error {
	const who = "linear: Regression"
	c := &r.m.Config
	if c.Loss != squared {
		return fmt.Errorf("%s: Fit is for the squared loss: learn others event by event", who)
	}
	p := len(r.m.W)
	d, err := designOf(t, p, c, 0, 1, who)
	if err != nil {
		return err
	}
	means, rows := make([]float64, d.q), d.n
	my := 0.0
	if d.intercept {
		means, my = d.means()
	}
	if c.Ridge > 0 {
		rows += p
	}
	if rows < p {
		return fmt.Errorf("%s: %w: %d events for %d features", who, ErrSingular, d.n, p)
	}
	a, b := mat.NewDense(rows, p, nil), mat.NewVecDense(rows, nil)
	for i := range d.n {
		root := math.Sqrt(d.weight[i])
		for k, v := range d.row(i)[:p] {
			a.Set(i, k, (v-means[k])*root)
		}
		b.SetVec(i, (d.y[i]-my)*root)
	}
	for k := d.n; k < rows; k++ {
		a.Set(k, k-d.n, math.Sqrt(c.Ridge))
	}
	w, err := leastSquares(a, b)
	if err != nil {
		return fmt.Errorf("%s: %w", who, err)
	}
	for k, v := range w {
		my -= v * means[k]
	}
	if !d.intercept {
		my = 0
	}
	if !finite(w, my) {
		return fmt.Errorf("%s: %w: the values are too large", who, ErrSingular)
	}
	r.m.set(w, my)
	return nil
}

// means returns the weighted means of the columns and of the labels.
func (d *design) means() (x []float64, y float64) {
	x = make([]float64, d.q)
	total := 0.0
	for i := range d.n {
		w := d.weight[i]
		total += w
		for k, v := range d.row(i) {
			x[k] += (v - x[k]) * (w / total)
		}
		y += (d.y[i] - y) * (w / total)
	}
	return x, y
}

// centre takes its mean from each column but that of the intercept, and returns the means. Weights are the same, and the
// intercept differs by the sum of weight times mean. Without an intercept it does nothing. Columns far from 0 would
// look like the intercept's: it is what decides the condition of the matrix.
func (d *design) centre() []float64 {
	if !d.intercept {
		return make([]float64, d.q)
	}
	means, _ := d.means()
	means = means[:d.q-1]
	for i := range d.n {
		row := d.row(i)
		for k, m := range means {
			row[k] -= m
		}
	}
	return means
}

func finite(w []float64, b float64) bool {
	for _, v := range w {
		b += 0 * v
	}
	return mining.Known(b)
}

// leastSquares returns the x that minimizes |ax - b|.
func leastSquares(a *mat.Dense, b *mat.VecDense) ([]float64, error) {
	_, p := a.Dims()
	var qr mat.QR
	qr.Factorize(a)
	var r mat.Dense
	qr.RTo(&r)
	for k := range p {
		// |r[k][k]| is how far column k is from what those before it make up.
		if length := mat.Norm(a.ColView(k), 2); !(math.Abs(r.At(k, k)) > 1e-11*length) {
			return nil, fmt.Errorf("%w: that at place %d is a combination of those before it, or constant", ErrSingular, k)
		}
	}
	var x mat.VecDense
	if err := qr.SolveVecTo(&x, false, b); err != nil {
		if _, far := errors.AsType[mat.Condition](err); !far {
			return nil, fmt.Errorf("%w: %w", ErrSingular, err)
		}
	}
	return append([]float64(nil), x.RawVector().Data...), nil
}
