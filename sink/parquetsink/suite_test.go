package parquetsink_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/parquetsink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

var ways = map[string][]parquetsink.Option{
	"*.parquet":     nil,
	"a-*.parquet":   {parquetsink.Roll(sink.RollSize(3000)), parquetsink.RowGroup(5, 1<<20)},
	"b/*.parquet":   {parquetsink.Roll(sink.RollEvery(time.Hour), sink.RollRows(9)), parquetsink.Compression(parquetsink.Zstd)},
	"c/d-*.parquet": {parquetsink.RowGroup(7, 1), parquetsink.Bloom("shop", 10)},
}

// some returns all ways to write, and under the race detector one of n parts of them, as each takes a minute there: see internal/sample.
func some(t *testing.T, n int) []string {
	return sample.Of(t, racing.Rounds(1, n), slices.Sorted(maps.Keys(ways)))
}

func TestSuite(t *testing.T) {
	for _, name := range some(t, 2) {
		opts := ways[name]
		t.Run(name, func(t *testing.T) {
			sub := filepath.Dir(name)
			shared := sub == "b" // Zstd's encoders are shared by all, and have channels
			if !shared {
				t.Parallel() // it waits for the disk
			}
			sinktest.Suite[sale]{
				RealTime: shared,
				Events:   events(40),
				Sink: func(t testing.TB) (stream.Sink[sale], func() []sale) {
					dir := filepath.Join(t.TempDir(), "out")
					return parquetsink.Files[sale](dir, name, opts...), func() []sale { return shown(t, filesystem.Dir(dir), sub) }
				},
				Place: func(t testing.TB) (func() stream.Sink[sale], func() []sale) {
					dir := filepath.Join(t.TempDir(), "out")
					open := func() stream.Sink[sale] { return parquetsink.Files[sale](dir, name, opts...) }
					return open, func() []sale { return shown(t, filesystem.Dir(dir), sub) }
				},
				Outage: func(t testing.TB) (stream.Sink[sale], func(), func() []sale) {
					dir, down := filepath.Join(t.TempDir(), "out"), true
					system := filesystemtest.Faulty(filesystem.Dir(dir), func(c filesystemtest.Call) filesystemtest.Fault {
						if down && c.Op == "write" {
							return filesystemtest.Fails
						}
						return filesystemtest.None
					})
					return parquetsink.FilesIn[sale](system, name, opts...), func() { down = false },
						func() []sale { return shown(t, filesystem.Dir(dir), sub) }
				},
				Broken: func(t testing.TB) stream.Sink[sale] {
					dir := filepath.Join(t.TempDir(), "file")
					require.NoError(t, os.WriteFile(dir, nil, 0o600))
					return parquetsink.Files[sale](dir, name, opts...)
				},
			}.Run(t)
		})
	}
}

// The same in a file system that is no directory of a disk.
func TestSuiteInMemory(t *testing.T) {
	for _, name := range some(t, 4) {
		opts := ways[name]
		t.Run(name, func(t *testing.T) {
			var m *filesystemtest.Memory
			sub := filepath.Dir(name)
			sinktest.Suite[sale]{
				RealTime: filepath.Dir(name) == "b",
				Events:   events(40),
				Sink: func(t testing.TB) (stream.Sink[sale], func() []sale) {
					m = filesystemtest.NewMemory()
					return parquetsink.FilesIn[sale](m.Dir(), name, opts...), func() []sale { return shown(t, m.Dir(), sub) }
				},
				Place: func(t testing.TB) (func() stream.Sink[sale], func() []sale) {
					m = filesystemtest.NewMemory()
					open := func() stream.Sink[sale] { return parquetsink.FilesIn[sale](m.Dir(), name, opts...) }
					return open, func() []sale { return shown(t, m.Dir(), sub) }
				},
				InUse: func() int { return m.Open() },
			}.Run(t)
		})
	}
}
