package main

import (
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/drift"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A Question is asked at each order: does this customer come back within the horizon? It has the features as they are then.
type Question struct {
	Customer int
	At       time.Time
	X        [6]float64
}

func (q Question) customer() int { return q.Customer }

// Features scales what a model sees so that all of it is around 1, as a model needs that goes by steps. It does so by what a shopkeeper
// knows: at first all customers are new, and a scale that is learnt from them does not fit those of a year later.
func (q Question) Features(x *mining.Vector) {
	x.Append(q.X[0]/90, q.X[1]/180, q.X[2]/2, q.X[3]/7, q.X[4]/4, q.X[5]/4)
}

// ask asks at each order. The first feature is the time since the order before, as the last one is now.
func ask(c *stream.KeyContext[int, History, Question], o Order) error {
	h := c.State()
	gap := 0.0
	if h.Orders > 0 {
		gap = o.At.Sub(h.Last).Hours() / 24
	}
	h.Add(o)
	var x mining.Vector
	h.Features(o.At, &x)
	q := Question{Customer: o.Customer, At: o.At}
	copy(q.X[:], x.Value)
	q.X[0] = gap
	c.Emit(q)
	return nil
}

// The models of the stream: one that looks at the customer, and the baseline that says of everybody what share of customers came back so far.
var (
	looking = online.Classify(func() *linear.Logistic { return linear.NewLogistic(len(names), linear.Rate(0.03)) }, Question.Features, nil)
	blind   = online.Classify(func() *eval.Majority { return eval.NewMajority(2) }, Question.Features, nil)
)

type score = online.Scored[Question]

// A month is what was judged in one month of a year.
type month struct {
	Answers float64
	Back    float64 // the share of those who came back
	Said    float64 // the mean of the chances that were given
	LogLoss float64
	AUC     float64
}

// monthly adds up a month of scores.
var monthly = window.Struct(
	window.Field(eval.CalibrationOf(1, score.Chance), func(m *month, c *eval.Calibration) {
		for _, p := range c.Curve() {
			m.Answers, m.Back, m.Said = p.Weight, p.Observed, p.Predicted
		}
	}),
	window.Field(eval.LossesOf(2, score.Chances), func(m *month, l *eval.Losses) { m.LogLoss = l.LogLoss() }),
	window.Field(eval.RankedOf(score.Chance), func(m *month, r *eval.Ranked) { m.AUC = r.AUC() }))

// A lived year is what the stream gives.
type lived struct {
	months, baseline sink.Collector[stream.Pane[stream.NoKey, month]]
	drifts           sink.Collector[online.Drift[score]]
}

// live scores each order as it comes. Whether the customer came back is known when the horizon is over: then the model learns from the
// question as it was asked, and its answer is judged. Questions that are asked after until are not answered any more.
func live(orders stream.Stream[Order], until time.Time) *lived {
	l := new(lived)
	questions := orders.KeyBy(Order.By).Process(ask, nil, stream.InOrder(), stream.Name("ask")).
		Filter(func(q Question) bool { return !q.At.After(until) })
	labels := online.NewLabels(orders, Order.By, horizon, again, online.After(1), online.Missing(0), online.Settled())
	examples := labels.Examples(questions, Question.customer)

	answer := func(task *online.Task[Question, Question], name string) stream.Stream[score] {
		scored := examples.KeyBy(online.All).Apply(online.OfExamples(task).PerKey, stream.InOrder(), stream.Name(name))
		return labels.Judge(scored, Question.customer)
	}
	byMonth := window.Calendar(window.Month, time.UTC)
	judged := answer(looking, "model")
	judged.Window(byMonth).Aggregate(monthly).To(&l.months)
	answer(blind, "baseline").Window(byMonth).Aggregate(monthly).To(&l.baseline)

	judged.KeyBy(online.All).
		Apply(online.Watch(func() *drift.HDDMA { return drift.NewHDDMA() }, score.Missed).PerKey, stream.InOrder(), stream.Name("watch")).
		To(&l.drifts)
	return l
}
