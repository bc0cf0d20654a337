package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/bench/nexmark/query"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A measured query is a row of the table. Rates are events in a second.
type measured struct {
	Query, Meaning string
	Events, Rows   int
	Floor          float64 // of the loop, on one core
	One, All       rates
	// Allocs are allocations for an event, on one core without checkpoints.
	Allocs float64
	// State is how many bytes the largest checkpoint of a run took.
	State int64
}

// rates are those of a query on one core or on all.
type rates struct {
	Plain, Saved           float64 // without checkpoints and with them
	PlainRatio, SavedRatio float64 // times the time of the loop
	Best                   float64 // the lowest ratio of the rounds, without checkpoints
}

// A bench has the events in memory, in one partition and in one for each core.
type bench struct {
	config auction.Config
	rounds int
	short  bool

	events []auction.Event
	parts  [][]auction.Event
}

func (b *bench) make(events int) {
	b.events = b.config.Events(events)
	b.parts = auction.Split(b.events, runtime.NumCPU())
}

// disorder is that of the generator: nothing is so late that it is dropped.
const disorder = 3 * time.Second

// measure runs the loop and the query in turn, so that what disturbs the
// machine disturbs both.
func (b *bench) measure(ctx context.Context, q query.Query) (measured, error) {
	m := measured{Query: q.Name, Meaning: q.Meaning, Events: len(b.events)}
	var floors, allocs []float64
	var one, all [2]samples // without and with checkpoints
	for range b.rounds {
		floor, err := b.floor(q, &m.Rows)
		if err != nil {
			return m, err
		}
		floors = append(floors, floor.Seconds())
		for _, cores := range []int{1, runtime.NumCPU()} {
			var plain time.Duration
			for saved := range 2 {
				if b.short && saved+cores > 1 {
					continue
				}
				to := &one[saved]
				parts := [][]auction.Event{b.events}
				if cores > 1 {
					to, parts = &all[saved], b.parts
				}
				d, mallocs, err := b.run(ctx, q, parts, cores, saved > 0, plain, m.Rows)
				if err != nil {
					return m, err
				}
				plain = d
				to.add(d, floor)
				if cores == 1 && saved == 0 {
					allocs = append(allocs, mallocs/float64(len(b.events)))
				}
			}
		}
	}
	n := float64(len(b.events))
	m.Floor, m.Allocs = n/median(floors), median(allocs)
	m.One, m.All = ratesOf(n, one), ratesOf(n, all)
	if b.short {
		return m, nil
	}
	var err error
	m.State, err = b.state(ctx, q)
	return m, err
}

// floor runs the loop once.
func (b *bench) floor(q query.Query, rows *int) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "nexmark")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	q = q.In(dir)
	return onCores(1, func() { *rows = q.Floor(b.events, disorder) }), nil
}

// run runs a query once, from partitions on as many cores. If it is saved, it has
// a checkpoint each second, and one halfway where it would be done before that:
// plain is how long it takes without.
func (b *bench) run(ctx context.Context, q query.Query, parts [][]auction.Event, cores int, saved bool, plain time.Duration, rows int) (d time.Duration, mallocs float64, err error) {
	dir, err := os.MkdirTemp("", "nexmark")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	opts := []stream.RunOption{stream.Shards(cores)}
	if saved {
		opts = append(opts, stream.Checkpoints(checkpoint.Dir(filepath.Join(dir, "checkpoints")), time.Second))
	}
	p := q.In(filepath.Join(dir, "files")).Pipeline(source.Slice(parts...), disorder)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if saved && plain < time.Second {
		halfway := time.AfterFunc(plain/2, func() { _, _ = p.Savepoint(ctx, "halfway") }) // it counts as failed if it does
		defer halfway.Stop()
	}
	d = onCores(cores, func() { err = p.Run(ctx, opts...) })
	if err != nil {
		return 0, 0, err
	}
	runtime.ReadMemStats(&after)
	if c := p.Stats().Checkpoints; saved && (c.Made == 0 || c.Failed > 0) {
		return 0, 0, fmt.Errorf("%d checkpoints made and %d given up", c.Made, c.Failed)
	}
	if got := shown(p); got != int64(rows) && q.Name != "q12" {
		return 0, 0, fmt.Errorf("%d results, and the loop has %d", got, rows)
	}
	return d, float64(after.Mallocs - before.Mallocs), nil
}

// shown returns how many results have come to the sinks.
func shown(p *stream.Pipeline) (n int64) {
	for _, o := range p.Stats().Operators {
		if o.Kind == "sink" {
			for _, i := range o.Instances {
				n += i.In
			}
		}
	}
	return n
}

// state returns how many bytes the largest of many checkpoints takes.
func (b *bench) state(ctx context.Context, q query.Query) (most int64, err error) {
	dir, err := os.MkdirTemp("", "nexmark")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	p := q.In(dir).Pipeline(source.Slice(b.events), disorder)
	ended := make(chan error, 1)
	go func() {
		ended <- p.Run(ctx, stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), 20*time.Millisecond))
	}()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			return max(most, p.Stats().Checkpoints.Bytes), err
		case <-ticker.C:
			most = max(most, p.Stats().Checkpoints.Bytes)
		}
	}
}

// onCores returns how long f takes on so many cores.
func onCores(n int, f func()) time.Duration {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	runtime.GC()
	start := time.Now()
	f()
	return time.Since(start)
}

// samples are times, in seconds and relative to the loop beside them.
type samples struct{ seconds, ratios []float64 }

func (s *samples) add(d, floor time.Duration) {
	s.seconds = append(s.seconds, d.Seconds())
	s.ratios = append(s.ratios, d.Seconds()/floor.Seconds())
}

func ratesOf(events float64, s [2]samples) (r rates) {
	if len(s[0].seconds) > 0 {
		r.Plain, r.PlainRatio, r.Best = events/median(s[0].seconds), median(s[0].ratios), slices.Min(s[0].ratios)
	}
	if len(s[1].seconds) > 0 {
		r.Saved, r.SavedRatio = events/median(s[1].seconds), median(s[1].ratios)
	}
	return r
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
