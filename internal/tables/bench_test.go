//go:build unix

package tables_test

import (
	"context"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A sample is an event of the benchmarks: a thousand a second, of so many keys.
type sample struct {
	Key int
	Val int64
	At  int64 // milliseconds
}

const (
	samples    = 1_000_000
	rowSamples = 5 * samples // of tables: it does not count how they begin
	sampleKeys = 10_000
)

func sampleOf(i int64) sample                 { return sample{int(i * 7919 % sampleKeys), i % 997, i} }
func (s sample) key() int                     { return s.Key }
func (s sample) val() int64                   { return s.Val }
func (s sample) time() time.Time              { return time.UnixMilli(s.At) }
func (s sample) instant() window.Time         { return window.Time(s.At * 1e6) }
func (s sample) odd() bool                    { return s.At/sampleKeys%2 == 1 }
func (s sample) even() bool                   { return !s.odd() }
func both(m stream.Match[int64, int64]) int64 { return m.Left + m.Right }

// tableRun runs a pipeline of a table with a second of disorder.
func tableRun(b *testing.B, add func(stream.Stream[sample]) stream.Table[int, int64]) benchcpu.Variant {
	return benchcpu.Variant{Name: "freshet", Run: func() {
		p := stream.New("bench")
		in := p.From(source.Generate(rowSamples, sampleOf)).EventTime(sample.instant, stream.Disorder(time.Second))
		add(in).Changes().To(sink.Discard[stream.Change[int64]]())
		if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
			b.Fatal(err)
		}
	}}
}

// loopRun is what a program would do by hand, for events in order: it holds a second of them back all the same.
func loopRun(b *testing.B, begin func() func(sample, func(stream.Change[int64]))) benchcpu.Variant {
	return benchcpu.Variant{Name: "loop", Run: func() {
		step := begin()
		var held []sample
		n := 0
		emit := func(stream.Change[int64]) { n++ }
		for i := range int64(rowSamples) {
			held = append(held, sampleOf(i))
			if len(held) == 2000 {
				for _, s := range held[:1000] {
					step(s, emit)
				}
				held = append(held[:0], held[1000:]...)
			}
		}
		for _, s := range held {
			step(s, emit)
		}
		if n == 0 {
			b.Fatal("no changes")
		}
	}}
}

// Of each run the processor time counts: freshet-% says by how much more a table takes than its loop.
func BenchmarkAggregateTable(b *testing.B) {
	table := tableRun(b, func(s stream.Stream[sample]) stream.Table[int, int64] {
		return s.KeyBy(sample.key).AggregateTable(window.Sum(sample.val))
	})
	loop := loopRun(b, func() func(sample, func(stream.Change[int64])) {
		sums := map[int]int64{}
		return func(s sample, emit func(stream.Change[int64])) {
			was, had := sums[s.Key]
			sums[s.Key] = was + s.Val
			switch {
			case !had:
				emit(stream.Change[int64]{Kind: stream.Insert, After: s.Val})
			case s.Val != 0:
				emit(stream.Change[int64]{Kind: stream.Update, After: was + s.Val, Before: was, HasBefore: true})
			}
		}
	})
	benchcpu.Compare(b, rowSamples, []benchcpu.Variant{loop, table})
}

func BenchmarkTableJoin(b *testing.B) {
	table := tableRun(b, func(s stream.Stream[sample]) stream.Table[int, int64] {
		value := func(_ int, s sample) int64 { return s.Val }
		left := stream.LatestTable(s.Filter(sample.odd).KeyBy(sample.key)).MapValues(value)
		right := stream.LatestTable(s.Filter(sample.even).KeyBy(sample.key)).MapValues(value)
		return left.Join(right, stream.FullOuter, both)
	})
	loop := loopRun(b, func() func(sample, func(stream.Change[int64])) {
		pairs := map[int]stream.Match[int64, int64]{}
		return func(s sample, emit func(stream.Change[int64])) {
			m, had := pairs[s.Key]
			was := both(m)
			if s.odd() {
				m.Left, m.HasLeft = s.Val, true
			} else {
				m.Right, m.HasRight = s.Val, true
			}
			pairs[s.Key] = m
			switch now := both(m); {
			case !had:
				emit(stream.Change[int64]{Kind: stream.Insert, After: now})
			case now != was:
				emit(stream.Change[int64]{Kind: stream.Update, After: now, Before: was, HasBefore: true})
			}
		}
	})
	benchcpu.Compare(b, rowSamples, []benchcpu.Variant{loop, table})
}
