package boost

import (
	"cmp"
	"math"
	"slices"
)

// objective is what a fit makes small: the loss of a Regressor, or of a Classifier the logarithm of
// the probability of the class.
type objective struct {
	classes int // 0: of a Regressor
	loss    Loss
	level   float64
}

// groups returns how many trees a round has.
func (o objective) groups() int {
	if o.classes > 2 {
		return o.classes
	}
	return 1
}

// flat reports whether the second derivative is 1.
func (o objective) flat() bool { return o.classes == 0 && o.loss != Poisson }

// order reports whether the answers of leaves are quantiles.
func (o objective) order() bool {
	return o.classes == 0 && (o.loss == Absolute || o.loss == Quantile)
}

// quantile returns which quantile the loss is of.
func (o objective) quantile() float64 {
	if o.loss == Absolute {
		return 0.5
	}
	return o.level
}

// start returns the answers of no trees: of each group the best constant.
func (o objective) start(y, w []float64) []float64 {
	total := 0.0
	for i := range y {
		total += w[i]
	}
	switch {
	case o.classes > 0:
		share := make([]float64, o.classes)
		for i, v := range y {
			share[int(v)] += w[i] / total
		}
		for c := range share {
			share[c] = math.Log(max(1e-15, min(1-1e-15, share[c])))
		}
		if o.classes == 2 {
			return []float64{share[1] - share[0]}
		}
		return share
	case o.order():
		residual := make([]weighted, len(y))
		for i := range y {
			residual[i] = weighted{y[i], w[i]}
		}
		return []float64{quantile(residual, o.quantile())}
	}
	mean := 0.0
	for i := range y {
		mean += w[i] * y[i]
	}
	mean /= total
	if o.loss == Poisson {
		mean = math.Log(max(1e-15, mean))
	}
	return []float64{mean}
}

// exp is of an answer on the logarithmic scale.
func exp(v float64) float64 { return math.Exp(max(-300, min(300, v))) }

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

func softmax(to []float64) {
	most, total := slices.Max(to), 0.0
	for c := range to {
		to[c] = math.Exp(to[c] - most)
		total += to[c]
	}
	for c := range to {
		to[c] /= total
	}
}

// A slope has the first and second derivative of the loss of an event.
type slope struct{ g, h float64 }

// slopes sets to to the derivatives at the answers raw, which has those of event i from i*groups on. The
// second group's and later ones follow in to.
func (o objective) slopes(raw, y, w []float64, to []slope) {
	n := len(y)
	switch {
	case o.classes > 2:
		p := make([]float64, o.classes)
		for i := range n {
			copy(p, raw[i*o.classes:])
			softmax(p)
			for c, v := range p {
				g := v
				if int(y[i]) == c {
					g--
				}
				to[c*n+i] = slope{w[i] * g, w[i] * v * (1 - v)}
			}
		}
	case o.classes == 2:
		for i := range n {
			p := sigmoid(raw[i])
			to[i] = slope{w[i] * (p - y[i]), w[i] * p * (1 - p)}
		}
	case o.loss == Squared:
		for i := range n {
			to[i] = slope{w[i] * (raw[i] - y[i]), w[i]}
		}
	case o.loss == Poisson:
		for i := range n {
			mean := exp(raw[i])
			to[i] = slope{w[i] * (mean - y[i]), w[i] * mean}
		}
	default:
		q := o.quantile()
		for i := range n {
			g := 1 - q
			if y[i] >= raw[i] {
				g = -q
			}
			to[i] = slope{w[i] * g, w[i]}
		}
	}
}

// mean returns the mean loss at the answers raw.
func (o objective) mean(raw, y, w []float64) float64 {
	loss, total := 0.0, 0.0
	p := make([]float64, o.groups())
	for i := range y {
		total += w[i]
		copy(p, raw[i*len(p):])
		switch {
		case o.classes > 2:
			softmax(p)
			loss -= w[i] * math.Log(max(1e-300, p[int(y[i])]))
		case o.classes == 2:
			v := p[0]
			if y[i] == 1 {
				v = -v
			}
			loss += w[i] * (max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))))
		case o.loss == Squared:
			loss += w[i] * (p[0] - y[i]) * (p[0] - y[i])
		case o.loss == Poisson:
			loss += w[i] * (exp(p[0]) - y[i]*p[0])
		default:
			d, q := y[i]-p[0], o.quantile()
			loss += w[i] * max(d*q, d*(q-1))
		}
	}
	return loss / total
}

// A weighted is a value with its weight.
type weighted struct{ v, w float64 }

// quantile returns the quantile q of values, which it sorts: with linear interpolation where all weigh the same, and otherwise
// the first value up to which there is that share of the weight.
func quantile(values []weighted, q float64) float64 {
	slices.SortFunc(values, func(a, b weighted) int { return cmp.Compare(a.v, b.v) })
	total, same := 0.0, true
	for _, v := range values {
		total += v.w
		same = same && v.w == values[0].w
	}
	if same {
		at := q * float64(len(values)-1)
		lo := int(at)
		hi := min(lo+1, len(values)-1)
		return values[lo].v + (at-float64(lo))*(values[hi].v-values[lo].v)
	}
	below := 0.0
	for _, v := range values {
		if below += v.w; below >= q*total {
			return v.v
		}
	}
	return values[len(values)-1].v
}
