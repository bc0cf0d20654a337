package sink_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A committer that was held up while another run began removes nothing of that one; the next one removes what nobody has committed.
func TestFilesOfLaterRuns(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		begin := func() (stream.Committer, func() int) {
			s := sink.Files(dir, "*.txt", codec.Lines()).(stream.TransactionalSink[string])
			c, err := s.OpenCommitter(committing(t))
			require.NoError(t, err)
			return c, func() int {
				w, err := s.Open(committing(t))
				require.NoError(t, err)
				b := stream.NewIntake[string](1)
				b.AppendAt("a row", 0)
				require.NoError(t, w.Write(t.Context(), b.Batch()))
				_, err = w.(stream.Preparer).Prepare(t.Context())
				require.NoError(t, err)
				staged, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
				require.NoError(t, err)
				t.Cleanup(func() { _ = w.Close() })
				return len(staged)
			}
		}
		staged := func() int {
			names, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
			require.NoError(t, err)
			return len(names)
		}
		earlier := filepath.Join(dir, "003-000000.txt.ffffffffffffffff.tmp") // of a version whose tokens had no time
		require.NoError(t, os.WriteFile(earlier, []byte("a row"), 0o600))
		_, write := begin()
		require.Equal(t, 1, write())
		time.Sleep(time.Second)
		held, _ := begin()
		time.Sleep(time.Second)
		later, write := begin()
		require.NoError(t, later.Abort(t.Context(), 0))
		require.Equal(t, 0, staged(), "what the first run has left")
		require.NoFileExists(t, earlier)
		require.Equal(t, 1, write())
		require.NoError(t, held.Abort(t.Context(), 0))
		require.Equal(t, 1, staged(), "what the later run has written")
		time.Sleep(time.Second)
		last, _ := begin()
		require.NoError(t, last.Abort(t.Context(), 0))
		require.Equal(t, 0, staged())
	})
}
