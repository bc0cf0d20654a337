package eval_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

// logistic is a learner that is simple enough to be the same everywhere.
type logistic struct {
	w              []float64
	b, rate, shift float64
}

func (l *logistic) p(x mining.Vector) float64 {
	s := l.b
	for i, v := range x.Dense() {
		s += l.w[i] * v
	}
	return 1 / (1 + math.Exp(-s))
}

func (l *logistic) Learn(x mining.Vector, y float64) {
	if !mining.Known(y) {
		return
	}
	g := l.p(x) - y
	for i, v := range x.Dense() {
		l.w[i] -= l.rate * g * v
	}
	l.b -= l.shift * g
}

func (l *logistic) Classes() int { return 2 }

func (l *logistic) Probabilities(x mining.Vector, to []float64) []float64 {
	to = mining.Sized(to, 2)
	to[1] = l.p(x)
	to[0] = 1 - to[1]
	return to
}

// TestRiver: river's test-then-train comes to the same, with late labels by events and by time.
func TestRiver(t *testing.T) {
	random := oracle.Random(t)
	for _, c := range []struct {
		timed bool
		delay int
	}{{false, 0}, {false, 1}, {false, 30}, {true, 1}, {true, 45}} {
		table, numbers := new(mining.Table), []float64{}
		var times []time.Time
		var seconds []int
		var xs [][]float64
		clock := 0
		for range 1500 {
			x := []float64{random.NormFloat64(), random.NormFloat64(), random.NormFloat64()}
			y := 0.0
			if x[0]-x[1]+random.NormFloat64() > 0 {
				y = 1
			}
			clock += random.IntN(4)
			seconds, times = append(seconds, clock), append(times, time.Unix(int64(clock), 0))
			table.Add(mining.Dense(x...), y)
			xs, numbers = append(xs, x), append(numbers, x[0]+2*y)
		}
		opts := []eval.Option{eval.Delay(c.delay)}
		theirs := c.delay + 1 // river counts the next event as 1
		if c.timed {
			theirs = c.delay
			opts = []eval.Option{eval.DelayTime(time.Duration(c.delay) * time.Second)}
		} else {
			times = nil
		}
		var want map[string][]float64
		oracle.Ask(t, "testdata/prequential.py", map[string]any{
			"X": xs, "Y": table.Y, "Numbers": numbers, "Times": seconds, "Timed": c.timed, "Delay": theirs,
		}, &want)
		g := eval.NewClassification(2, opts...)
		g.Enter("logistic", &logistic{w: make([]float64, 3), rate: 0.05, shift: 0.02})
		g.RunAt(table, times)
		for i, name := range []string{"majority", "no change", "logistic"} {
			r := g.Results()[i]
			m := r.Confusion
			got := []float64{m.Accuracy(), m.FOf(1, 1), m.Kappa(), m.MCC(), r.Losses.LogLoss()}
			same(t, want[name], got[:len(want[name])])
		}
		n := eval.NewRegression(1, opts...)
		n.RunAt(&mining.Table{X: table.X, Y: numbers}, times)
		e := n.Results()[0].Errors
		same(t, want["mean"], []float64{e.MAE(), e.RMSE(), e.R2()})
		t.Logf("timed %v, delay %d: %d scored, logistic %v", c.timed, c.delay, int(e.Total()), want["logistic"])
	}
}

