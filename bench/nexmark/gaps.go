package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"sync"
	"text/tabwriter"
	"time"
)

// gaps prints for how long the machine takes a core away from a thread that wants it: loops that do nothing
// but read the clock, one for each core, stand still meanwhile. No latency is better than that.
func gaps(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("nexmark gaps", flag.ContinueOnError)
	forTime := flags.Duration("for", time.Minute, "how long to look")
	if err := flags.Parse(args); err != nil {
		return err
	}
	found := make([]standstill, runtime.GOMAXPROCS(0))
	var looking sync.WaitGroup
	for i := range found {
		looking.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			found[i] = look(ctx, *forTime, time.Now)
		})
	}
	looking.Wait()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "loop\tabove 1 ms\t2 ms\t5 ms\t10 ms\tlongest ms\tin all ms\t")
	for i, s := range found {
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%d\t%.2f\t%.0f\t\n", i, s.above[0], s.above[1], s.above[2], s.above[3], s.longest.Seconds()*1e3, s.sum.Seconds()*1e3)
	}
	return w.Flush()
}

var bounds = [...]time.Duration{time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond}

// A standstill is how often a loop stood still for longer than each of the bounds.
type standstill struct {
	above        [len(bounds)]int
	longest, sum time.Duration // of those above the first bound
}

func look(ctx context.Context, most time.Duration, clock func() time.Time) (s standstill) {
	begun := clock()
	for last := begun; last.Sub(begun) < most && ctx.Err() == nil; {
		now := clock()
		gap := now.Sub(last)
		for i, b := range bounds {
			if gap > b {
				s.above[i]++
			}
		}
		if gap > bounds[0] {
			s.sum += gap
			s.longest = max(s.longest, gap)
		}
		last = now
	}
	return s
}
