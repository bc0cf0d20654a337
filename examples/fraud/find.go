package main

import (
	"math"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/anomaly"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/pattern"
	"github.com/freshet-go/freshet/window"
)

const (
	disorder = 30 * time.Second       // a payment may be logged that much behind a later one
	patience = 300 * time.Millisecond // edits are rare, and no payment waits longer for the next one
	crowd    = 4                      // so many cards are too many for a device that makes no pause
)

// find finds fraud in payments: by the rules of their time, by a pattern, and by what happens on a device.
func find(logged stream.Stream[Payment], edits stream.Stream[Edit]) stream.Stream[Alert] {
	payments := logged.
		EventTime(Payment.at, stream.Disorder(disorder)).
		Filter(Payment.made).
		KeyBy(Payment.card).
		Apply(model.PerKey, stream.InOrder(), stream.Name("model")).
		Map(scored)
	rules := edits.EventTime(Edit.from, stream.Idle(patience)).KeyBy(Edit.name)
	cards := payments.KeyBy(Payment.card)

	broken := cards.ConnectAll(rules, Edit.change, judge, forget, stream.InOrder(), stream.Name("judge"))
	tried := pattern.Match(cards, tries, stream.Name("tries")).Map(testedCard)
	used := payments.KeyBy(Payment.device).
		Window(window.Session(pause), stream.Name("devices")).
		Aggregate(window.Collect[Payment]()).
		FilterMap(sharedDevice)
	return broken.Merge(tried).Merge(used)
}

// The model learns which amounts a card pays, and says of the next one how far it is from them. Each card has its own.
var model = online.Detect(func() *anomaly.Gaussian { return anomaly.NewGaussian(1, anomaly.Grace(10)) },
	func(p Payment, x *mining.Vector) { x.Append(math.Log(float64(p.Cents))) }, nil)

func scored(s online.Scored[Payment]) Payment {
	s.Value.Strange = s.Prediction
	return s.Value
}

// tries is what somebody does who has found a card, and looks whether it is still good for something.
var tries = pattern.Begin("tries", Payment.failed).TimesOrMore(3).Greedy().
	FollowedBy("success", Payment.paid).
	Within(pause).
	Skip(pattern.SkipPastLast())

func testedCard(m pattern.Matched[string, Payment]) Alert {
	return Alert{tested, m.Key, append(m.Events("tries"), m.Events("success")...)}
}

func sharedDevice(used stream.Pane[string, []Payment]) (Alert, bool) {
	cards := map[string]bool{}
	for _, p := range used.Value {
		cards[p.Card] = true
	}
	return Alert{shared, used.Key, used.Value}, len(cards) >= crowd
}
