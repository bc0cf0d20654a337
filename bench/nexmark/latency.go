package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/bench/nexmark/query"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// A load is a query with its events, to be run at a rate.
type load struct {
	Name   string
	shards int
	run    func(ctx context.Context, rate float64, warm, length time.Duration) (latencies, error)
}

// latencies are a row of the table: of results, each counted from when the
// event was due that closed its window.
type latencies struct {
	Load    string
	Shards  int
	Rate    float64 // events a second
	Share   float64 // of the highest rate that is sustained
	Results int64
	Behind  time.Duration // the source, at the end

	P50, P99, P999, P9999, Max time.Duration

	Collections  int
	LongestPause time.Duration
}

// sustained says that the source was on its schedule at the end, but for what
// a scheduler's slice takes.
func (l latencies) sustained() bool { return l.Behind < 50*time.Millisecond }

// latency is the command that measures latencies in an open loop.
func latency(ctx context.Context, args []string, out io.Writer) error {
	var (
		flags  = flag.NewFlagSet("nexmark latency", flag.ContinueOnError)
		length = flags.Duration("for", 20*time.Second, "how long each load is run")
		warm   = flags.Duration("warm", 3*time.Second, "how long it is run before that, uncounted")
		probe  = flags.Duration("probe", 3*time.Second, "how long a rate is tried")
		keys   = flags.Int64("keys", 10_000, "how many keys the sliding count has")
		every  = flags.Duration("every", time.Second, "how often there is a checkpoint, on disk; none if 0")
		shards = flags.Int("shards", 0, "how many shards and partitions there are; one, and as many as cores, if 0")
		most   = flags.Float64("rate", 0, "the highest rate, in events a second; searched for if 0")
		only   = flags.String("load", "", "only this `load`: sliding or q5")
		share  = flags.Float64("share", 0, "only this share of the highest rate; a half and four fifths if 0")
		asJSON = flags.Bool("json", false, "print JSON")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !(*share >= 0) {
		return errors.New("-share has to be above 0, or 0")
	}
	shares := []float64{0.5, 0.8}
	if *share > 0 {
		shares = []float64{*share}
	}
	if *length <= 0 || *probe <= 0 || *keys < 1 || *shards < 0 || *most < 0 || *every < 0 {
		return errors.New("-for, -probe and -keys have to be above 0, and -shards, -rate and -every not below")
	}
	counts := []int{*shards}
	if *shards == 0 {
		counts = slices.Compact([]int{1, runtime.NumCPU()})
	}
	var loads []load
	for _, n := range counts {
		loads = append(loads, slidingCount(*keys, n, *every, newAlarm), hotItems(n, *every, newAlarm))
	}
	var all []latencies
	for _, l := range loads {
		if *only != "" && *only != l.Name {
			continue
		}
		rate := *most
		if rate == 0 {
			var err error
			if rate, err = highest(ctx, l, *probe); err != nil {
				return fmt.Errorf("%s: %w", l.Name, err)
			}
		}
		for _, share := range shares {
			got, err := l.run(ctx, share*rate, *warm, *length)
			if err != nil {
				return fmt.Errorf("%s: %w", l.Name, err)
			}
			got.Load, got.Shards, got.Share = l.Name, l.shards, share
			all = append(all, got)
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("there is no load %q", *only)
	}
	if *asJSON {
		return json.NewEncoder(out).Encode(all)
	}
	return printLatencies(out, all)
}

// highest returns the highest rate that a load sustains, to within 5 %. The
// rate that is found in short runs is tried once more in a long one.
func highest(ctx context.Context, l load, length time.Duration) (float64, error) {
	sustains := func(rate float64, length time.Duration) (bool, error) {
		got, err := l.run(ctx, rate, 0, length)
		fmt.Fprintf(os.Stderr, "%s on %d shards at %.2fM events/s: %v behind\n", l.Name, l.shards, rate/1e6, got.Behind.Round(time.Millisecond))
		return got.sustained(), err
	}
	const least = 10_000
	low, high := 0.0, 1e6
	for {
		ok, err := sustains(high, length)
		switch {
		case err != nil:
			return 0, err
		case !ok && low == 0 && high > least:
			high /= 2
			continue
		case ok:
			low, high = high, high*2
			continue
		}
		break
	}
	if low == 0 {
		return 0, fmt.Errorf("not even %.0f events a second are sustained", high)
	}
	for high/low > 1.05 {
		middle := (low + high) / 2
		ok, err := sustains(middle, length)
		if err != nil {
			return 0, err
		}
		if ok {
			low = middle
		} else {
			high = middle
		}
	}
	for {
		ok, err := sustains(low, 3*length)
		if ok || err != nil {
			return low, err
		}
		low *= 0.9
	}
}

func printLatencies(out io.Writer, all []latencies) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "load\tshards\tof highest\tM events/s\tresults\tp50 ms\tp99\tp99.9\tp99.99\tmax\tcollections\tlongest pause ms\t\t")
	for _, l := range all {
		note := ""
		if !l.sustained() {
			note = fmt.Sprintf("not sustained: %v behind", l.Behind.Round(time.Millisecond))
		}
		fmt.Fprintf(w, "%s\t%d\t%.0f %%\t%.2f\t%d\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t\n", l.Load, l.Shards, 100*l.Share, l.Rate/1e6, l.Results,
			ms(l.P50), ms(l.P99), ms(l.P999), ms(l.P9999), ms(l.Max), l.Collections, ms(l.LongestPause), note)
	}
	return w.Flush()
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()*1e3) }

