// Package secretstest looks for what is secret in all that a run writes.
package secretstest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json/v2"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/audit"
	"github.com/freshet-go/freshet/stream/mask"
)

// Secret is what is looked for: it stands in keys, values and errors.
const Secret = "Lovelace-4111"

// Hide is the option by which nothing of it may be found.
var Hide = stream.Redact(func(string) string { return mask.Redacted })

// Written is all that a run writes but its results. Its zero value is empty.
type Written struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write adds to it.
func (w *Written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.Write(p)
}

// Text is all of it.
func (w *Written) Text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}

// Error writes an error in each way that somebody may.
func (w *Written) Error(err error) {
	fmt.Fprintf(w, "%v\n%+v\n%s\n", err, err, err)
	for e := err; e != nil; {
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		if e = u.Unwrap(); e != nil {
			fmt.Fprintln(w, e)
		}
	}
	var of *stream.OperatorError
	if errors.As(err, &of) {
		fmt.Fprintln(w, of, of.Position, of.Err)
	}
	var panicked *stream.PanicError
	if errors.As(err, &panicked) {
		fmt.Fprintln(w, panicked, panicked.Value)
	}
	var wrote *sink.WriteError
	if errors.As(err, &wrote) {
		fmt.Fprintln(w, wrote)
	}
	var decoded *source.ReadError
	if errors.As(err, &decoded) {
		fmt.Fprintln(w, decoded)
	}
}

// An onlooker writes what observers are told.
type onlooker struct{ *Written }

func (o onlooker) Begin(ctx context.Context, a stream.Activity) context.Context {
	fmt.Fprintf(o, "%+v\n", a)
	return ctx
}

func (o onlooker) End(_ context.Context, a stream.Activity, err error) {
	fmt.Fprintf(o, "%+v %v\n", a, err)
}

// An entered log is of package audit, in memory.
type entered struct{ *Written }

func (entered) Open(context.Context) (int, error) { return 0, nil }
func (entered) Close() error                      { return nil }
func (e entered) Append(_ context.Context, _ int64, line []byte) error {
	_, err := e.Write(append(line, '\n'))
	return err
}
func (entered) Lines(context.Context) iter.Seq2[[]byte, error] {
	return func(func([]byte, error) bool) {}
}

// Run runs a pipeline and writes all that it tells: its log, what observers and the audit log are told, the error, its plan and counters.
func (w *Written) Run(t testing.TB, p *stream.Pipeline, opts ...stream.RunOption) error {
	t.Helper()
	log := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	l, err := audit.Open(t.Context(), entered{w}, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	require.NoError(t, err)
	err = l.Run(t.Context(), p, append(opts, stream.Logger(log), stream.Observe(onlooker{w}), stream.SampleBatches(0))...)
	if err != nil {
		w.Error(err)
	}
	require.NoError(t, l.Close())
	plan := p.Plan()
	fmt.Fprintf(w, "%v\n%+v\n%+v\n", plan, plan, p.Stats())
	return err
}

// Letters is Divert for failures of some type, whose errors are written: what is in their values is for the caller to mask.
func Letters[T any](w *Written) func(add func(stream.Option)) {
	return func(add func(stream.Option)) {
		var bad stream.Failures[T]
		add(stream.Divert(&bad))
		bad.Stream().To(sink.Func(func(_ context.Context, f stream.Event[stream.Failed[T]]) error {
			fmt.Fprintln(w, "a letter from", f.Value.Operator, f.Value.Position)
			w.Error(f.Value.Err)
			var none T
			f.Value.Value = none
			b, err := json.Marshal(f.Value)
			_, _ = w.Write(append(b, '\n'))
			return err
		}), stream.Name("letters"))
	}
}

// Hidden fails the test where the secret was written.
func (w *Written) Hidden(t testing.TB, what string) {
	t.Helper()
	text := w.Text()
	if at := strings.Index(text, Secret); at >= 0 {
		t.Errorf("%s: it is written: …%s…", what, text[max(0, at-300):min(len(text), at+100)])
	}
}
