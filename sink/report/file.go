package report

import (
	"bytes"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/sink/internal/redraw"
	"github.com/freshet-go/freshet/stream"
)

// File writes a report of the values of a stream: while they come at most once a second,
// when the run flushes, and at the end. Who opens it sees a whole report, the old one
// or the new one.
//
// The values of all shards are in one report. Those of one shard are in their order, and
// make must not care for the order between shards. It is called by one goroutine at
// a time, while the sink's writers wait, and must not keep the slice.
//
// What it has of a run that restarts, and of a new process, is as with [chart.File].
//
// An error of the file is a [sink.WriteError], and ends the run.
func File[T any](name string, make func(values []T) Report, opts ...Option) stream.Sink[T] {
	c := redraw.Config{Keep: 100_000, Every: time.Second}
	option.Apply("report: File", &c, opts)
	return redraw.New(name, c, func(values []T, dropped int64) ([]byte, error) {
		r := make(values)
		if dropped > 0 {
			note := Text(fmt.Sprintf("Of the last %d values; %d before them are left out.", len(values), dropped))
			r.Parts = append(r.Parts[:len(r.Parts):len(r.Parts)], note)
		}
		var b bytes.Buffer
		err := r.WriteHTML(&b)
		return b.Bytes(), err
	})
}

// An Option sets how a file is kept up to date.
type Option func(*redraw.Config)

// Keep sets how many values are held at most, the last ones. The default is 100,000.
// It panics if n is not positive.
func Keep(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("report: Keep(%d): want at least 1", n))
	}
	return func(c *redraw.Config) { c.Keep = n }
}

// Every sets how long it takes at least from one report to the next while values
// come. The default is a second. It panics if d is negative.
func Every(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("report: Every(%v): want no negative duration", d))
	}
	return func(c *redraw.Config) { c.Every = d }
}
