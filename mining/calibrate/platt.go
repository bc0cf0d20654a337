package calibrate

import (
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Platt makes of a score the probability 1 / (1 + e^(A·score + B)). Before Fit, A is -1 and B 0: the score is
// taken for the logarithm of the odds.
//
// It is Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized Likelihood
// Methods", 1999, solved as in Lin, Lin and Weng, "A Note on Platt's Probabilistic Outputs for Support Vector
// Machines", Machine Learning 68, 2007, by Newton's method. Of n events of class 1 the target is (n+1)/(n+2), and of n
// of class 0 it is 1/(n+2): so scores that part the classes do not make it certain.
type Platt struct {
	a, b float64
}

type plainPlatt Platt

var kindPlatt = saved.As[plainPlatt]("calibrate.Platt", 1)

// NewPlatt returns one that takes scores for logarithms of odds.
func NewPlatt() *Platt { return &Platt{a: -1} }

// pairs checks scores and labels, and leaves out those which are missing, or of weight 0.
func pairs(scores, labels, weights []float64, who string) (s, y, w []float64, err error) {
	if len(scores) != len(labels) || weights != nil && len(weights) != len(scores) {
		return nil, nil, nil, fmt.Errorf("calibrate: %s: %d scores, %d labels and %d weights", who, len(scores), len(labels), len(weights))
	}
	for i, v := range scores {
		weight := 1.0
		if weights != nil {
			weight = weights[i]
		}
		if !(weight >= 0) || !mining.Known(weight) {
			return nil, nil, nil, fmt.Errorf("calibrate: %s: the weight of event %d is %v", who, i, weight)
		}
		if mining.Known(v) && mining.Known(labels[i]) && weight > 0 {
			s, y, w = append(s, v), append(y, min(1e300, max(-1e300, labels[i]))), append(w, min(1e15, weight))
		}
	}
	if len(s) == 0 {
		return nil, nil, nil, fmt.Errorf("calibrate: %s: there is no event with a score and a label", who)
	}
	return s, y, w, nil
}

// Fit sets A and B to what makes labels, 0 and 1, of scores likeliest. Nil weights are 1 each. Events without a score or label are
// left out. After an error, p is as before. It takes time O(n) an iteration, mostly fewer than ten.
func (p *Platt) Fit(scores, labels, weights []float64) error {
	s, y, w, err := pairs(scores, labels, weights, "Platt")
	if err != nil {
		return err
	}
	// Scores as if they were between -1 and 1, so that the sums below stay finite.
	unit := 0.0
	ones, zeros := 0.0, 0.0
	for i, v := range s {
		unit = max(unit, math.Abs(v))
		switch y[i] {
		case 0:
			zeros += w[i]
		case 1:
			ones += w[i]
		default:
			return fmt.Errorf("calibrate: Platt: the label of an event is %v, not 0 or 1", y[i])
		}
	}
	if unit == 0 {
		unit = 1
	}
	t := make([]float64, len(s))
	for i := range s {
		s[i] /= unit
		t[i] = 1 / (zeros + 2)
		if y[i] == 1 {
			t[i] = (ones + 1) / (ones + 2)
		}
	}
	a, b, err := sigmoidOf(s, t, w, math.Log((zeros+1)/(ones+1)))
	if err != nil {
		return err
	}
	if a /= unit; !mining.Known(a) {
		return errors.New("calibrate: Platt: the scores are too small for a slope")
	}
	p.a, p.b = a, b
	return nil
}

// sigmoidOf finds a and b from a = 0 on.
func sigmoidOf(s, t, w []float64, b float64) (float64, float64, error) {
	a := 0.0
	cost := func(a, b float64) (sum float64) {
		for i, v := range s {
			f := a*v + b
			sum += w[i] * (t[i]*f + max(-f, 0) + math.Log1p(math.Exp(-math.Abs(f))))
		}
		return sum
	}
	for range 200 {
		const ridge = 1e-12
		aa, ab, bb, ga, gb := ridge, 0.0, ridge, 0.0, 0.0
		for i, v := range s {
			p := 1 / (1 + math.Exp(a*v+b))
			curve, g := w[i]*p*(1-p), w[i]*(t[i]-p)
			aa += curve * v * v
			ab += curve * v
			bb += curve
			ga += g * v
			gb += g
		}
		now := cost(a, b)
		da, db := 0.0, -gb/bb // where all scores are the same the slope is of no use
		if det := aa*bb - ab*ab; det > 1e-13*aa*bb {
			da, db = -(bb*ga-ab*gb)/det, -(aa*gb-ab*ga)/det
		}
		slope := ga*da + gb*db
		size := 1.0
		for cost(a+size*da, b+size*db) > now+1e-4*size*slope+1e-13*(1+math.Abs(now)) {
			if size /= 2; size < 1e-10 {
				return 0, 0, errors.New("calibrate: Platt: no step makes the labels likelier")
			}
		}
		a, b = a+size*da, b+size*db
		if size == 1 && -slope <= 1e-18*(1+math.Abs(now)) {
			break
		}
	}
	return a, b, nil
}

// A returns the slope, which is negative where greater scores mean class 1.
func (p *Platt) A() float64 { return p.a }

// B returns the intercept.
func (p *Platt) B() float64 { return p.b }

// Probability returns that of class 1. Of a missing score it is that of the score 0.
func (p *Platt) Probability(score float64) float64 {
	if !mining.Known(score) {
		score = 0
	}
	return 1 / (1 + math.Exp(p.a*score+p.b))
}

// AppendBinary appends what was fitted.
func (p *Platt) AppendBinary(b []byte) ([]byte, error) { return kindPlatt.Append(b, (*plainPlatt)(p)) }

// UnmarshalBinary restores what AppendBinary appended.
func (p *Platt) UnmarshalBinary(data []byte) error {
	return kindPlatt.Read(data, (*plainPlatt)(p), func(p *plainPlatt) error {
		if !mining.Known(p.a) || !mining.Known(p.b) {
			return errors.New("its numbers are not finite")
		}
		return nil
	})
}
