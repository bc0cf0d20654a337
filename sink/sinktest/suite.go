package sinktest

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A Suite is what the tests have to know about a sink.
type Suite[T any] struct {
	// Events are what is written: a few hundred are enough. They must differ
	// from each other as fmt prints their values with %+v.
	Events []stream.Event[T]

	// Sink returns a sink that has not been opened, and a function that
	// returns what has reached the place it writes to. That is called when the
	// sink's writers have been closed.
	Sink func(t testing.TB) (sink stream.Sink[T], reached func() []T)

	// Place, if set, is Sink for a [stream.TransactionalSink] whose place is
	// written to by several runs, one after another: open returns a sink made
	// anew for it, as another process would. Without it the sink that Sink
	// returns is opened again. What has reached the place is asked for in the
	// midst of a run then.
	Place func(t testing.TB) (open func() stream.Sink[T], reached func() []T)

	// Broken, if set, returns a sink that cannot reach its place. Writing
	// Events to it has to be an error, of Open at the earliest and of Flush at
	// the latest.
	Broken func(t testing.TB) stream.Sink[T]

	// Outage, if set, returns a sink that cannot reach its place, or fails on the way,
	// until end is called. Writing Events to it has to be an error before; and
	// after it, when the sink is opened again, everything arrives.
	Outage func(t testing.TB) (sink stream.Sink[T], end func(), reached func() []T)

	// InUse, if set, returns how many connections or files are open. It has
	// to be 0 again after each test.
	InUse func() int

	// RealTime says that the sink talks to the outside world, over a socket
	// say, which the virtual time of testing/synctest knows nothing about. Its
	// tests count the goroutines of the process: none may run beside them.
	RealTime bool

	// Slow says that each step takes long, as it is one of a server: fewer orders of steps are tried with a [stream.TransactionalSink].
	Slow bool
}

// Run runs the tests, each as a subtest of t.
func (s Suite[T]) Run(t *testing.T) {
	for _, size := range []int{1, 7, 512} {
		for _, count := range []int{1, 3} {
			s.test(t, fmt.Sprintf("batch=%d instances=%d", size, count), func(t *testing.T) { s.whole(t, size, count) })
		}
	}
	s.test(t, "nothing", s.nothing)
	s.test(t, "failed run", s.failedRun)
	if s.Broken != nil {
		s.test(t, "broken", s.broken)
	}
	if s.Outage != nil {
		s.test(t, "outage", s.outage)
	}
	s.test(t, "pipeline", s.pipeline)
	if sink, _ := s.Sink(t); isTransactional(sink) {
		s.transactional(t)
	}
}

func isTransactional[T any](sink stream.Sink[T]) bool {
	_, ok := sink.(stream.TransactionalSink[T])
	return ok
}

// test runs f in a bubble, which fails if a goroutine is left in it.
func (s Suite[T]) test(t *testing.T, name string, f func(*testing.T)) {
	t.Run(name, func(t *testing.T) {
		if s.RealTime {
			before := runtime.NumGoroutine()
			f(t)
			settled(t, before)
		} else {
			synctest.Test(t, f)
		}
		if s.InUse != nil {
			if n := s.InUse(); n != 0 {
				t.Errorf("%d left open", n)
			}
		}
	})
}

// settled waits until no more goroutines are left than there were.
func settled(t *testing.T, before int) {
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before the test:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(time.Millisecond) // of polling: a goroutine tells nobody of its end
	}
}

