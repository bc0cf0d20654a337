package tables_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

const benchRules = 10

// A verdict is what the benchmarks of rules keep of a key.
type verdict struct{ Events, Hits int64 }

type judging = *stream.KeyContext[int, verdict, int64]

// judge is what is done for each event and rule.
func judge(c judging, s sample, low int64) {
	if s.Val >= low {
		c.State().Hits++
	}
}

// What broadcast costs the data: a pipeline that goes by rules which change a hundred times, beside the same one by
// rules that are in the program, in processor time. "untouched" has rules and does not look at them. On one shard the pipeline by
// fixed rules is one task, and rules that come from elsewhere put a queue in front of the operator; on two both have it.
func BenchmarkConnectAll(b *testing.B) {
	fixed := make([]int64, benchRules)
	byID := map[int]int64{}
	for i := range fixed {
		fixed[i] = int64(i * 100)
		byID[i] = fixed[i]
	}
	finish := func(c judging) {
		if c.State().Events++; c.State().Events%64 == 0 {
			c.Emit(c.State().Hits)
		}
	}
	type ruled = func(judging, *stream.Rules[int, int64], sample) error
	all := func(c judging, rules *stream.Rules[int, int64], s sample) error {
		for _, low := range rules.All() {
			judge(c, s, low)
		}
		finish(c)
		return nil
	}
	one := func(c judging, rules *stream.Rules[int, int64], s sample) error {
		low, _ := rules.Get(s.Key % benchRules)
		judge(c, s, low)
		finish(c)
		return nil
	}
	none := func(c judging, _ *stream.Rules[int, int64], s sample) error {
		judge(c, s, 500)
		finish(c)
		return nil
	}
	for _, x := range []struct {
		name  string
		plain func(judging, sample) error
		ruled ruled
	}{
		{"untouched", func(c judging, s sample) error { judge(c, s, 500); finish(c); return nil }, none},
		{"one", func(c judging, s sample) error { judge(c, s, byID[s.Key%benchRules]); finish(c); return nil }, one},
		{"all", func(c judging, s sample) error {
			for _, low := range fixed {
				judge(c, s, low)
			}
			finish(c)
			return nil
		}, all},
	} {
		for _, order := range []struct {
			name string
			opts []stream.Option
		}{{"arrival", nil}, {"in order", []stream.Option{stream.InOrder()}}} {
			for shards := 1; shards <= 2; shards++ {
				run := func(b *testing.B, add func(p *stream.Pipeline, data stream.Keyed[int, sample]) stream.Stream[int64]) func() {
					return func() {
						p := stream.New("bench")
						add(p, p.From(source.Generate(samples, sampleOf)).EventTime(sample.time, stream.Disorder(time.Second)).KeyBy(sample.key)).
							To(sink.Discard[int64]())
						if err := p.Run(context.Background(), stream.Shards(shards)); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.Run(fmt.Sprint("rules=", x.name, "/order=", order.name, "/shards=", shards), func(b *testing.B) {
					benchcpu.Compare(b, samples, []benchcpu.Variant{
						{Name: "fixed", Run: run(b, func(_ *stream.Pipeline, data stream.Keyed[int, sample]) stream.Stream[int64] {
							return data.Process(x.plain, nil, order.opts...)
						})},
						{Name: "changing", Run: run(b, func(p *stream.Pipeline, data stream.Keyed[int, sample]) stream.Stream[int64] {
							rules := p.From(source.Generate(benchRules*10, func(i int64) sample {
								return sample{int(i) % benchRules, i % benchRules * 100, i / benchRules * samples / 10}
							})).EventTime(sample.time).KeyBy(sample.key)
							return data.ConnectAll(rules, func(s sample) stream.Change[int64] {
								return stream.Change[int64]{Kind: stream.Update, After: s.Val}
							}, x.ruled, nil, order.opts...)
						})},
					})
				})
			}
		}
	}
}
