package recommend

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Logged is a choice that was made, with the chance that it had.
type Logged struct {
	Arm    int
	Chance float64 // of this arm, by the policy that ran: above 0
	Reward float64
	// New is the chance that the policy which is judged would have taken this arm with.
	New float64
	// Model and NewModel are the rewards that a model expects of this arm, and of the policy which is judged: the sum over the arms of its chances
	// times the rewards expected. They serve DoublyRobust; leave them 0 where there is no model.
	Model, NewModel float64
}

// A Worth is what a policy is expected to earn for each choice, with the bounds of a 95 % interval.
type Worth struct {
	Mean, Low, High float64
	// Effective is the number of choices that would say as much if the two policies were the same. Where it is
	// small, the log says little of the new policy.
	Effective float64
}

// An Estimator is a way to judge a policy by the log of another.
type Estimator int

// The estimators.
const (
	// InversePropensity weighs each reward by New/Chance: right in the mean, and noisy. Horvitz and Thompson, JASA 47, 1952.
	InversePropensity Estimator = iota
	// SelfNormalized divides by the sum of weights: a little off, and much calmer. Swaminathan and Joachims, NIPS 2015.
	SelfNormalized
	// DoublyRobust starts from a model's rewards and corrects them by what was logged: right in the mean if the chances are, or if the model is. Dudík,
	// Langford and Li, ICML 2011.
	DoublyRobust
)

// Evaluate returns what a policy would have earned. Intervals are by the normal distribution: have some hundreds of choices. Nothing logged is
// NaN. It panics if a Chance is not above 0 and up to 1, a New not from 0 to 1, or a reward not finite.
func Evaluate(log []Logged, by Estimator) Worth {
	n := float64(len(log))
	weights, squares := 0.0, 0.0
	for i, l := range log {
		if !(l.Chance > 0 && l.Chance <= 1) || !(l.New >= 0 && l.New <= 1) || l.Reward-l.Reward != 0 || l.Model-l.Model != 0 || l.NewModel-l.NewModel != 0 {
			panic(fmt.Sprintf("recommend: Evaluate: choice %d is %+v", i, l))
		}
		w := l.New / l.Chance
		weights += w
		squares += w * w
	}
	value := func(l Logged) float64 {
		w := l.New / l.Chance
		switch by {
		case SelfNormalized:
			return w * l.Reward * n / weights
		case DoublyRobust:
			return l.NewModel + w*(l.Reward-l.Model)
		}
		return w * l.Reward
	}
	var r Worth
	for _, l := range log {
		r.Mean += value(l) / n
	}
	spread := 0.0
	for _, l := range log {
		d := value(l) - r.Mean
		if by == SelfNormalized { // of a ratio: by its linear part
			d = l.New / l.Chance * (l.Reward - r.Mean) * n / weights
		}
		spread += d * d
	}
	half := distuv.UnitNormal.Quantile(0.975) * math.Sqrt(spread/(n-1)/n)
	if len(log) == 0 || by == SelfNormalized && weights == 0 {
		return Worth{math.NaN(), math.NaN(), math.NaN(), 0}
	}
	r.Low, r.High = r.Mean-half, r.Mean+half
	if squares > 0 {
		r.Effective = weights * weights / squares
	}
	return r
}
