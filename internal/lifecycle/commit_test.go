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

// A Commit that hangs holds nothing up for longer than StopTimeout.
func TestCommitThatHangs(t *testing.T) {
	hangs := func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() }
	t.Run("stopped", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			p := stream.New("commit")
			p.From(&scripted{waits: true, parts: [][]act{{gives(0, 1)}}, commit: hangs}).To(sink.Discard[event]())
			ctx, cancel := context.WithTimeout(t.Context(), 1500*ms)
			defer cancel()
			err := p.Run(ctx, stream.Checkpoints(checkpoint.Memory(), time.Second), stream.StopTimeout(5*time.Second))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.LessOrEqual(t, time.Since(begin), 6500*ms)
		})
	})
	t.Run("at the end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			p := stream.New("commit")
			p.From(&scripted{parts: [][]act{{gives(0, 1)}, {gives(1, 1)}}, ends: true, commit: hangs}).To(sink.Discard[event]())
			require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour), stream.StopTimeout(5*time.Second)))
			require.Equal(t, 5*time.Second, time.Since(begin))
		})
	})
	t.Run("goes on", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			once := func(ctx context.Context, _ string) error {
				if calls++; calls == 1 {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			}
			p := stream.New("commit")
			p.From(&scripted{waits: true, parts: [][]act{{gives(0, 1)}}, commit: once}).To(sink.Discard[event]())
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			require.Equal(t, context.DeadlineExceeded, p.Run(ctx, stream.Checkpoints(checkpoint.Memory(), time.Second), stream.StopTimeout(5*time.Second)))
			require.Greater(t, calls, 50)
		})
	})
	t.Run("failed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			broken := errors.New("broken")
			p := stream.New("commit")
			fails := func(context.Context, *stream.Intake[event]) error { return broken }
			p.From(&scripted{waits: true, parts: [][]act{{gives(0, 1), after(1500*ms, fails)}}, commit: hangs}).To(sink.Discard[event]())
			begin := time.Now()
			require.ErrorIs(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Second), stream.StopTimeout(time.Hour)), broken)
			require.Equal(t, 1500*ms, time.Since(begin))
		})
	})
}

// A reader whose Commit has another signature would never be told.
func TestCommitWithoutContext(t *testing.T) {
	p := stream.New("commit")
	p.From(oldSource{}).To(sink.Discard[event]())
	require.ErrorContains(t, p.Run(t.Context()), "want Commit(ctx context.Context, offset string) error")
}

type oldSource struct{}

func (oldSource) Open(*stream.SourceContext) ([]stream.Reader[event], error) {
	return []stream.Reader[event]{oldReader{&partition{of: &scripted{ends: true}}}}, nil
}

type oldReader struct{ *partition }

func (oldReader) Commit(string) error { return nil }
