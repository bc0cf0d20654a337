package pattern_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/pattern"
)

// A Payment is a try to pay by card.
type Payment struct {
	Card  string
	Cents int64
	At    time.Time
}

func (p Payment) card() string  { return p.Card }
func (p Payment) at() time.Time { return p.At }
func (p Payment) small() bool   { return p.Cents < 200 }
func (p Payment) large() bool   { return p.Cents > 50_000 }

func minute(n int) time.Time { return time.Date(2026, 11, 27, 9, n, 0, 0, time.UTC) }

var payments = []Payment{
	{"ann", 100, minute(0)}, {"bob", 150, minute(1)}, {"ann", 120, minute(2)}, {"bob", 60_000, minute(3)},
	{"ann", 70_000, minute(4)}, {"cat", 199, minute(5)}, {"cat", 3000, minute(6)}, {"cat", 90_000, minute(30)},
}

func byCard(p *stream.Pipeline) stream.Keyed[string, Payment] {
	return p.From(source.Slice(payments)).EventTime(Payment.at).KeyBy(Payment.card)
}

// say prints what has matched, or what timed out.
func say(what string) stream.Sink[pattern.Matched[string, Payment]] {
	return sink.Func(func(_ context.Context, e stream.Event[pattern.Matched[string, Payment]]) error {
		fmt.Print(what, " ", e.Time.Std().Format("15:04"), " ", e.Value.Key)
		for _, g := range e.Value.Groups {
			fmt.Print(" ", g.Step)
			for _, p := range g.Events {
				fmt.Print(" ", p.Cents)
			}
		}
		fmt.Println()
		return nil
	})
}

// Small payments by which someone tries whether a card works, and then a large one.
func ExampleMatch() {
	p := stream.New("tried cards")
	tried := pattern.Begin("small", Payment.small).OneOrMore().Greedy().
		Next("large", Payment.large).
		Within(10 * time.Minute).Skip(pattern.SkipPastLast())
	pattern.Match(byCard(p), tried).To(say("match"))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// match 09:03 bob small 150 large 60000
	// match 09:04 ann small 100 120 large 70000
}

// What has begun and not come to its end in time is a stream of its own.
func ExampleTimedOut() {
	p := stream.New("tried cards")
	tried := pattern.Begin("small", Payment.small).FollowedBy("large", Payment.large).Within(20 * time.Minute)
	var open stream.Side[pattern.Matched[string, Payment]]
	pattern.Match(byCard(p), tried, pattern.TimedOut(&open)).To(say("match"))
	open.Stream().To(say("timed out"))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// match 09:03 bob small 150 large 60000
	// match 09:04 ann small 100 large 70000
	// match 09:04 ann small 120 large 70000
	// timed out 09:25 cat small 199
}

// A small payment that no other payment of the card follows for 20 minutes.
func ExamplePattern_NotFollowedBy() {
	p := stream.New("silent cards")
	any := func(Payment) bool { return true }
	pattern.Match(byCard(p), pattern.Begin("last", Payment.small).NotFollowedBy(any).Within(20*time.Minute)).To(say("silent"))
	pattern.Match(byCard2(p), pattern.Begin("any", any).NotFollowedBy(Payment.large).Within(20*time.Minute)).To(say("nothing large behind"))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// nothing large behind 09:23 bob any 60000
	// nothing large behind 09:24 ann any 70000
	// nothing large behind 09:25 cat any 199
	// nothing large behind 09:26 cat any 3000
	// nothing large behind 09:50 cat any 90000
}

func byCard2(p *stream.Pipeline) stream.Keyed[string, Payment] {
	return p.From(source.Slice(payments), stream.Name("again")).EventTime(Payment.at).KeyBy(Payment.card)
}

// Payments each of which is larger than the one before.
func ExamplePattern_Where() {
	p := stream.New("rising")
	any := func(Payment) bool { return true }
	rising := pattern.Begin("first", any).
		Next("more", any).Where(func(m *pattern.SoFar[Payment], v Payment) bool {
		last, ok := m.Last("more")
		if !ok {
			last, _ = m.Last("first")
		}
		return v.Cents > last.Cents
	}).TimesOrMore(2).Consecutive()
	pattern.Match(byCard(p), rising).To(say("rising"))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// rising 09:04 ann first 100 more 120 70000
	// rising 09:30 cat first 199 more 3000 90000
}

// Events that come behind the watermark.
func ExampleLate() {
	p := stream.New("late")
	var late stream.Side[Payment]
	disordered := []Payment{{"ann", 100, minute(5)}, {"ann", 150, minute(2)}, {"ann", 60_000, minute(6)}}
	in := p.From(source.Slice(disordered)).EventTime(Payment.at).KeyBy(Payment.card)
	pattern.Match(in, pattern.Begin("small", Payment.small).Next("large", Payment.large), pattern.Late(&late)).To(say("match"))
	late.Stream().To(sink.Func(func(_ context.Context, e stream.Event[Payment]) error {
		fmt.Println("late:", e.Value.Cents)
		return nil
	}))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// late: 150
	// match 09:06 ann small 100 large 60000
}
