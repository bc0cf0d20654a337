package bayes

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Gaussian takes each feature for normal in each class:
//
//	log P(v | class) = -½ log(2π·var) - (v - mean)² / (2·var)
//
// Each variance gets a billionth of the greatest variance of any feature added (Smoothing), as in scikit-learn's
// GaussianNB (whose greatest variance does not see weights), so that none is 0. As long as all are, features say nothing.
//
// A place without a value holds 0. Missing values are left out. Values beyond ±1e140 count as ±1e140. It takes 24 bytes a
// feature and class (and one class more). Learn takes time O(features), and Probabilities O(features·classes); both
// allocate nothing.
type Gaussian struct {
	features, classes int
	smoothing, floor  float64
	weight            []float64 // of the events, by class
	at                []moments // by class, then place; the last class is of all events
	scratch           []float64 `binary:"-"`
}

// moments are of the values of a place.
type moments struct{ n, mean, squares float64 }

func (m *moments) add(v, weight float64) {
	m.n += weight
	d := v - m.mean
	m.mean += d * (weight / m.n)
	m.squares += weight * d * (v - m.mean)
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
}

func (m *moments) variance() float64 {
	if m.n == 0 {
		return 0
	}
	return m.squares / m.n
}

// far bounds values, so that sums of squares stay finite.
const far = 1e140

// An Option changes a model. Options that a model has no use for panic.
type Option struct {
	name  string
	apply func(*options)
}

type options struct{ smoothing, floor, alpha float64 }

// Smoothing sets the share of the greatest variance that a Gaussian adds to each. The default is 1e-9.
func Smoothing(share float64) Option {
	if !(share >= 0) || share > 1e6 {
		panic(fmt.Sprintf("bayes: Smoothing: %v is no share", share))
	}
	return Option{"Smoothing", func(o *options) { o.smoothing = share }}
}

// Floor adds density to that of each feature of a Gaussian, so that one far-off value does not decide: river's GaussianNB has 1e-9, and
// no smoothing. A feature whose variance is 0 then has the floor alone. The default is 0: none.
func Floor(density float64) Option {
	if !(density >= 0) || density > 1e6 {
		panic(fmt.Sprintf("bayes: Floor: %v is no density", density))
	}
	return Option{"Floor", func(o *options) { o.floor = density }}
}

// Alpha sets how many events of each kind a Multinomial, Bernoulli or Complement believes to have seen before the first. The
// default is 1 (Laplace); it is positive.
func Alpha(alpha float64) Option {
	if !(alpha > 0) || alpha > 1e6 {
		panic(fmt.Sprintf("bayes: Alpha: %v is not positive", alpha))
	}
	return Option{"Alpha", func(o *options) { o.alpha = alpha }}
}

func configured(features, classes int, who string, opts []Option, takes ...string) options {
	if features < 1 || classes < 2 || features > math.MaxInt32/(classes+1) {
		panic(fmt.Sprintf("bayes: %s: a model has 1 feature and 2 classes or more, not %d and %d", who, features, classes))
	}
	o := options{smoothing: 1e-9, alpha: 1}
	for _, set := range opts {
		if !slices.Contains(takes, set.name) {
			panic(fmt.Sprintf("bayes: %s: no use for the option %s", who, set.name))
		}
		set.apply(&o)
	}
	return o
}

type plainGaussian Gaussian

var kindGaussian = saved.As[plainGaussian]("bayes.Gaussian", 1)

// NewGaussian returns a model of events with that many features and classes. Options are Smoothing
// and Floor.
func NewGaussian(features, classes int, opts ...Option) *Gaussian {
	o := configured(features, classes, "Gaussian", opts, "Smoothing", "Floor")
	return &Gaussian{features: features, classes: classes, smoothing: o.smoothing, floor: o.floor,
		weight: make([]float64, classes), at: make([]moments, features*(classes+1))}
}

// Learn learns that x is of class y.
func (g *Gaussian) Learn(x mining.Vector, y float64) { g.LearnWeighted(x, y, 1) }

// maxWeight bounds what one event counts.
const maxWeight = 1e15

func weighed(weight float64, who string) float64 {
	if !(weight >= 0) || !mining.Known(weight) {
		panic(who + ": a weight is negative, NaN or infinite")
	}
	return min(weight, maxWeight)
}

// LearnWeighted learns x as if it came weight times.
func (g *Gaussian) LearnWeighted(x mining.Vector, y, weight float64) {
	weight = weighed(weight, "bayes: Gaussian")
	if !mining.Known(y) || weight == 0 {
		x.Within(g.features, "bayes: Gaussian")
		return
	}
	class := mining.ClassOf(y, g.classes, "bayes: Gaussian")
	values := g.values(x)
	g.weight[class] += weight
	own, all := g.of(class), g.of(g.classes)
	for p, v := range values {
		if mining.Known(v) {
			v = min(far, max(-far, v))
			own[p].add(v, weight)
			all[p].add(v, weight)
		}
	}
}

