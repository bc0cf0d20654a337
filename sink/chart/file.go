package chart

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/sink/internal/redraw"
	"github.com/freshet-go/freshet/stream"
)

// File draws the values of a stream into a file, a PNG if its name ends in .png and an SVG
// otherwise: while they come at most once a second, when the run flushes, and at the end. Who
// looks sees a whole picture, the old one or the new one. A PNG has two pixels for each of the
// chart's, as [WritePNG] makes it.
//
// The values of all shards are in one chart. Those of one shard are in their order, and
// draw must not care for the order between shards. It is called by one goroutine at
// a time, while the sink's writers wait, and must not keep the slice.
//
// The chart has what came since the program began, of all runs of this sink: after a
// restart within Run it goes on, and a value may be there twice, which [FromPanes] sees
// to. A new process begins with an empty chart. Where the whole must be seen, keep the results
// in a database or a file, and draw that.
//
// An error of the file is a [sink.WriteError], and ends the run.
func File[T any](name string, draw func(values []T) Chart, opts ...Option) stream.Sink[T] {
	c := redraw.Config{Keep: 100_000, Every: time.Second}
	option.Apply("chart: File", &c, opts)
	return redraw.New(name, c, func(values []T, dropped int64) ([]byte, error) {
		chart := draw(values)
		if dropped > 0 {
			note := fmt.Sprintf("the last %d values; %d before them are not shown", len(values), dropped)
			if chart.Note != "" {
				note = chart.Note + " – " + note
			}
			chart.Note = note
		}
		if !strings.EqualFold(filepath.Ext(name), ".png") {
			return chart.SVG(), nil
		}
		var b bytes.Buffer
		err := WritePNG(&b, chart, 2)
		return b.Bytes(), err
	})
}

// An Option sets how a file is kept up to date.
type Option func(*redraw.Config)

// Keep sets how many values are held at most, the last ones. The default is 100,000.
// What is left out is said below the chart. It panics if n is not positive.
func Keep(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("chart: Keep(%d): want at least 1", n))
	}
	return func(c *redraw.Config) { c.Keep = n }
}

// Every sets how long it takes at least from one drawing to the next while values
// come. The default is a second. It panics if d is negative.
func Every(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("chart: Every(%v): want no negative duration", d))
	}
	return func(c *redraw.Config) { c.Every = d }
}
