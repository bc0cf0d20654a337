package hdfstest_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

// What is flushed is seen at once by who follows the file, over the ends of blocks, and is there when its writer dies.
func TestFlush(t *testing.T) {
	withoutGateway(t, func(t *testing.T, w way) {
		c, at := hdfstest.Shared(t), fresh()
		write(t, w.dir(t, c, at), "other", "") // makes the directory
		system := w.dir(t, c, at)
		f, err := system.Create(t.Context(), "a.log")
		require.NoError(t, err)
		defer f.Close(t.Context()) // what it says is of no interest: the file is another's
		flusher := f.(filesystem.Flusher)
		follows := webhdfsfs.New(web(c), webhdfsfs.Unclosed()).Dir(at)
		var want []byte
		for i, n := range []int{1, 0, 511, 513, 70_000, 1<<20 - 71_025, 1, 1 << 20} {
			p := bytes.Repeat([]byte{byte('a' + i)}, n)
			want = append(want, p...)
			require.NoError(t, f.Write(t.Context(), p))
			require.NoError(t, flusher.Flush(t.Context()))
			require.True(t, string(want) == read(t, follows, "a.log", 0), "behind %d bytes", len(want))
		}
		timed := func(what string, n int, f func() error) {
			began := time.Now()
			for range n {
				require.NoError(t, f())
			}
			t.Logf("%s takes %v", what, time.Since(began)/time.Duration(n))
		}
		line := func(end func() error) func() error {
			return func() error {
				want = append(want, "a line\n"...)
				require.NoError(t, f.Write(t.Context(), []byte("a line\n")))
				return end()
			}
		}
		if *long {
			timed("a flush", 200, line(func() error { return flusher.Flush(t.Context()) }))
			timed("a sync", 20, line(func() error { return f.Sync(t.Context()) }))
		}
		require.NoError(t, line(func() error { return flusher.Flush(t.Context()) })())

		next := w.dir(t, c, at) // another process
		require.NoError(t, next.Rename(t.Context(), "a.log", "b"))
		require.True(t, string(want) == read(t, next, "b", 0))
	})
}
