package lifecycle_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

var errPressed = errors.New("somebody has pressed the button")

// Both the context's error and its cause are found in what Run returns.
func TestCauseOfStop(t *testing.T) {
	endless := func() *scripted { return &scripted{waits: true, parts: [][]act{{gives(0, 1)}}} }
	both := func(t *testing.T, err, want error) {
		t.Helper()
		require.ErrorIs(t, err, want)
		require.ErrorIs(t, err, errPressed)
	}
	pressed := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithCancelCause(ctx)
		time.AfterFunc(time.Second, func() { cancel(errPressed) })
		return ctx
	}
	for name, f := range map[string]func(t *testing.T){
		"cancelled": func(t *testing.T) {
			p := stream.New("stop")
			p.From(endless()).To(sink.Discard[event]())
			both(t, p.Run(pressed(t.Context())), context.Canceled)
		},
		"deadline": func(t *testing.T) {
			p := stream.New("stop")
			p.From(endless()).To(sink.Discard[event]())
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errPressed)
			defer cancel()
			both(t, p.Run(ctx), context.DeadlineExceeded)
		},
		"without a cause": func(t *testing.T) {
			p := stream.New("stop")
			p.From(endless()).To(sink.Discard[event]())
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			require.Equal(t, context.DeadlineExceeded, p.Run(ctx))
		},
		"before it began": func(t *testing.T) {
			p := stream.New("stop")
			p.From(endless()).To(sink.Discard[event]())
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errPressed)
			both(t, p.Run(ctx), context.Canceled)
		},
		"stop timeout": func(t *testing.T) {
			p := stream.New("stop")
			p.From(endless()).Map(slowly(time.Minute)).To(sink.Discard[event]())
			both(t, p.Run(pressed(t.Context()), stream.StopTimeout(time.Second)), context.Canceled)
		},
		"open": func(t *testing.T) {
			p := stream.New("stop")
			p.From(opensSlowly{}).To(sink.Discard[event]())
			both(t, p.Run(pressed(t.Context())), context.Canceled)
		},
		"checkpoints": func(t *testing.T) {
			p := stream.New("stop")
			p.From(endless()).To(sink.Discard[event]())
			both(t, p.Run(pressed(t.Context()), stream.Checkpoints(checkpoint.Memory(), time.Second)), context.Canceled)
		},
		"between restarts": func(t *testing.T) {
			p := stream.New("stop")
			no := errors.New("no")
			p.From(endless()).TryMap(func(context.Context, event) (event, error) { return event{}, no }).To(sink.Discard[event]())
			err := p.Run(pressed(t.Context()), stream.Checkpoints(checkpoint.Memory(), time.Second), stream.Restarts(100, 10*time.Second))
			both(t, err, context.Canceled)
			require.ErrorIs(t, err, no)
		},
		"savepoint": func(t *testing.T) {
			p := stream.New("stop")
			p.From(endless()).Map(slowly(time.Minute)).To(sink.Discard[event]())
			run, stop := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- p.Run(run, stream.Checkpoints(checkpoint.Memory(), time.Hour)) }()
			time.Sleep(ms)
			_, err := p.Savepoint(pressed(t.Context()), "now")
			both(t, err, context.Canceled)
			stop()
			require.ErrorIs(t, <-done, context.Canceled)
		},
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
	}
}

// opensSlowly is a source that is told to stop while it opens.
type opensSlowly struct{}

func (opensSlowly) Open(c *stream.SourceContext) ([]stream.Reader[event], error) {
	<-c.Context.Done()
	return nil, c.Context.Err()
}