func (g *Gaussian) of(class int) []moments {
	return g.at[class*g.features : (class+1)*g.features]
}

func (g *Gaussian) values(x mining.Vector) []float64 {
	if len(x.Index) == 0 && len(x.Value) == g.features {
		return x.Value
	}
	x.Within(g.features, "bayes: Gaussian")
	g.scratch = mining.Sized(g.scratch, g.features)
	return x.Expand(g.scratch)
}

// Fit forgets what was learnt, and learns a table: the answer is that of learning it event by event.
func (g *Gaussian) Fit(t *mining.Table) error {
	fresh := NewGaussian(g.features, g.classes, Smoothing(g.smoothing), Floor(g.floor))
	if err := fit(fresh, t, g.features, g.classes, "bayes: Gaussian"); err != nil {
		return err
	}
	*g = *fresh
	return nil
}

// Classes returns how many classes there are.
func (g *Gaussian) Classes() int { return g.classes }

// Probabilities sets to to that of each class.
func (g *Gaussian) Probabilities(x mining.Vector, to []float64) []float64 {
	to = priors(g.weight, to)
	values := g.values(x)
	extra := 0.0
	all := g.of(g.classes)
	for p := range all {
		extra = max(extra, all[p].variance())
	}
	extra *= g.smoothing
	for c := range to {
		if g.weight[c] > 0 {
			to[c] += g.density(g.of(c), values, extra)
		}
	}
	return shares(to)
}

// density returns the logarithm of the density of values in a class.
func (g *Gaussian) density(at []moments, values []float64, extra float64) (sum float64) {
	for p, v := range values {
		if !mining.Known(v) {
			continue
		}
		m := &at[p]
		variance := m.variance() + extra
		if variance <= 0 || m.n == 0 {
			if g.floor > 0 {
				sum += math.Log(g.floor)
			}
			continue
		}
		d := min(far, max(-far, v)) - m.mean
		log := -0.5*math.Log(2*math.Pi*variance) - d/variance*d/2
		if g.floor > 0 {
			log = math.Log(g.floor + math.Exp(log))
		}
		sum += max(-math.MaxFloat64/1e20, log)
	}
	return sum
}

// priors sets to to the logarithms of the shares of the classes, which are -Inf of those that never came, and
// all the same of none.
func priors(weight, to []float64) []float64 {
	to = mining.Sized(to, len(weight))
	sum := 0.0
	for _, w := range weight {
		sum += w
	}
	for c, w := range weight {
		switch {
		case sum == 0:
			to[c] = 0
		case w == 0:
			to[c] = math.Inf(-1)
		default:
			to[c] = math.Log(w / sum)
		}
	}
	return to
}

// shares turns logarithms into what adds up to 1. At least one is finite.
func shares(logs []float64) []float64 {
	most, sum := math.Inf(-1), 0.0
	for _, v := range logs {
		most = max(most, v)
	}
	for c, v := range logs {
		logs[c] = math.Exp(v - most)
		sum += logs[c]
	}
	for c := range logs {
		logs[c] /= sum
	}
	return logs
}

// Merge has g learn what o has learnt. It panics if they are of other features, classes or options.
func (g *Gaussian) Merge(o *Gaussian) {
	if g.features != o.features || g.classes != o.classes || g.smoothing != o.smoothing || g.floor != o.floor {
		panic("bayes: Gaussian: Merge: the other has other features, classes or options")
	}
	for c, w := range o.weight {
		g.weight[c] += w
	}
	for i, m := range o.at {
		g.at[i].merge(m)
	}
}

// Mean returns the mean of a place in a class, and 0 before its first value.
func (g *Gaussian) Mean(class, place int) float64 { return g.of(class)[place].mean }

// Variance returns the variance of a place in a class, without smoothing, and 0 before its first value.
func (g *Gaussian) Variance(class, place int) float64 { return g.of(class)[place].variance() }

// AppendBinary appends the model.
func (g *Gaussian) AppendBinary(b []byte) ([]byte, error) {
	return kindGaussian.Append(b, (*plainGaussian)(g))
}

// UnmarshalBinary restores what AppendBinary appended.
func (g *Gaussian) UnmarshalBinary(data []byte) error {
	return kindGaussian.Read(data, (*plainGaussian)(g), func(g *plainGaussian) error {
		if g.features < 1 || g.classes < 2 || len(g.weight) != g.classes || len(g.at)/(g.classes+1) != g.features || len(g.at)%(g.classes+1) != 0 {
			return errors.New("its parts do not fit together")
		}
		return nil
	})
}
