package edges_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/secretstest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/livepage"
	"github.com/freshet-go/freshet/stream/mask"
	"github.com/freshet-go/freshet/stream/promstats"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// secret is in every key and error.
const secret = secretstest.Secret

// written is all that a run writes but its results.
type written struct{ secretstest.Written }

func (w *written) text() string { return w.Text() }

// run runs a pipeline and writes all that it tells.
func (w *written) run(t *testing.T, p *stream.Pipeline, opts ...stream.RunOption) error {
	t.Helper()
	err := w.Run(t, p, opts...)
	w.look(t, p)
	return err
}

// look writes what can be seen of a pipeline from outside.
func (w *written) look(t *testing.T, p *stream.Pipeline) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(promstats.New(p))
	families, err := registry.Gather()
	require.NoError(t, err)
	fmt.Fprintln(w, families)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	viewer := passer{httptest.NewRecorder(), cancel}
	livepage.New(p).ServeHTTP(viewer, httptest.NewRequestWithContext(ctx, "GET", "/events", nil))
	require.Contains(t, viewer.Body.String(), "data: ")
	_, _ = w.Write(viewer.Body.Bytes())
}

// A passer is a viewer who goes when something has been shown.
type passer struct {
	*httptest.ResponseRecorder
	gone context.CancelFunc
}

func (p passer) Flush() { p.gone() }

// letters is Divert for failures of some type, whose errors are written: what is in their values is for the caller to mask.
func letters[T any](w *written) func(add func(stream.Option)) {
	return secretstest.Letters[T](&w.Written)
}

var hide = secretstest.Hide

// Whatever function of whatever operator fails, and however: what is in events is in nothing that the run writes, if it is told so. That
// they would be there otherwise shows that the test looks where they are.
func TestSecretsOfOperators(t *testing.T) {
	secrets := []row{{secret, 1, 1}, {secret + "b", 2, 2}, {secret, 3, 30}}
	shown, cases := 0, 0
	for _, o := range operators {
		for function, errs := range functionsOf(t, o) {
			for _, how := range []string{"panic", "error"} {
				if how == "error" && !errs {
					continue
				}
				for _, mode := range []string{"stop", "skip", "divert"} {
					if mode == "skip" && !slices.Contains(o.takes, failures) || mode == "divert" && !slices.Contains(o.takes, diverted) {
						continue
					}
					for _, redacts := range []bool{true, false} {
						w := &written{}
						what := fmt.Sprintf("%s, %s of %s, %s", o.name, how, function, mode)
						build := func(divert func(func(stream.Option))) *call {
							c, left, right := newCall()
							c.failing, c.how, c.secret = function, how, secret
							c.opts = []stream.Option{stream.Name("it")}
							c.withTimes()
							end := func() { o.add(c).To(sink.Discard[string](), stream.Name("end")) }
							switch mode {
							case "skip":
								c.opts = append(c.opts, stream.SkipFailures())
							case "divert":
								divert(func(option stream.Option) {
									c.opts = append(c.opts, option)
									end()
								})
							}
							if mode != "divert" {
								end()
							}
							right.Push(secrets...)
							left.Push(secrets...)
							c.src.Push(secrets...)
							c.src.PushBad(secret, c.broken())
							for _, in := range []*streamtest.Input[row]{left, right, c.src} {
								in.End()
							}
							return c
						}
						c := diverting(t, what, build, w)
						opts := []stream.RunOption{stream.Shards(2)}
						if redacts {
							opts = append(opts, hide)
						}
						_ = w.run(t, c.p, opts...)
						if redacts {
							cases++
							if at := strings.Index(w.text(), secret); at >= 0 {
								t.Errorf("%s: it is written: …%s…", what, w.text()[max(0, at-200):min(len(w.text()), at+100)])
							}
						} else if strings.Contains(w.text(), secret) {
							shown++
						}
					}
				}
			}
		}
	}
	t.Logf("%d cases, of which %d show a secret without Redact", cases, shown)
	require.Greater(t, shown, cases/2)
}

// diverting builds a call whose failures are of the type that the operator takes.
func diverting(t *testing.T, what string, build func(func(func(stream.Option))) *call, w *written) (c *call) {
	t.Helper()
	for _, divert := range []func(func(stream.Option)){
		letters[row](w), letters[[]byte](w), letters[stream.Match[row, row]](w), letters[stream.Change[row]](w),
		letters[stream.Pane[string, []row]](w), letters[stream.Pane[string, stream.Group[row, row]]](w),
	} {
		if panics(func() { c = build(divert) }) == "" {
			return c
		}
	}
	t.Fatalf("%s: no Failures fit", what)
	return nil
}

