package sink_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// numbers gives n numbers, 20 a second, to a sink.
func numbers(n int64, to stream.Sink[string], opts ...stream.Option) *stream.Pipeline {
	p := stream.New("numbers")
	p.From(source.Generate(n, func(i int64) string { return strconv.FormatInt(i, 10) }, source.Rate(20))).To(to, opts...)
	return p
}

func wanted(n int) (all []string) {
	for i := range n {
		all = append(all, strconv.Itoa(i))
	}
	slices.Sort(all)
	return all
}

// A shipper moves all finished files into an archive each second, as
// mv out/* archive/ does, over several runs, some of which fail, and at last with the
// directory itself. No file overwrites another.
func TestFilesShipped(t *testing.T) {
	for _, saved := range []bool{true, false} {
		t.Run(fmt.Sprint("checkpoints ", saved), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir, archive := filepath.Join(t.TempDir(), "out"), t.TempDir()
				ship := func() {
					entries, err := os.ReadDir(dir)
					assert.NoError(t, err)
					for _, e := range entries {
						if strings.HasPrefix(e.Name(), ".") { // a * does not match it
							continue
						}
						name, to := filepath.Join(dir, e.Name()), filepath.Join(archive, e.Name())
						assert.NoFileExists(t, to)
						assert.NoError(t, os.Rename(name, to))
					}
				}
				store := checkpoint.Memory()
				run := func() error {
					stop := make(chan struct{})
					var shipping sync.WaitGroup
					defer shipping.Wait()
					defer close(stop)
					shipping.Go(func() {
						tick := time.NewTicker(time.Second)
						defer tick.Stop()
						for {
							select {
							case <-tick.C:
								ship()
							case <-stop:
								return
							}
						}
					})
					opts := []stream.RunOption{stream.Shards(2)}
					if saved {
						opts = append(opts, stream.Checkpoints(store, 100*time.Millisecond))
					}
					return numbers(60, sink.Files(dir, "*.log", codec.Lines(), sink.RollSize(1))).Run(t.Context(), opts...)
				}
				runs := 1
				if saved {
					runs = 2
				}
				for range runs {
					require.NoError(t, run())
					ship()
				}
				got := finalLines(t, archive)
				slices.Sort(got)
				assert.Equal(t, wanted(60), got)

				if !saved { // and once more, where nothing is left of the directory
					require.NoError(t, os.RemoveAll(dir))
					require.NoError(t, run())
					ship()
					assert.Len(t, finalLines(t, archive), 120)
				}
			})
		})
	}
}

// The disk that the files and the checkpoints lie on is away for two seconds.
func TestFilesAreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		top := filepath.Join(t.TempDir(), "disk")
		dir := filepath.Join(top, "out")
		time.AfterFunc(time.Second, func() { assert.NoError(t, os.Rename(top, top+".away")) })
		time.AfterFunc(3*time.Second, func() { assert.NoError(t, os.Rename(top+".away", top)) })
		p := numbers(60, sink.Files(dir, "*.log", codec.Lines(), sink.RollSize(1)))
		require.NoError(t, p.Run(t.Context(), stream.Shards(1),
			stream.Checkpoints(checkpoint.Dir(filepath.Join(top, "store")), 100*time.Millisecond), stream.Restarts(10, 100*time.Millisecond)))
		got := lines(t, dir)
		slices.Sort(got)
		assert.Equal(t, wanted(60), got)
	})
}

// A directory that was deleted, or put back from an older copy, is not gone on
// with as if nothing was missing, unless the marker says so.
func TestFilesLost(t *testing.T) {
	for _, older := range []string{"", "1\n"} {
		dir, store := filepath.Join(t.TempDir(), "out"), checkpoint.Memory()
		run := func(n int64) error {
			p := stream.New("numbers")
			p.From(source.Generate(n, func(i int64) string { return strconv.FormatInt(i, 10) })).
				To(sink.Files(dir, "*.log", codec.Lines(), sink.RollSize(1)))
			return p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(store, time.Hour))
		}
		for n := range int64(3) {
			require.NoError(t, run(10*(n+1)))
		}
		require.NoError(t, os.RemoveAll(dir))
		marker := filepath.Join(dir, ".%2A.log.checkpoint")
		if older != "" {
			require.NoError(t, os.Mkdir(dir, 0o700))
			require.NoError(t, os.WriteFile(marker, []byte(older), 0o600))
		}
		var lost *stream.LostResultsError
		require.ErrorAs(t, run(40), &lost)
		assert.Equal(t, "file "+marker, lost.Marker)
		assert.EqualValues(t, 2, lost.Shown)

		require.NoError(t, os.WriteFile(marker, []byte("2\n"), 0o600))
		require.ErrorContains(t, run(40), marker+" hold 3", "the rows of the last one are gone as well")
		require.NoError(t, os.WriteFile(marker, []byte("3\n"), 0o600))
		require.NoError(t, run(40))
		assert.Len(t, lines(t, dir), 10)
	}
}

// Results that are put back from an older copy, or emptied, while a run is at work are missed before
// the next checkpoint.
func TestFilesPutBackAtWork(t *testing.T) {
	for _, way := range []string{"older", "emptied"} {
		synctest.Test(t, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			marker := filepath.Join(out, ".x-%2A.log.checkpoint")
			var older []byte
			p := stream.New("numbers")
			p.From(source.Generate(1000, func(i int64) string { return strconv.FormatInt(i, 10) }, source.Rate(20))).Tap(func(v string) {
				var err error
				switch {
				case v == "50":
					older, err = os.ReadFile(marker)
				case v == "110" && way == "older":
					err = os.WriteFile(marker, older, 0o600)
				case v == "110":
					err = os.Remove(marker)
				}
				assert.NoError(t, err)
			}).To(sink.Files(out, "x-*.log", codec.Lines(), sink.RollSize(1)))
			err := p.Run(t.Context(), stream.Shards(1), stream.BatchSize(1), stream.Checkpoints(checkpoint.Memory(), time.Second))
			lost, ok := errors.AsType[*stream.LostResultsError](err)
			require.True(t, ok, "%s: %v", way, err)
			assert.Contains(t, lost.Marker, marker)
		})
	}
}
