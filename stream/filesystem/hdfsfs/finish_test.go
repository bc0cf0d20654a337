package hdfsfs

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"github.com/stretchr/testify/require"
)

// stays is for errors that a second call does not mend.
func stays(error) bool { return false }

// The end of a file is waited for as long as Patience says, and as ctx lasts.
func TestFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replicating := &fs.PathError{Op: "create", Path: "/a", Err: hdfs.ErrReplicating}
		never := func() error { return replicating }
		began := time.Now()
		err := finish(t.Context(), time.Minute, never, stays)
		require.ErrorIs(t, err, hdfs.ErrReplicating)
		require.ErrorContains(t, err, "no DataNode has told the NameNode of the last block")
		require.InDelta(t, time.Minute, time.Since(began), float64(time.Second))

		calls := 0
		later := func() error {
			if calls++; calls < 20 {
				return replicating
			}
			return nil
		}
		require.NoError(t, finish(t.Context(), time.Minute, later, stays))
		require.Equal(t, 20, calls)

		began = time.Now()
		require.ErrorIs(t, finish(t.Context(), 0, never, stays), hdfs.ErrReplicating)
		require.Zero(t, time.Since(began))

		other := errors.New("the pipeline is broken")
		require.Equal(t, other, finish(t.Context(), time.Minute, func() error { return other }, stays))

		// What passes is repeated where that does no harm.
		calls = 0
		restarts := func() error {
			if calls++; calls < 3 {
				return other
			}
			return nil
		}
		require.NoError(t, finish(t.Context(), time.Minute, restarts, func(err error) bool { return err == other }))
		require.Equal(t, other, finish(t.Context(), time.Second, func() error { return other }, func(error) bool { return true }))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, finish(ctx, time.Hour, never, stays), context.DeadlineExceeded)
	})
}
