package kafkatest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

const benched = 200_000

func saleOf(i int64) sale { return sale{i, i % 100} }

func keyOf(dst []byte, s sale) []byte { return fmt.Append(dst, s.Number%50) }

func perSecond(b *testing.B, n int) {
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkConsume decodes what a topic of one partition holds, beside the client's bare loop that does so too.
func BenchmarkConsume(b *testing.B) {
	broker := kafkatest.Shared(b)
	client := []kgo.Opt{kgo.SeedBrokers(broker.Addr)}
	filler := broker.Client(b, kgo.DefaultProduceTopic("consumed"))
	kafkatest.Create(b, filler, "consumed", 1)
	for i := range int64(benched) {
		value, _ := sales().Append(nil, saleOf(i))
		filler.Produce(b.Context(), &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	if err := filler.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			p := stream.New("consume")
			p.From(kafkasource.Topics(client, []string{"consumed"}, kafkasource.Values(sales()), kafkasource.Bounded())).To(sink.Discard[sale]())
			if err := p.Run(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, benched)
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			c, err := kgo.NewClient(append(client, kgo.ConsumeTopics("consumed"), kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
			if err != nil {
				b.Fatal(err)
			}
			codec := sales()
			for n := 0; n < benched; {
				for r := range c.PollFetches(b.Context()).RecordsAll() {
					var s sale
					if err := codec.Decode(r.Value, &s); err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			c.Close()
		}
		perSecond(b, benched)
	})
}

// BenchmarkProduce encodes and writes, beside the client's bare loop that does so too.
func BenchmarkProduce(b *testing.B) {
	broker := kafkatest.Shared(b)
	client := []kgo.Opt{kgo.SeedBrokers(broker.Addr)}
	kafkatest.Create(b, broker.Client(b), "produced", 1)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			p := stream.New("produce")
			p.From(source.Generate(benched, saleOf)).To(kafkasink.Topic(client, "produced", kafkasink.Keyed(keyOf, sales())))
			if err := p.Run(b.Context(), stream.Shards(1)); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, benched)
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			c, err := kgo.NewClient(append(client, kgo.DefaultProduceTopic("produced"))...)
			if err != nil {
				b.Fatal(err)
			}
			codec := sales()
			for i := range int64(benched) {
				value, err := codec.Append(nil, saleOf(i))
				if err != nil {
					b.Fatal(err)
				}
				c.Produce(context.Background(), &kgo.Record{Key: keyOf(nil, saleOf(i)), Value: value}, func(_ *kgo.Record, err error) {
					if err != nil {
						b.Error(err)
					}
				})
			}
			if err := c.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			c.Close()
		}
		perSecond(b, benched)
	})
}

// BenchmarkProduceOnce writes in transactions, of which one ends each tenth of a second, beside the client's bare loop that ends one so often.
// The two are run in turns, behind a short one of each, for which the broker is cold; ratio is ours to the bare loop's in records a second, and
// cpu-ratio in processor time of this process, the median of the rounds each.
func BenchmarkProduceOnce(b *testing.B) {
	const every = 100 * time.Millisecond
	records := 10 * benched // what a run begins and ends with is in them
	if testing.Short() {
		records = benched
	}
	broker := kafkatest.Shared(b)
	client := []kgo.Opt{kgo.SeedBrokers(broker.Addr)}
	kafkatest.Create(b, broker.Client(b), "once", 1)
	ours, floor := func(n int) { oursOnce(b, client, n, every) }, func(n int) { bareOnce(b, client, n, every) }
	ours(benched)
	floor(benched)
	var took [2][]float64 // seconds, of ours and the bare loop
	var wall, processor []float64
	for b.Loop() {
		var times, spent [2]float64
		for i, run := range []func(int){ours, floor} {
			runtime.GC()
			before, begun := processorTime(b), time.Now()
			run(records)
			times[i], spent[i] = time.Since(begun).Seconds(), (processorTime(b) - before).Seconds()
			took[i] = append(took[i], times[i])
		}
		wall, processor = append(wall, times[1]/times[0]), append(processor, spent[0]/spent[1])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(records)/median(took[0]), "ours/s")
	b.ReportMetric(float64(records)/median(took[1]), "bare/s")
	b.ReportMetric(median(wall), "ratio")
	b.ReportMetric(median(processor), "cpu-ratio")
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
}

// processorTime is what this process has taken, in user mode and in the kernel.
func processorTime(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

var onces int // a pipeline that has ended would not begin anew

func oursOnce(b *testing.B, client []kgo.Opt, n int, every time.Duration) {
	onces++
	p := stream.New(fmt.Sprint("once ", onces))
	p.From(source.Generate(int64(n), saleOf)).To(kafkasink.ExactlyOnce(kafkasink.Topic(client, "once", kafkasink.Keyed(keyOf, sales()))), stream.Name("out"))
	if err := p.Run(b.Context(), stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), every)); err != nil {
		b.Fatal(err)
	}
}

// bareOnce ends a transaction at each tick, as a run takes its checkpoints: it does not write for the whole of every in between.
func bareOnce(b *testing.B, client []kgo.Opt, n int, every time.Duration) {
	c, err := kgo.NewClient(append(client, kgo.DefaultProduceTopic("once"), kgo.TransactionalID("bare"))...)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if err := c.BeginTransaction(); err != nil {
		b.Fatal(err)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	codec := sales()
	for i := range int64(n) {
		if i%512 == 511 {
			select {
			case <-tick.C:
				if err := errors.Join(c.Flush(b.Context()), c.EndTransaction(b.Context(), kgo.TryCommit), c.BeginTransaction()); err != nil {
					b.Fatal(err)
				}
			default:
			}
		}
		value, err := codec.Append(nil, saleOf(i))
		if err != nil {
			b.Fatal(err)
		}
		c.Produce(context.Background(), &kgo.Record{Key: keyOf(nil, saleOf(i)), Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	if err := errors.Join(c.Flush(b.Context()), c.EndTransaction(b.Context(), kgo.TryCommit)); err != nil {
		b.Fatal(err)
	}
}
