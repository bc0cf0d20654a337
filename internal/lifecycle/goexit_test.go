package lifecycle_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// ended checks that a run has failed as one whose function has ended its goroutine.
func ended(t *testing.T, err error) {
	t.Helper()
	var at *stream.OperatorError
	var exit *stream.GoexitError
	require.ErrorAs(t, err, &at)
	require.Equal(t, "here", at.Operator)
	require.ErrorAs(t, err, &exit)
	require.ErrorContains(t, err, "runtime.Goexit")
}

// A function that ends its goroutine ends the run with an error that says so,
// and no goroutine is left: the bubble would say.
func TestGoexit(t *testing.T) {
	numbers := func() stream.Source[int64] { return source.Generate(2000, func(i int64) int64 { return i }) }
	runs := map[string]func() []stream.RunOption{
		"one shard":    func() []stream.RunOption { return []stream.RunOption{stream.Shards(1)} },
		"three shards": func() []stream.RunOption { return []stream.RunOption{stream.Shards(3)} },
		"checkpoints": func() []stream.RunOption {
			return []stream.RunOption{stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), time.Hour)}
		},
	}
	for name, options := range runs {
		all := []map[string]func(stream.Stream[int64]){quits}
		if name == "checkpoints" {
			all = append(all, saved)
		}
		for _, some := range all {
			for what, build := range some {
				t.Run(name+"/"+what, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						p := stream.New("goexit")
						build(p.From(numbers()))
						ended(t, p.Run(t.Context(), options()...))
					})
				})
			}
		}
	}
}

// The same where a test drives the pipeline: the test's goroutine goes on.
func TestGoexitInDriver(t *testing.T) {
	for what, build := range quits {
		if what == "own: new" || what == "own: close" || what == "sink: open" || what == "sink: close" {
			continue // Start fails the test, and Kill says nothing
		}
		t.Run(what, func(t *testing.T) {
			in := streamtest.NewInput[int64]()
			p := stream.New("goexit")
			build(p.From(in))
			d := streamtest.Start(t, p)
			for i := range int64(2000) {
				in.Push(i)
			}
			in.End()
			ended(t, d.Try())
		})
	}
}

// A source may end its goroutine, too.
func TestGoexitInSource(t *testing.T) {
	quit := func(context.Context, *stream.Intake[event]) error { runtime.Goexit(); return nil }
	one := []act{gives(0, 1)}
	for name, src := range map[string]stream.Source[event]{
		"read":   &scripted{parts: [][]act{one, append(one, quit)}, ends: true},
		"waits":  &scripted{parts: [][]act{one, append(one, quit)}, waits: true},
		"open":   quittingSource{},
		"offset": quittingReader{},
		"seq": source.Seq(func(yield func(event) bool) {
			if yield(event{}) {
				runtime.Goexit()
			}
		}),
		"close": &scripted{parts: [][]act{one}, ends: true, close: func() error { runtime.Goexit(); return nil }},
		"panic": &scripted{parts: [][]act{one, append(one, func(context.Context, *stream.Intake[event]) error { panic("no") })}, ends: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, shards := range []int{1, 3} {
				synctest.Test(t, func(t *testing.T) {
					p := stream.New("goexit")
					p.From(src, here).To(sink.Discard[event]())
					err := p.Run(t.Context(), stream.Shards(shards))
					var at *stream.OperatorError
					require.ErrorAs(t, err, &at)
					require.Equal(t, "here", at.Operator)
					switch name {
					case "read", "panic":
						require.Equal(t, "partition 1", at.Position)
					case "offset":
						require.Equal(t, "quits", at.Position)
					}
				})
			}
		})
	}
}

type quittingSource struct{}

func (quittingSource) Open(*stream.SourceContext) ([]stream.Reader[event], error) {
	runtime.Goexit()
	return nil, nil
}

// A quittingReader ends its goroutine when it is asked for its offset.
type quittingReader struct{}

func (r quittingReader) Open(*stream.SourceContext) ([]stream.Reader[event], error) {
	return []stream.Reader[event]{r}, nil
}
func (quittingReader) Partition() string { return "quits" }
func (quittingReader) Offset() string    { runtime.Goexit(); return "" }
func (quittingReader) Close() error      { return nil }
func (quittingReader) Read(_ context.Context, in *stream.Intake[event]) error {
	in.Append(event{})
	return io.EOF
}

// A run that such a function has ended begins again, as after other failures.
func TestGoexitAndRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := 2
		p := stream.New("goexit")
		out := sink.Collect[int64]()
		p.From(source.Generate(2000, func(i int64) int64 { return i })).
			Map(func(i int64) int64 {
				if i == 700 && failures > 0 {
					failures--
					runtime.Goexit()
				}
				return i
			}).To(out)
		require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Second), stream.Restarts(3, time.Second)))
		seen := map[int64]bool{}
		for _, v := range out.Values() {
			seen[v] = true
		}
		require.Len(t, seen, 2000)
	})
}

// A store that ends its goroutine, or panics, is an error of the run.
func TestStoreEndsItsGoroutine(t *testing.T) {
	for name, quit := range map[string]func(){"goexit": runtime.Goexit, "panic": func() { panic("no") }} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := stream.New("stores")
				p.From(&scripted{waits: true, parts: [][]act{{gives(0, 1)}}}).To(sink.Discard[event]())
				done := make(chan error, 1)
				go func() {
					done <- p.Run(t.Context(), stream.Checkpoints(quittingStore{checkpoint.Memory(), quit}, time.Second))
				}()
				time.Sleep(ms)
				_, err := p.Savepoint(t.Context(), "now")
				require.ErrorContains(t, err, `savepoint "now"`)
				require.ErrorContains(t, <-done, `the checkpoints of pipeline "stores"`)
			})
		})
	}
}

type quittingStore struct {
	checkpoint.Store
	quit func()
}

func (s quittingStore) Write(string, ...[]byte) error { s.quit(); return errors.New("not so") }
