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

// The end of a file is waited for as long as Patience says, and as ctx lasts.
func TestFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replicating := &fs.PathError{Op: "create", Path: "/a", Err: hdfs.ErrReplicating}
		never := func() error { return replicating }
		began := time.Now()
		err := finish(t.Context(), time.Minute, never)
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
		require.NoError(t, finish(t.Context(), time.Minute, later))
		require.Equal(t, 20, calls)

		began = time.Now()
		require.ErrorIs(t, finish(t.Context(), 0, never), hdfs.ErrReplicating)
		require.Zero(t, time.Since(began))

		other := errors.New("the pipeline is broken")
		require.Equal(t, other, finish(t.Context(), time.Minute, func() error { return other }))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, finish(ctx, time.Hour, never), context.DeadlineExceeded)
	})
}
