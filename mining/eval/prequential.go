package eval

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/mining"
)

// An Option says how [Classification] and [Regression] test.
type Option func(*protocol)

// Delay has the label of an event be known only when n more events have been predicted. The default is 0: a model knows
// it before the next event. It panics if n is negative.
func Delay(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("eval: Delay: 0 events or more, not %d", n))
	}
	return func(p *protocol) { p.delay, p.timed = n, false }
}

// DelayTime has the label of an event be known a time after the event: before the first event that is not earlier than that. Events then
// come by StepAt or RunAt, in the order of time. It panics if d is negative.
func DelayTime(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("eval: DelayTime: 0 or more, not %v", d))
	}
	return func(p *protocol) { p.wait, p.timed = d, true }
}

// Window sets over how many of the last events the recent figures are. The default is 1,000.
func Window(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("eval: Window: 1 event or more, not %d", n))
	}
	return func(p *protocol) { p.window = n }
}

// Fading sets the weight of the past: how much an event counts once one more has come, in the figures that fade. The default is
// 0.999. The less it is, the sooner the past is forgotten. The Fading of package anomaly, and that of HDDMW in package
// drift, is the weight of a new value: 0.999 here is 0.001 there.
func Fading(factor float64) Option {
	if !(factor > 0 && factor <= 1) {
		panic(fmt.Sprintf("eval: Fading: a factor above 0, up to 1, not %v", factor))
	}
	return func(p *protocol) { p.factor = factor }
}

// Every has a point of the curve be noted after each n scored events. The default is 0: none. Each costs a look over the window.
func Every(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("eval: Every: 0 events or more, not %d", n))
	}
	return func(p *protocol) { p.every = n }
}

// A Point is a point of a curve over a stream: of the accuracy of a classification, or the mean absolute error of a regression.
type Point struct {
	Events int     // scored so far
	Whole  float64 // of all of them
	Recent float64 // of the last window
	Faded  float64
}

// A protocol predicts each event, waits for its label, scores the prediction and learns the label: in this order, for several models
// at once.
type protocol struct {
	delay  int
	wait   time.Duration
	timed  bool
	window int
	factor float64
	every  int

	runs  []*run
	queue []pending // of what is predicted and not yet labelled
	head  int       // where that begins
	free  []pending
	last  time.Time
	begun bool
}

// A run is a model in the test.
type run struct {
	name   string
	model  mining.Learner
	answer func(x mining.Vector, to []float64) []float64
	score  func(label float64, answer []float64, weight float64)
	learnt bool
}

type pending struct {
	x       mining.Vector
	y, w    float64
	due     time.Time
	answers [][]float64 // of each run
	blank   []bool      // which of them had learnt nothing
}

func newProtocol(opts []Option) protocol {
	p := protocol{window: 1000, factor: 0.999}
	for _, o := range opts {
		o(&p)
	}
	return p
}

func (p *protocol) enter(r *run) {
	if p.begun {
		panic(fmt.Sprintf("eval: Enter %q: the test has begun", r.name))
	}
	p.runs = append(p.runs, r)
}

func (p *protocol) step(at time.Time, timed bool, x mining.Vector, y, w float64) {
	weigh(w, "test then train")
	if timed != p.timed {
		panic("eval: StepAt goes with DelayTime, and Step with the other options")
	}
	if p.begun && timed && at.Before(p.last) {
		panic(fmt.Sprintf("eval: StepAt: %v comes behind %v", at, p.last))
	}
	p.begun, p.last = true, at
	for p.timed && p.waiting() > 0 && !p.queue[p.head].due.After(at) {
		p.release()
	}
	e := p.room()
	e.x.Value, e.x.Index = append(e.x.Value[:0], x.Value...), append(e.x.Index[:0], x.Index...)
	e.y, e.w, e.due = y, w, at.Add(p.wait)
	for i, r := range p.runs {
		e.answers[i], e.blank[i] = r.answer(e.x, e.answers[i]), !r.learnt
	}
	p.queue = append(p.queue, e)
	for !p.timed && p.waiting() > p.delay {
		p.release()
	}
}

func (p *protocol) waiting() int { return len(p.queue) - p.head }

// room returns what an earlier event has left, to be used again.
func (p *protocol) room() pending {
	if n := len(p.free); n > 0 {
		e := p.free[n-1]
		p.free = p.free[:n-1]
		return e
	}
	return pending{answers: make([][]float64, len(p.runs)), blank: make([]bool, len(p.runs))}
}

// release scores the oldest event, and has all models learn it.
func (p *protocol) release() {
	e := p.queue[p.head]
	p.queue[p.head] = pending{}
	if p.head++; 2*p.head >= len(p.queue) {
		p.queue, p.head = p.queue[:copy(p.queue, p.queue[p.head:])], 0
	}
	for i, r := range p.runs {
		if e.w > 0 && mining.Known(e.y) && !e.blank[i] {
			r.score(e.y, e.answers[i], e.w)
		}
		r.learn(e.x, e.y, e.w)
	}
	p.free = append(p.free, e)
}

func (r *run) learn(x mining.Vector, y, w float64) {
	if w == 0 {
		return
	}
	if weighted, ok := r.model.(mining.WeightedLearner); ok && w != 1 {
		weighted.LearnWeighted(x, y, w)
	} else {
		r.model.Learn(x, y) // a model without weights learns an event once
	}
	r.learnt = r.learnt || mining.Known(y)
}

// finish scores what still waits for its label.
func (p *protocol) finish() {
	for p.waiting() > 0 {
		p.release()
	}
}

func (p *protocol) run(t *mining.Table, times []time.Time) {
	if err := t.Check("eval: test then train"); err != nil {
		panic(err.Error())
	}
	if times != nil && len(times) != t.Len() {
		panic(fmt.Sprintf("eval: RunAt: %d events and %d times", t.Len(), len(times)))
	}
	for i, x := range t.X {
		var at time.Time
		if times != nil {
			at = times[i]
		}
		p.step(at, times != nil, x, t.Y[i], t.WeightOf(i))
	}
	p.finish()
}