// TestTwin: the test is this loop.
func TestTwin(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for _, delay := range []int{0, 1, 5, 400} {
		table := &mining.Table{Weight: []float64{}}
		for range 300 {
			y := float64(random.IntN(3))
			if random.IntN(20) == 0 {
				y = math.NaN()
			}
			table.Add(mining.Dense(random.Float64()), y)
			table.Weight[table.Len()-1] = float64(random.IntN(3))
		}
		g := eval.NewClassification(3, eval.Delay(delay), eval.Window(20), eval.Fading(0.9), eval.Every(10))
		g.Run(table)

		m := eval.NewMajority(3)
		whole, faded, recent := eval.NewConfusion(3), eval.NewConfusion(3), eval.NewRolling(20)
		answers := make([]float64, table.Len())
		learnt, scored := 0, 0
		var curve []eval.Point
		label := func(i int) {
			if w := table.Weight[i]; w > 0 {
				if answers[i] >= 0 && mining.Known(table.Y[i]) {
					scored++
					whole.AddWeighted(table.Y[i], answers[i], w)
					recent.AddWeighted(table.Y[i], answers[i], w)
					faded.Scale(0.9)
					faded.AddWeighted(table.Y[i], answers[i], w)
					if scored%10 == 0 {
						curve = append(curve, eval.Point{Events: scored, Whole: whole.Accuracy(), Recent: recent.Confusion(3).Accuracy(), Faded: faded.Accuracy()})
					}
				}
				m.Learn(table.X[i], table.Y[i])
				if mining.Known(table.Y[i]) {
					learnt++
				}
			}
		}
		for i, x := range table.X {
			answers[i] = -1
			if learnt > 0 {
				answers[i] = float64(mining.Class(m.Probabilities(x, nil)))
			}
			if i >= delay {
				label(i - delay)
			}
		}
		for i := max(0, table.Len()-delay); i < table.Len(); i++ {
			label(i)
		}
		r := g.Results()[0]
		require.Equal(t, fmt.Sprint(figures(whole)), fmt.Sprint(figures(r.Confusion)))
		require.Equal(t, fmt.Sprint(figures(faded)), fmt.Sprint(figures(r.Faded)))
		require.Equal(t, fmt.Sprint(recent), fmt.Sprint(r.Recent))
		require.Equal(t, fmt.Sprint(curve), fmt.Sprint(r.Curve))
	}
}

// TestNoLeak: a model never sees a label before it has said what it thinks of the event, nor one that has not come.
func TestNoLeak(t *testing.T) {
	for delay := range 4 {
		g := eval.NewClassification(2, eval.Delay(delay))
		s := &spy{t: t, delay: delay}
		g.Enter("spy", s)
		for i := range 50 {
			g.Step(mining.Dense(float64(i)), float64(i%2))
		}
		g.Finish()
		require.Equal(t, 50, s.learnt)
		require.Equal(t, 50, s.asked)
		require.Equal(t, 49.0-float64(delay), g.Results()[2].Confusion.Total(), "what an empty model says is not scored")
	}
}

type spy struct {
	t                    *testing.T
	delay, asked, learnt int
}

func (s *spy) Classes() int { return 2 }

func (s *spy) Probabilities(x mining.Vector, to []float64) []float64 {
	require.Equal(s.t, float64(s.asked), x.At(0))
	require.Equal(s.t, max(0, s.asked-s.delay), s.learnt)
	s.asked++
	return append(to[:0], 0.5, 0.5)
}

func (s *spy) Learn(x mining.Vector, y float64) {
	require.Equal(s.t, float64(s.learnt), x.At(0))
	s.learnt++
}

func TestRegression(t *testing.T) {
	g := eval.NewRegression(7, eval.Window(10), eval.Every(5))
	g.Enter("right", oracleModel{})
	for i := range 100 {
		g.StepWeighted(mining.Dense(float64(i%7)), float64(i%7), 1)
	}
	g.Finish()
	r := g.Results()
	require.Len(t, r, 4)
	require.Zero(t, r[2].Recent.Errors().MAE(), "the season is 7")
	require.Zero(t, r[3].Errors.MAE())
	require.Len(t, r[3].Curve, 19)
	require.Contains(t, g.Report().String(), "right is better than the best baseline, 7 before")
}

type oracleModel struct{}

func (oracleModel) Learn(mining.Vector, float64)    {}
func (oracleModel) Predict(x mining.Vector) float64 { return x.At(0) }