// A tick is an event of the sliding count.
type tick struct{ Key, At int64 }

func (t tick) key() int64      { return t.Key }
func (t tick) time() time.Time { return time.Unix(0, t.At) }

var dawn = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// slidingCount counts events by key in windows of a second, every 10 ms, as the
// benchmark of Hazelcast Jet does. Event time is the schedule's, so each 10 ms
// have a result for each key. One event in ten is up to 100 ms late.
func slidingCount(keys int64, shards int, every time.Duration, alarms func() (alarm, error)) load {
	const slide, late = 10 * time.Millisecond, 100 * time.Millisecond
	return load{"sliding", shards, func(ctx context.Context, rate float64, warm, length time.Duration) (latencies, error) {
		o := &openLoop[tick]{rate: rate, events: int64(rate * (warm + length).Seconds()), partitions: shards, slide: int64(slide), begin: dawn, disorder: int64(late), hopeless: time.Second, alarms: alarms,
			arrivals: func(part int) func() (tick, int64, bool) {
				i := int64(part) - int64(shards)
				gap := 1e9 / rate
				return func() (tick, int64, bool) {
					i += int64(shards)
					t := tick{int64(scattered(i) % uint64(keys)), dawn + int64(float64(i)*gap)}
					if i%10 == 9 {
						t.At = max(dawn, t.At-int64(scattered(i)>>32)%int64(late))
					}
					return t, t.At, true
				}
			}}
		p := stream.New("sliding")
		counts := p.From(o).
			EventTime(tick.time, stream.Disorder(late)).
			KeyBy(tick.key).
			Window(window.Sliding(time.Second, slide)).
			Count()
		return watch(ctx, p, o, counts, func(c stream.Pane[int64, int64]) int64 { return c.End.UnixNano() }, shards, warm, every)
	}}
}

// scattered is the finalizer of SplitMix64.
func scattered(i int64) uint64 {
	x := uint64(i) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hotItems is q5. A second of event time has 10,000 events at any rate, so a
// window closes every 20,000. One event in ten is late, and events are made as
// they are read.
func hotItems(shards int, every time.Duration, alarms func() (alarm, error)) load {
	const perSecond = 10_000
	return load{"q5", shards, func(ctx context.Context, rate float64, warm, length time.Duration) (latencies, error) {
		events := int64(rate * (warm + length).Seconds())
		o := &openLoop[auction.Event]{rate: rate, events: events, partitions: shards, slide: int64(2 * time.Second), disorder: int64(disorder), hopeless: time.Second, alarms: alarms,
			begin: auction.Config{Delay: -1}.Events(1)[0].Time().UnixNano(),
			arrivals: func(part int) func() (auction.Event, int64, bool) {
				next := auction.Config{Seed: 1, Rate: perSecond}.Arrivals(events, shards, part)
				return func() (auction.Event, int64, bool) {
					e, ok := next()
					if !ok {
						return e, 0, false
					}
					return e, e.Time().UnixNano(), true
				}
			}}
		p := stream.New("q5")
		hot := query.HotItems(p.From(o).EventTime(auction.Event.Time, stream.Disorder(disorder)))
		return watch(ctx, p, o, hot, func(h query.HotItem) int64 { return h.End.UnixNano() }, shards, warm, every)
	}}
}

// watch runs a pipeline, on as many cores as it has shards, and takes the time
// of its results.
func watch[T, R any](ctx context.Context, p *stream.Pipeline, o *openLoop[T], results stream.Stream[R], end func(R) int64, shards int, warm, every time.Duration) (latencies, error) {
	opts := []stream.RunOption{stream.Shards(shards)}
	if every > 0 {
		dir, err := os.MkdirTemp("", "nexmark")
		if err != nil {
			return latencies{}, err
		}
		defer os.RemoveAll(dir)
		opts = append(opts, stream.Checkpoints(checkpoint.Dir(dir), every))
	}
	sink := &stopwatch[R]{loop: o, start: func() time.Time { return o.start }, end: end, from: warm}
	results.To(sink)
	var err error
	var garbage *collections
	onCores(shards, func() {
		garbage = collectionsSince()
		err = p.Run(ctx, opts...)
	})
	if err != nil {
		return latencies{}, err
	}
	n, pause := garbage.seen()
	h := sink.latencies()
	at := func(percent float64) time.Duration { return time.Duration(h.ValueAtQuantile(percent)) }
	return latencies{Rate: o.rate, Results: h.TotalCount(), P50: at(50), P99: at(99), P999: at(99.9), P9999: at(99.99), Max: time.Duration(h.Max()),
		Behind: time.Duration(o.behind.Load()), Collections: n, LongestPause: pause}, nil
}
