package hdfstest_test

import (
	"strings"
	"testing"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// The suite of sources: files in directories, one of them split.
func TestSource(t *testing.T) {
	mainWay(t, "web", func(t *testing.T, w way) {
		a, want := lines(0, 8)
		b, more := lines(8, 6)
		of := func(t testing.TB, a, b string) filesystem.Readable {
			system := w.dir(t, hdfstest.Shared(t), fresh())
			write(t, system, "a.log", a)
			write(t, system, "empty.log", "")
			if b != "" {
				if err := system.Mkdir(t.Context(), "sub"); err != nil {
					t.Fatal(err)
				}
				write(t, system, "sub/b.log", b)
			}
			return system
		}
		src := of(t, a, b)
		other, _ := lines(1, 8)
		opts := []source.FilesOption{source.SplitSize(50), source.OpenFiles(2)}
		sourcetest.Suite[string]{
			Source:     func(testing.TB) stream.Source[string] { return source.FilesIn(src, "**/*.log", codec.Lines(), opts...) },
			Want:       append(want, more...),
			FaultyWant: []string{"ok", "fine"},
			Faults:     []string{"a.log line 2 byte 3"},
			Faulty: func(t testing.TB) stream.Source[string] {
				return source.FilesIn(of(t, "ok\n"+strings.Repeat("y", 50)+"\nfine\r\n", ""), "*.log", codec.Lines(), append(opts, source.MaxRecord(10))...)
			},
			Changed: func(t testing.TB) stream.Source[string] {
				return source.FilesIn(of(t, other, b), "**/*.log", codec.Lines(), opts...)
			},
			RealTime: true,
		}.Run(t)
	})
}

// The suite of sinks, the lives of runs with checkpoints among it.
func TestSink(t *testing.T) {
	hdfstest.Shared(t) // which the suite would count as the goroutines of its first test
	mainWay(t, "native", func(t *testing.T, w way) {
		var events []stream.Event[string]
		n, roll := 10, int64(4)
		if *long {
			n, roll = 24, 9
		}
		_, all := lines(0, n)
		for i, line := range all {
			events = append(events, stream.Event[string]{Value: line, Time: stream.Time(i)})
		}
		sinktest.Suite[string]{
			Events: events,
			Sink: func(t testing.TB) (stream.Sink[string], func() []string) {
				system := w.dir(t, hdfstest.Shared(t), fresh())
				return sink.FilesIn(system, "x-*.log", codec.Lines(), sink.RollRows(roll)), func() []string { return shown(t, system) }
			},
			Place: func(t testing.TB) (func() stream.Sink[string], func() []string) {
				c, at := hdfstest.Shared(t), fresh()
				open := func() stream.Sink[string] {
					return sink.FilesIn(w.dir(t, c, at), "x-*.log", codec.Lines(), sink.RollRows(roll))
				}
				return open, func() []string { return shown(t, w.dir(t, c, at)) }
			},
			Broken: func(t testing.TB) stream.Sink[string] {
				at := fresh()
				write(t, w.dir(t, hdfstest.Shared(t), at), "a file", "")
				return sink.FilesIn(w.dir(t, hdfstest.Shared(t), at+"/a file"), "x-*.log", codec.Lines())
			},
			RealTime: true, Slow: !*long,
		}.Run(t)
	})
}
