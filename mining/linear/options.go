package linear

import (
	"fmt"
	"math"
	"slices"
)

// An Option changes how a model learns. Options that a model has no use for panic.
type Option struct {
	name  string
	apply func(*config)
}

// config is what all models can be told. It is saved with them.
type config struct {
	Rate, InterceptRate float64
	Power               float64 // of Inverse; 0: the rate is constant
	Adapt               adapt
	L1, L2              float64
	Weights             []float64 // of the classes; nil: 1 each
	Loss                loss
	Param               float64 // of the loss
	C                   float64
	Ridge               float64
	Fixed               bool // the intercept is 0
	Aggressive          int
	Alpha, Beta         float64
}

// adapt says how rates of places adapt.
type adapt uint8

const (
	plain adapt = iota
	adaGrad
	adam
)

// configured returns the config of options, of which a model takes those in takes.
func configured(who string, c config, opts []Option, takes ...string) config {
	for _, o := range opts {
		if !slices.Contains(takes, o.name) {
			panic(fmt.Sprintf("%s: no use for the option %s", who, o.name))
		}
		o.apply(&c)
	}
	if c.Adapt != plain && c.L2 > 0 && c.L1 > 0 {
		panic(who + ": AdaGrad and Adam go with L1 or with L2, not with both")
	}
	return c
}

func size(features int, who string) {
	if features < 1 || features > math.MaxInt32 {
		panic(fmt.Sprintf("%s: a model has 1 to 2³¹-1 features, not %d", who, features))
	}
}

func option(name string, v float64, ok bool, apply func(*config)) Option {
	if !ok || math.IsNaN(v) {
		panic(fmt.Sprintf("linear: %s: %v is out of range", name, v))
	}
	return Option{name, apply}
}

// Rate sets the learning rate: a step goes that far down the gradient. The default is 0.01. It is
// positive, and at most 1e3.
func Rate(rate float64) Option {
	return option("Rate", rate, rate > 0 && rate <= 1e3, func(c *config) { c.Rate = rate })
}

// InterceptRate sets the learning rate of the intercept, which is constant. The default is
// 0.01, whatever Rate is.
func InterceptRate(rate float64) Option {
	return option("InterceptRate", rate, rate >= 0 && rate <= 1e3, func(c *config) { c.InterceptRate = rate })
}

// Inverse has the rate fall with the number of steps t that were made: Rate / (t+1)^power. The
// usual power is 0.5. A constant rate, the default, follows a stream that drifts.
func Inverse(power float64) Option {
	return option("Inverse", power, power > 0 && power <= 1, func(c *config) { c.Power = power })
}

// AdaGrad has each place a rate of its own: Rate / √(sum of its squared gradients). It suits
// sparse features. It takes 8 bytes a place.
//
// It is Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
// Optimization", JMLR 12, 2011.
func AdaGrad() Option { return Option{"AdaGrad", func(c *config) { c.Adapt = adaGrad }} }

// Adam has each place follow the means of its gradients and of their squares, which fade by 0.9 and
// 0.999 with each event that has the place. It takes 16 bytes a place.
//
// It is Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
func Adam() Option { return Option{"Adam", func(c *config) { c.Adapt = adam }} }

// L2 adds λ/2 times the sum of the squared weights to the loss of each event, so that all weights
// shrink with each. The default is 0. Of an FTRL it is λ2. A step shrinks weights by the factor 1 - rate·λ, but never
// by less than ½: greater products count as ½, as those of 1 and more would have the weights change their signs. With AdaGrad and
// Adam λ is part of the gradient of the places with a value, and has no such bound.
func L2(lambda float64) Option {
	return option("L2", lambda, lambda >= 0 && lambda <= 1e6, func(c *config) { c.L2 = lambda })
}

// L1 adds λ times the sum of the absolute weights to the loss of each event. The default is
// 0. Of an FTRL it is λ1. Weights of features that tell little are exactly 0. A place is
// charged when it next has a value: Tsuruoka, Tsujii and Ananiadou, "Stochastic Gradient Descent
// Training for L1-regularized Log-linear Models with Cumulative Penalty", ACL 2009.
func L1(lambda float64) Option {
	return option("L1", lambda, lambda >= 0 && lambda <= 1e6, func(c *config) { c.L1 = lambda })
}

// ClassWeights has events count according to their class. The default is 1 each.
func ClassWeights(weights ...float64) Option {
	for _, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			panic(fmt.Sprintf("linear: ClassWeights: %v is no weight", w))
		}
	}
	weights = slices.Clone(weights)
	return Option{"ClassWeights", func(c *config) { c.Weights = weights }}
}

// C sets how much Fit believes the table, as scikit-learn's LogisticRegression has it: Fit minimizes
// half of the sum of the squared weights (the intercept is not one) plus C times the sum of the losses. The default is 1;
// math.Inf(1) is no penalty.
func C(c float64) Option {
	return option("C", c, c > 0, func(g *config) { g.C = c })
}

// Ridge has Fit add alpha times the sum of the squared weights (the intercept is not one) to the sum of the squared errors, as
// scikit-learn's Ridge does. The default is 0: least squares.
func Ridge(alpha float64) Option {
	return option("Ridge", alpha, alpha >= 0 && !math.IsInf(alpha, 1), func(c *config) { c.Ridge = alpha })
}

// NoIntercept keeps the intercept at 0.
func NoIntercept() Option { return Option{"NoIntercept", func(c *config) { c.Fixed = true }} }

// Huber has errors beyond delta count as far as their distance, and smaller ones as half of their square:
// Huber, "Robust Estimation of a Location Parameter", Ann. Math. Stat. 35(1), 1964.
func Huber(delta float64) Option {
	return option("Huber", delta, delta > 0 && !math.IsInf(delta, 1), func(c *config) { c.Loss, c.Param = huber, delta })
}

// Quantile predicts the quantile q of the labels, in place of their mean: Koenker and
// Bassett, "Regression Quantiles", Econometrica 46(1), 1978.
func Quantile(q float64) Option {
	return option("Quantile", q, q > 0 && q < 1, func(c *config) { c.Loss, c.Param = quantile, q })
}

// A loss is what a step goes down.
type loss uint8

const (
	logLoss loss = iota
	squared
	huber
	quantile
	hinge
)

// gradient is that of the loss by the score. Labels of classes are -1 and 1.
func (l loss) gradient(score, y, param float64) float64 {
	switch l {
	case logLoss:
		return -y / (1 + math.Exp(y*score))
	case squared:
		return score - y
	case huber:
		return min(param, max(-param, score-y))
	case quantile:
		if score > y {
			return 1 - param
		}
		return -param
	default:
		if y*score <= 1 {
			return -y
		}
		return 0
	}
}
