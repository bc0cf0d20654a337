package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strconv"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

// agrees holds a result against what it has to be. What orders come to, the
// generator knows; what events in memory come to, the loop with a map says.
func (b *bench) agrees(ctx context.Context, c contested, r run) error {
	name := c.Name
	if c.Kind == ofLatency {
		return b.counted(r)
	}
	if c.Kind == ofEvents {
		laps, events := b.laps(r.Entry)
		name = fmt.Sprintf("keyed %d times %d", laps, events)
		if _, ok := b.known[name]; !ok {
			e := r.Entry
			e.Program, e.Do, e.Threads, e.Saved = "loop", "keyed", 1, false
			said, err := b.run(ctx, c, e, "")
			if err != nil {
				return fmt.Errorf("the loop that it is compared with: %w", err)
			}
			b.known[name] = said.Report.Result
		}
	}
	return same(r.Report.Result, b.known[name])
}

// same says whether two results are. Sums of floats may differ in what rounding
// leaves; cents, counts and mixtures may not.
func same(got, want contest.Result) error {
	if sum, ok := want["sum"]; ok && len(want) == 1 {
		g, err := strconv.ParseFloat(got["sum"], 64)
		if err != nil {
			return err
		}
		w, err := strconv.ParseFloat(sum, 64)
		if err != nil {
			return err
		}
		if !(math.Abs(g-w) <= 1e-9*math.Abs(w)) {
			return fmt.Errorf("it comes to %v, and has to come to %v", g, w)
		}
		return nil
	}
	if len(want) == 0 || !maps.Equal(got, want) {
		return fmt.Errorf("it comes to %v, and has to come to %v", got, want)
	}
	return nil
}

// counted says whether a load had the results that it should: each key has one
// every 10 ms. Those at the edges of what is counted may be more or fewer.
func (b *bench) counted(r run) error {
	_, length := b.latencyTime()
	want := 10_000 * length.Seconds() * 100
	got, err := strconv.ParseFloat(r.Report.Result["results"], 64)
	if err != nil {
		return err
	}
	if math.Abs(got-want) > 0.1*want {
		return fmt.Errorf("it has %.0f results in %v, and should have about %.0f", got, length, want)
	}
	return nil
}
