//go:build unix

package tables_test

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// Each of the keys has a row that changes all the time, and is one of a hundred in its partition.
func (s sample) part() int { return s.Key / 100 }

func greatest(a, b sample) int { return cmp.Compare(b.Val, a.Val) }

// BenchmarkTop keeps the ten greatest of the rows of each partition.
func BenchmarkTop(b *testing.B) {
	table := tableRun(b, func(s stream.Stream[sample]) stream.Table[int, int64] {
		return stream.LatestTable(s.KeyBy(sample.key)).
			OrderBy(func(_ int, s sample) int { return s.part() }, greatest).
			Top(10).MapValues(func(_ int, s sample) int64 { return s.Val })
	})
	loop := loopRun(b, func() func(sample, func(stream.Change[int64])) {
		rows, parts := map[int]sample{}, map[int][]sample{}
		order := func(a, b sample) int { return cmp.Or(greatest(a, b), cmp.Compare(a.Key, b.Key)) }
		return func(s sample, emit func(stream.Change[int64])) {
			part := parts[s.part()]
			was, had := rows[s.Key]
			from := 10
			if had {
				from, _ = slices.BinarySearchFunc(part, was, order)
				part = slices.Delete(part, from, from+1)
			}
			to, _ := slices.BinarySearchFunc(part, s, order)
			part = slices.Insert(part, to, s)
			rows[s.Key], parts[s.part()] = s, part
			switch {
			case had && from < 10 && to < 10:
				if was.Val != s.Val {
					emit(stream.Change[int64]{Kind: stream.Update, After: s.Val, Before: was.Val, HasBefore: true})
				}
			case had && from < 10:
				emit(stream.Change[int64]{Kind: stream.Delete, Before: was.Val, HasBefore: true})
				if len(part) >= 10 {
					emit(stream.Change[int64]{Kind: stream.Insert, After: part[9].Val})
				}
			case to < 10:
				emit(stream.Change[int64]{Kind: stream.Insert, After: s.Val})
				if len(part) > 10 {
					emit(stream.Change[int64]{Kind: stream.Delete, Before: part[10].Val, HasBefore: true})
				}
			}
		}
	})
	benchcpu.Compare(b, rowSamples, []benchcpu.Variant{loop, table})
}

// BenchmarkOver adds up the last ten events of each key, and tells how far the last one is from the one before.
func BenchmarkOver(b *testing.B) {
	type moved struct{ Sum, By int64 }
	table := benchcpu.Variant{Name: "freshet", Run: func() {
		p := stream.New("bench")
		p.From(source.Generate(rowSamples, sampleOf)).EventTime(sample.instant, stream.Disorder(time.Second)).
			KeyBy(sample.key).
			Over(over.Select(
				over.Aggregate(over.Rows(9, 0), window.Sum(sample.val), func(m *moved, n int64) { m.Sum = n }),
				over.Row(func(m *moved, s sample) { m.By = s.Val }),
				over.Lag(1, func(m *moved, s sample, some bool) { m.By -= s.Val }))).
			To(sink.Discard[moved]())
		if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
			b.Fatal(err)
		}
	}}
	loop := loopRun(b, func() func(sample, func(stream.Change[int64])) {
		type past struct {
			vals [10]int64
			n    int
			sum  int64
		}
		keys := map[int]*past{}
		return func(s sample, emit func(stream.Change[int64])) {
			k := keys[s.Key]
			if k == nil {
				k = new(past)
				keys[s.Key] = k
			}
			by := s.Val - k.vals[(k.n+9)%10]
			k.sum += s.Val - k.vals[k.n%10]
			k.vals[k.n%10] = s.Val
			k.n++
			emit(stream.Change[int64]{After: k.sum + by})
		}
	})
	benchcpu.Compare(b, rowSamples, []benchcpu.Variant{loop, table})
}
