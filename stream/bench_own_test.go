package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// summing is an operator of the caller's own that gives the sum so far of each key.
type summing struct {
	stream.Stateless
	held *stream.KeyedState[int64, int64]
	own  map[int64]int64 // instead of it, if held is nil
}

func (s *summing) Process(in *stream.KeyedBatch[int64, sale], out *stream.Emitter[int64]) error {
	for row, v := range in.All() {
		var sum int64
		if s.held != nil {
			p := s.held.At(in.Ref(row))
			*p += v.Amount
			sum = *p
		} else {
			sum = s.own[in.Key(row)] + v.Amount
			s.own[in.Key(row)] = sum
		}
		out.From(&in.Batch, row, sum)
	}
	return nil
}

func sums(held bool) func(stream.Stream[sale]) stream.Stream[int64] {
	return func(s stream.Stream[sale]) stream.Stream[int64] {
		return s.KeyBy(saleKey).Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[int64, sale, int64], error) {
			if held {
				return &summing{held: c.KeyedState[int64, int64]("sums")}, nil
			}
			return &summing{own: map[int64]int64{}}, nil
		})
	}
}

func itself(n int64) int64 { return n }

// The floor here is the same operator with a Go map of its own.
func BenchmarkKeyedState(b *testing.B) {
	for _, keys := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprint("keys=", keys), func(b *testing.B) {
			all := sales(smoke(1<<21), keys, time.Microsecond)
			compare(b, len(all),
				func() totals { return runTotal(b, 1, [][]sale{all}, itself, sums(false)) },
				func() totals { return runTotal(b, 1, [][]sale{all}, itself, sums(true)) })
		})
	}
}

// ringing sets a timer a second behind each event of a key, instead of the one before,
// and counts how many fire.
type ringing struct {
	timers *stream.Timers[int64]
	due    *stream.KeyedState[int64, stream.Time]
}

func (r *ringing) Process(in *stream.KeyedBatch[int64, sale], _ *stream.Emitter[int64]) error {
	for row := range in.All() {
		k, due := in.Ref(row), in.Time(row).Add(time.Second)
		was := r.due.At(k)
		if due > *was {
			r.timers.Cancel(k, *was)
			r.timers.Set(k, due)
			*was = due
		}
	}
	return nil
}

func (r *ringing) OnTimer(t stream.Timer[int64], out *stream.Emitter[int64]) error {
	out.Emit(1, t.At)
	return nil
}

// The floor here is the same by Process.
func BenchmarkOwnTimers(b *testing.B) {
	all := sales(smoke(1<<20), 1000, 100*time.Microsecond)
	compare(b, len(all), func() totals {
		return runTotal(b, 1, [][]sale{all}, itself, func(s stream.Stream[sale]) stream.Stream[int64] {
			return s.EventTime(saleAt, stream.Disorder(disorder)).KeyBy(saleKey).Process(
				func(c *stream.KeyContext[int64, stream.Time, int64], _ sale) error {
					due := stream.Time(c.Time().UnixNano()).Add(time.Second)
					if was := c.State(); due > *was {
						c.CancelTimer(was.Std())
						c.SetTimer(due.Std())
						*was = due
					}
					return nil
				}, func(c *stream.KeyContext[int64, stream.Time, int64]) error { c.Emit(1); return nil })
		})
	}, func() totals {
		return runTotal(b, 1, [][]sale{all}, itself, func(s stream.Stream[sale]) stream.Stream[int64] {
			return s.EventTime(saleAt, stream.Disorder(disorder)).KeyBy(saleKey).
				Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[int64, sale, int64], error) {
					return &ringing{c.Timers[int64](), c.KeyedState[int64, stream.Time]("due")}, nil
				})
		})
	})
}
