package lifecycle_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/failpoint"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// A run whose lock is lost when a checkpoint has become durable shows nothing of it: that
// is up to the run that may have begun. The next one does.
func TestLockLostBeforeCommit(t *testing.T) {
	store, out := filepath.Join(t.TempDir(), "store"), filepath.Join(t.TempDir(), "out")
	run := func() error {
		p := stream.New("locked")
		p.From(source.Generate(100, func(i int64) string { return strconv.FormatInt(i, 10) })).
			To(sink.Files(out, "x-*.log", codec.Lines()))
		return p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(checkpoint.Dir(store), time.Hour))
	}
	removed := 0
	failpoint.Set(func(name string) {
		if name == "checkpoint durable" {
			if removed++; removed == 1 {
				require.NoError(t, os.Remove(filepath.Join(store, "lock")))
			}
		}
	})
	defer failpoint.Set(func(string) {})
	shown := func() []string {
		names, err := filepath.Glob(filepath.Join(out, "x-*"))
		require.NoError(t, err)
		return names
	}
	err := run()
	require.ErrorIs(t, err, checkpoint.ErrLockLost)
	require.Equal(t, 1, removed)
	require.Empty(t, shown())
	require.NoError(t, run())
	require.Len(t, shown(), 1)
}