// failing is a sink or a source whose every call may fail.
type failing struct{ at string }

func (f failing) fails(at string) error {
	switch f.at {
	case at:
		return fmt.Errorf("Duplicate entry '%s' for key 1", secret)
	case at + " panics":
		panic("no " + secret)
	}
	return nil
}

func (f failing) Open(*stream.SinkContext) (stream.Writer[row], error) { return f, f.fails("open") }
func (f failing) Write(context.Context, *stream.Batch[row]) error      { return f.fails("write") }
func (f failing) Flush(context.Context) error                          { return f.fails("flush") }
func (f failing) Close() error                                         { return f.fails("close") }

// Connectors and codecs that show what they fail on do so no more: in errors, the log of restarts, and dead letters.
func TestSecretsOfConnectors(t *testing.T) {
	texts := map[string]func(w *written, p *stream.Pipeline, opts ...stream.Option){}
	add := func(name, text string, from func(p *stream.Pipeline, files fstest.MapFS, opts ...stream.Option)) {
		texts[name] = func(w *written, p *stream.Pipeline, opts ...stream.Option) {
			from(p, fstest.MapFS{"in.log": {Data: []byte(text)}}, opts...)
		}
	}
	add("JSON", `{"Key":"a","N":1}`+"\n"+`{"Key":"a","N":"`+secret+`"}`+"\n", func(p *stream.Pipeline, files fstest.MapFS, opts ...stream.Option) {
		p.From(source.Files(files, "*.log", codec.JSON[row]()), opts...).To(sink.Discard[row]())
	})
	add("CSV", "Key,N,At\na,"+secret+",1\n", func(p *stream.Pipeline, files fstest.MapFS, opts ...stream.Option) {
		p.From(source.Files(files, "*.log", codec.CSV[row]()), opts...).To(sink.Discard[row]())
	})
	add("logfmt", "Key=a N="+secret+"\n", func(p *stream.Pipeline, files fstest.MapFS, opts ...stream.Option) {
		p.From(source.Files(files, "*.log", codec.Logfmt[row]()), opts...).To(sink.Discard[row]())
	})
	add("access log", `192.0.2.1 - `+secret+` [not a time] "GET /`+secret+`" x`+"\n", func(p *stream.Pipeline, files fstest.MapFS, opts ...stream.Option) {
		p.From(source.Files(files, "*.log", codec.Access()), opts...).To(sink.Discard[codec.AccessRecord]())
	})
	for name, build := range texts {
		for _, mode := range []string{"stop", "skip", "divert"} {
			w := &written{}
			p := stream.New("records")
			switch mode {
			case "stop":
				build(w, p)
			case "skip":
				build(w, p, stream.SkipFailures())
			case "divert":
				letters[[]byte](w)(func(o stream.Option) { build(w, p, o) })
			}
			err := w.run(t, p, hide)
			require.Equal(t, mode == "stop", err != nil, "%s, %s: %v", name, mode, err)
			require.NotContains(t, w.text(), secret, "%s, %s", name, mode)
			if err != nil {
				require.Contains(t, err.Error(), "in.log", "where it was is told")
			}
			if mode == "divert" {
				require.Contains(t, w.text(), "a letter from")
			}
		}
	}
	for _, at := range []string{"open", "write", "flush", "close"} {
		for _, how := range []string{"", " panics"} {
			for _, checkpoints := range []bool{false, true} {
				w := &written{}
				p := stream.New("rows")
				p.From(source.Slice([]row{{secret, 1, 1}})).To(stream.Sink[row](failing{at + how}), stream.Name("table"))
				opts := []stream.RunOption{hide}
				if checkpoints {
					opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour), stream.Restarts(1, time.Millisecond))
				}
				err := w.run(t, p, opts...)
				require.ErrorContains(t, err, mask.Redacted, at+how)
				require.NotContains(t, w.text(), secret, at+how)
			}
		}
	}
	w := &written{}
	p := stream.New("rows")
	in := streamtest.NewInput[row]()
	in.Fail(fmt.Errorf("the server says: %s is no row", secret))
	p.From(in, stream.Name("from")).To(sink.Discard[row]())
	require.ErrorContains(t, w.run(t, p, hide), "from")
	require.NotContains(t, w.text(), secret)
}
