package recommend

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Thompson chooses among arms, such as banners, whose answers are yes or no: it draws a rate for each arm from what is believed of it, a beta
// distribution, and takes the greatest. It is Thompson, "On the Likelihood that One Unknown Probability Exceeds Another", Biometrika 25,
// 1933; Chapelle and Li, NIPS 2011.
type Thompson struct {
	keep    float64 // what an answer counts after the next one
	yes, no []float64
	source  rand.PCG
}

// NewThompson returns a choice among arms of which nothing is known: any rate is as likely. After halfLife further answers an answer counts half, so that it
// follows rates that change; 0 has all count. It panics unless there is an arm, and if halfLife is negative.
func NewThompson(arms int, halfLife float64, seed uint64) *Thompson {
	if arms < 1 || !(halfLife >= 0) {
		panic(fmt.Sprintf("recommend: NewThompson of %d arms with a half-life of %v: want at least 1 arm, and 0 or more", arms, halfLife))
	}
	t := &Thompson{keep: 1, yes: make([]float64, arms), no: make([]float64, arms), source: *rand.NewPCG(seed, 0)}
	if halfLife > 0 {
		t.keep = math.Exp2(-1 / halfLife)
	}
	return t
}

// Choose returns the arm to play. Keep, where it is not nil, says which may be played; it returns -1 if none may.
func (t *Thompson) Choose(keep func(arm int) bool) (arm int) {
	arm = -1
	best := math.Inf(-1)
	for a := range t.yes {
		// Drawn for each, so that the draws of others do not depend on keep.
		r := distuv.Beta{Alpha: 1 + t.yes[a], Beta: 1 + t.no[a], Src: &t.source}.Rand()
		if (keep == nil || keep(a)) && r > best {
			arm, best = a, r
		}
	}
	return arm
}

// Learn learns how an arm was answered: with 1 for yes, 0 for no, or anything between. What is NaN or beyond teaches nothing. It panics if there is
// no such arm.
func (t *Thompson) Learn(arm int, reward float64) {
	if arm < 0 || arm >= len(t.yes) {
		panic(fmt.Sprintf("recommend: Thompson.Learn of arm %d: there are %d", arm, len(t.yes)))
	}
	if !(reward >= 0 && reward <= 1) {
		return
	}
	for a := range t.yes {
		t.yes[a] *= t.keep
		t.no[a] *= t.keep
	}
	t.yes[arm] += reward
	t.no[arm] += 1 - reward
}

// Rate returns what is believed of an arm: the mean of its rate, and the bounds that hold it with a chance of 95 %.
func (t *Thompson) Rate(arm int) (mean, low, high float64) {
	b := distuv.Beta{Alpha: 1 + t.yes[arm], Beta: 1 + t.no[arm]}
	return b.Mean(), b.Quantile(0.025), b.Quantile(0.975)
}

type plainThompson struct {
	Keep    float64
	Yes, No []float64
	Source  []byte
}

var kindThompson = saved.As[plainThompson]("recommend.Thompson", 1)

// AppendBinary appends all that t holds.
func (t *Thompson) AppendBinary(b []byte) ([]byte, error) {
	source, err := t.source.MarshalBinary()
	if err != nil {
		return b, err
	}
	return kindThompson.Append(b, &plainThompson{t.keep, t.yes, t.no, source})
}

// UnmarshalBinary replaces all that t holds by what AppendBinary has appended.
func (t *Thompson) UnmarshalBinary(data []byte) error {
	var source rand.PCG
	var p plainThompson
	err := kindThompson.Read(data, &p, func(p *plainThompson) error {
		if len(p.Yes) == 0 || len(p.Yes) != len(p.No) {
			return fmt.Errorf("%d and %d arms", len(p.Yes), len(p.No))
		}
		return source.UnmarshalBinary(p.Source)
	})
	if err == nil {
		*t = Thompson{keep: p.Keep, yes: p.Yes, no: p.No, source: source}
	}
	return err
}

// A LinUCB chooses among arms by features of the moment: for each arm the reward is taken to be linear in the features, and the arm is
// played whose reward may be greatest, alpha standard errors above its estimate. It is Li, Chu, Langford and Schapire, "A Contextual-Bandit Approach to
// Personalized News Article Recommendation", WWW 2010, with disjoint models. Learn takes time for the features², Choose the same for
// each arm, and neither allocates. It says the same for the same past: nothing is drawn. One goroutine at a time uses it.
type LinUCB struct {
	alpha    float64
	features int
	inverse  [][]float64 // of each arm: (I + Σ xxᵀ)⁻¹
	b        [][]float64 // Σ reward·x
	x, v     []float64   // of the event at hand
}

