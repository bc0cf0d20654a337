package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// What has ended a context is found in the error: its error, its cause, and what
// came of it.
func TestBecause(t *testing.T) {
	why, other := errors.New("why"), errors.New("other")
	ctx, cancel := context.WithCancelCause(t.Context())
	require.NoError(t, ended(ctx))
	require.Equal(t, other, because(ctx, other))
	require.NoError(t, because(ctx, nil))
	cancel(why)
	require.EqualError(t, ended(ctx), "context canceled: why")
	require.Equal(t, other, because(ctx, other), "which it has nothing to do with")
	require.NoError(t, because(ctx, nil))
	require.EqualError(t, because(ctx, context.Canceled), "context canceled: why")
	require.EqualError(t, because(ctx, why), "context canceled: why")
	for _, err := range []error{ended(ctx), because(ctx, context.Canceled), because(ctx, why)} {
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, why)
		require.Equal(t, err, because(ctx, err), "there is nothing to add")
	}
	plain, cancelPlain := context.WithCancel(t.Context())
	cancelPlain()
	require.Equal(t, context.Canceled, ended(plain))
}

// A run that is told to stop goes on for a tenth of a second with what is due, or
// for half of its time if that is less, and leaves the rest from then on.
func TestLeaving(t *testing.T) { synctest.Test(t, leaving) }

func leaving(t *testing.T) {
	for grace, quick := range map[time.Duration]time.Duration{time.Second: patience, 60 * time.Millisecond: 30 * time.Millisecond} {
		r := testRun(t)
		r.Grace = grace
		ctx, cancel := context.WithCancel(t.Context())
		unwatch := r.watch(ctx)
		time.Sleep(time.Hour)
		require.NoError(t, r.Ctx.Err())
		cancel()
		time.Sleep(quick - 1)
		synctest.Wait()
		require.False(t, r.leaving.Load())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.True(t, r.leaving.Load())
		time.Sleep(grace - quick - 1)
		synctest.Wait()
		require.NoError(t, r.Ctx.Err())
		require.False(t, r.halt.Load())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.ErrorContains(t, context.Cause(r.Ctx), "had not come to rest "+grace.String()+" after it was told to stop")
		require.True(t, r.halt.Load())
		unwatch()

		for _, wait := range []time.Duration{0, quick / 2, quick + 1} { // it has come to rest meanwhile
			r = testRun(t)
			r.Grace = grace
			ctx, cancel = context.WithCancel(t.Context())
			unwatch = r.watch(ctx)
			if wait > 0 {
				cancel()
				time.Sleep(wait)
			}
			unwatch()
			unwatch()
			time.Sleep(time.Hour)
			require.NoError(t, r.Ctx.Err())
			cancel()
		}
	}
}
