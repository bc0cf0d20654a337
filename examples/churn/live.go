package main

import (
	"context"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A Question is asked at each order: does this customer come back within the horizon? It has the features as they are now.
type Question struct {
	Customer int
	At       time.Time
	X        [6]float64
}

func (q Question) customer() int { return q.Customer }

// Features scales what a model sees so that all of it is around 1: models that go by steps need that.
func (q Question) Features(x *mining.Vector) {
	x.Append(q.X[0]/90, q.X[1]/180, q.X[2], q.X[3]/5, q.X[4]/4, q.X[5]/4)
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

// live scores each order as it comes. What the customer did is known when the horizon is over: then the model learns from the question
// as it was asked, and its answer is judged.
func live(orders stream.Stream[Order], until time.Time, task *online.Task[Question, Question]) (judged stream.Stream[online.Scored[Question]]) {
	questions := orders.KeyBy(Order.customer).Process(ask, nil, stream.InOrder(), stream.Name("ask")).
		Filter(func(q Question) bool { return !q.At.After(until) }) // who asks later is not answered any more
	labels := online.NewLabels(orders, Order.customer, horizon, Order.again, online.After(1), online.Missing(0), online.Settled())
	scored := labels.Examples(questions, Question.customer).
		KeyBy(online.All).Apply(online.OfExamples(task).PerKey, stream.InOrder(), stream.Name("model"))
	return labels.Judge(scored, Question.customer)
}

var _ = context.Background
var _ = sink.Discard[int]
var _ = source.Slice[int]