// NewLinUCB returns a choice among arms that has learnt nothing. It panics unless there is an arm and a feature, and if alpha is negative. With
// features between -1 and 1, an alpha of 1 is usual.
func NewLinUCB(arms, features int, alpha float64) *LinUCB {
	if arms < 1 || features < 1 || !(alpha >= 0) || math.IsInf(alpha, 0) {
		panic(fmt.Sprintf("recommend: NewLinUCB of %d arms and %d features with alpha %v: want at least 1, 1, and 0 or more", arms, features, alpha))
	}
	l := &LinUCB{alpha: alpha, features: features, x: make([]float64, features), v: make([]float64, features)}
	for range arms {
		inverse := make([]float64, features*features)
		for f := range features {
			inverse[f*features+f] = 1
		}
		l.inverse, l.b = append(l.inverse, inverse), append(l.b, make([]float64, features))
	}
	return l
}

// Choose returns the arm to play: of several the first. Keep, where it is not nil, says which may be played; it returns -1
// if none may. A feature that is missing counts as 0, and one beyond ±1e6 as that.
func (l *LinUCB) Choose(x mining.Vector, keep func(arm int) bool) (arm int) {
	row := l.row(x)
	arm = -1
	best := math.Inf(-1)
	for a := range l.b {
		if keep != nil && !keep(a) {
			continue
		}
		mean, sd := l.estimate(a, row)
		if ucb := mean + l.alpha*sd; ucb > best {
			arm, best = a, ucb
		}
	}
	return arm
}

// Predict returns the reward that an arm is expected to bring.
func (l *LinUCB) Predict(arm int, x mining.Vector) float64 {
	mean, _ := l.estimate(arm, l.row(x))
	return mean
}

func (l *LinUCB) estimate(arm int, row []float64) (mean, sd float64) {
	multiply(l.v, l.inverse[arm], row)
	return dot(l.v, l.b[arm]), math.Sqrt(max(0, dot(l.v, row)))
}

func (l *LinUCB) row(x mining.Vector) []float64 {
	x.Within(l.features, "recommend: LinUCB")
	row := x.Expand(l.x)
	for f, v := range row {
		if !mining.Known(v) {
			v = 0
		}
		row[f] = max(-1e6, min(1e6, v))
	}
	return row
}

// Learn learns the reward of an arm that was played. One that is NaN or infinite teaches nothing, and one beyond ±1e6 counts as
// that. It panics if there is no such arm.
func (l *LinUCB) Learn(arm int, x mining.Vector, reward float64) {
	if arm < 0 || arm >= len(l.b) {
		panic(fmt.Sprintf("recommend: LinUCB.Learn of arm %d: there are %d", arm, len(l.b)))
	}
	if !mining.Known(reward) {
		return
	}
	row := l.row(x)
	axpy(max(-1e6, min(1e6, reward)), row, l.b[arm])
	// Sherman and Morrison: the inverse after a row more.
	inverse, n := l.inverse[arm], l.features
	multiply(l.v, inverse, row)
	d := 1 + dot(l.v, row)
	for i, v := range l.v {
		axpy(-v/d, l.v, inverse[i*n:(i+1)*n])
	}
}

type plainLinUCB struct {
	Alpha      float64
	Features   int
	Inverse, B [][]float64
}

var kindLinUCB = saved.As[plainLinUCB]("recommend.LinUCB", 1)

// AppendBinary appends all that l holds.
func (l *LinUCB) AppendBinary(b []byte) ([]byte, error) {
	return kindLinUCB.Append(b, &plainLinUCB{l.alpha, l.features, l.inverse, l.b})
}

// UnmarshalBinary replaces all that l holds by what AppendBinary has appended.
func (l *LinUCB) UnmarshalBinary(data []byte) error {
	var p plainLinUCB
	err := kindLinUCB.Read(data, &p, func(p *plainLinUCB) error {
		if len(p.B) == 0 || len(p.B) != len(p.Inverse) {
			return fmt.Errorf("%d and %d arms", len(p.B), len(p.Inverse))
		}
		for a := range p.B {
			if len(p.B[a]) != p.Features || len(p.Inverse[a]) != p.Features*p.Features {
				return fmt.Errorf("arm %d has %d features, of %d", a, len(p.B[a]), p.Features)
			}
		}
		return nil
	})
	if err == nil {
		*l = LinUCB{p.Alpha, p.Features, p.Inverse, p.B, make([]float64, p.Features), make([]float64, p.Features)}
	}
	return err
}
