package anomaly

import (
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
)

// A Univariate says how strange a number is beside those that were added. Score changes nothing.
type Univariate interface {
	Add(x float64)
	Score(x float64) float64
	mining.Saved
}

// An Option sets what a model does otherwise than by default. The documentation of each constructor says which ones it takes; others
// panic.
type Option struct {
	key   key
	value float64
}

type key string

const (
	fading    key = "Fading"
	limit     key = "Limit"
	slack     key = "Slack"
	grace     key = "Grace"
	target    key = "Target"
	deviation key = "Deviation"
	window    key = "Window"
	ridge     key = "Ridge"
	trees     key = "Trees"
	height    key = "Height"
	sample    key = "Sample"
	seed      key = "Seed"
	season    key = "Season"
)

// Fading sets the weight w of a new value, above 0 and at most 1; that of the past is 1-w. The greater it is, the sooner the past
// is forgotten. The Fading of package eval, and that of PageHinkley in package drift, is the weight of the past: 0.01 here is
// 0.99 there.
func Fading(w float64) Option { return Option{fading, w} }

// Limit sets where a chart is out of control, in standard deviations.
func Limit(l float64) Option { return Option{limit, l} }

// Slack sets how far from its target a value may be, in standard deviations.
func Slack(k float64) Option { return Option{slack, k} }

// Grace sets how many values come before the first that may be strange.
func Grace(values int) Option { return Option{grace, float64(values)} }

// Target sets the mean that values should have. By default it is learnt from the first ones.
func Target(mean float64) Option { return Option{target, mean} }

// Deviation sets the standard deviation that values should have. By default it is learnt from the first ones.
func Deviation(sd float64) Option { return Option{deviation, sd} }

// Window sets how many values or events are looked at.
func Window(n int) Option { return Option{window, float64(n)} }

// Ridge sets the variance that each feature has before anything is learnt.
func Ridge(v float64) Option { return Option{ridge, v} }

// Trees sets the number of trees.
func Trees(n int) Option { return Option{trees, float64(n)} }

// Height sets the height of the trees.
func Height(h int) Option { return Option{height, float64(h)} }

// Sample sets how many events a tree is made of.
func Sample(n int) Option { return Option{sample, float64(n)} }

// Seed sets the seed of what is drawn at random. The default is 0.
func Seed(s uint64) Option { return Option{seed, math.Float64frombits(s)} }

// Season sets after how many values a pattern comes again.
func Season(n int) Option { return Option{season, float64(n)} }

func (o Option) refuse(who string) {
	panic(fmt.Sprintf("anomaly: New%s takes no option %s", who, o.key))
}

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("anomaly: " + fmt.Sprintf(format, args...))
	}
}

var (
	errBroken = errors.New("its fields contradict each other")
)

const (
	huge    = 1e100 // bounds values, so that their squares can be added up
	endless = 1e9   // the score of a value beside equal ones
)

func clamp(x float64) float64 { return min(huge, max(-huge, x)) }

func within(v, low, high float64) bool { return v >= low && v <= high }

// ratio is a/b, at most endless, and 0 of 0/0.
func ratio(a, b float64) float64 {
	switch {
	case a == 0:
		return 0
	case a >= endless*b:
		return endless
	}
	return a / b
}

// Moments are the number, the mean and the sum of squared distances of values.
type moments struct {
	N             int64
	Mean, Squares float64
}

func (m *moments) add(x float64) {
	m.N++
	d := x - m.Mean
	m.Mean += d / float64(m.N)
	m.Squares += d * (x - m.Mean)
}

func (m moments) sound() bool {
	return m.N >= 0 && mining.Known(m.Mean) && m.Squares >= 0 && mining.Known(m.Squares)
}