// whole: everything arrives once, that of one instance in its order.
func (s Suite[T]) whole(t *testing.T, size, count int) {
	sink, reached := s.Sink(t)
	hands := deal(s.Events, count)
	var wg sync.WaitGroup
	for i, hand := range hands {
		wg.Go(func() {
			if err := write(t.Context(), sink, hand, size, i, count, true); err != nil {
				t.Errorf("instance %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	at := s.same(t, reached())
	for i, hand := range hands {
		for j := 1; j < len(hand); j++ {
			if a, b := hand[j-1], hand[j]; s.ordered() && at[text(a.Value)] > at[text(b.Value)] {
				t.Errorf("instance %d: %s arrived behind %s", i, text(a.Value), text(b.Value))
				return
			}
		}
	}
}

// ordered reports whether the events' times ascend: sinks that sort by time
// keep the order of others only inside an interval.
func (s Suite[T]) ordered() bool {
	for i := 1; i < len(s.Events); i++ {
		if s.Events[i].Time < s.Events[i-1].Time {
			return false
		}
	}
	return true
}

func text(v any) string { return fmt.Sprintf("%+v", v) }

// same reports an error where got does not hold each event once, and returns
// where it holds which.
func (s Suite[T]) same(t *testing.T, got []T) map[string]int {
	t.Helper()
	at := make(map[string]int)
	for i, v := range got {
		if _, twice := at[text(v)]; twice {
			t.Errorf("arrived twice: %+v", v)
		}
		at[text(v)] = i
	}
	for _, e := range s.Events {
		if _, ok := at[text(e.Value)]; !ok {
			t.Errorf("did not arrive: %+v", e.Value)
		}
	}
	if len(at) > len(s.Events) {
		t.Errorf("%d events arrived, not %d", len(at), len(s.Events))
	}
	return at
}

// nothing: a run without events is none of a sink's troubles.
func (s Suite[T]) nothing(t *testing.T) {
	sink, reached := s.Sink(t)
	if err := write(t.Context(), sink, nil, 1, 0, 1, true); err != nil {
		t.Error(err)
	}
	if got := reached(); len(got) > 0 {
		t.Errorf("%d events arrived of none", len(got))
	}
}

// failedRun: a writer that is closed without a flush gives back what it held,
// and the sink can be opened again.
func (s Suite[T]) failedRun(t *testing.T) {
	sink, reached := s.Sink(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = write(ctx, sink, s.Events, 7, 0, 1, false) // any error will do: the context has ended
	s.again(t, sink, reached)
}

// again: a sink that has failed is written to as if it had not. What a run
// knows belongs to the writers that it has opened.
func (s Suite[T]) again(t *testing.T, sink stream.Sink[T], reached func() []T) {
	t.Helper()
	if err := write(t.Context(), sink, s.Events, 7, 0, 1, true); err != nil {
		t.Errorf("a sink that had failed, opened again: %v", err)
	}
	there := map[string]bool{}
	for _, v := range reached() {
		there[text(v)] = true
	}
	for _, e := range s.Events {
		if !there[text(e.Value)] {
			t.Fatalf("did not arrive at a sink that had failed and was opened again: %+v", e.Value)
		}
	}
}

// outage: a place that is away for some time.
func (s Suite[T]) outage(t *testing.T) {
	sink, end, reached := s.Outage(t)
	for range 2 {
		if err := write(t.Context(), sink, s.Events, 7, 0, 1, true); err == nil {
			t.Error("events were lost without an error")
		}
	}
	end()
	s.again(t, sink, reached)
}

// broken: what does not arrive is reported.
func (s Suite[T]) broken(t *testing.T) {
	if err := write(t.Context(), s.Broken(t), s.Events, 512, 0, 1, true); err == nil {
		t.Error("events were lost without an error")
	}
}

// pipeline: the same, where Run does it, behind a filter and an exchange.
func (s Suite[T]) pipeline(t *testing.T) {
	sink, reached := s.Sink(t)
	doubled := make([]flagged[T], 0, 2*len(s.Events))
	for _, e := range s.Events {
		doubled = append(doubled, flagged[T]{e, false}, flagged[T]{e, true})
	}
	p := stream.New("suite")
	p.From(given[flagged[T]](doubled)).
		EventTime(func(f flagged[T]) time.Time { return f.event.Time.Std() }, stream.Disorder(time.Hour)).
		Filter(func(f flagged[T]) bool { return f.keep }).
		Rebalance().
		Map(func(f flagged[T]) T { return f.event.Value }).
		To(sink)
	if err := p.Run(t.Context(), stream.Shards(2), stream.BatchSize(16)); err != nil {
		t.Error(err)
	}
	s.same(t, reached())
}

// flagged events have gaps between those to keep, as a filter leaves them.
type flagged[T any] struct {
	event stream.Event[T]
	keep  bool
}
