package sink_test

import (
	"io"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

// shownIn returns the text of the files that have got their names, at any depth.
func shownIn(t testing.TB, system filesystem.Readable) map[string]string {
	all := map[string]string{}
	var walk func(dir string)
	walk = func(dir string) {
		for i, err := range system.List(t.Context(), dir) {
			require.NoError(t, err)
			name := path.Join(dir, i.Name)
			switch {
			case i.Dir:
				walk(name)
			case !strings.HasPrefix(i.Name, "."):
				r, _, err := system.Open(t.Context(), name, 0)
				require.NoError(t, err)
				data, err := io.ReadAll(r)
				require.NoError(t, err)
				require.NoError(t, r.Close())
				all[name] = unpacked(t, name, data)
			}
		}
	}
	walk(".")
	return all
}

// shownLines returns the lines of those files, in the order of their names.
func shownLines(t testing.TB, system filesystem.Readable) (all []string) {
	files := shownIn(t, system)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, strings.Split(strings.TrimSuffix(files[name], "\n"), "\n")...)
	}
	return all
}

// harmless returns faults that a sink is to bear without an error.
func harmless(seed uint64) func(filesystemtest.Call) filesystemtest.Fault {
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(seed, 0))
	return func(filesystemtest.Call) filesystemtest.Fault {
		mu.Lock()
		defer mu.Unlock()
		return []filesystemtest.Fault{filesystemtest.None, filesystemtest.Slow, filesystemtest.Stale}[rnd.IntN(3)]
	}
}

// The suite over file systems that are no directory of a disk.
func TestFilesInSuite(t *testing.T) {
	for system, as := range map[string]func(filesystem.Truncater) filesystem.Writable{
		"memory":      func(s filesystem.Truncater) filesystem.Writable { return s },
		"no truncate": func(s filesystem.Truncater) filesystem.Writable { return whole{s} },
		"slow":        func(s filesystem.Truncater) filesystem.Writable { return filesystemtest.Faulty(s, harmless(1)) },
	} {
		for name, opts := range map[string][]sink.FilesOption{
			"*.log":    nil,
			"a-*.log":  {sink.RollSize(100)},
			"b/*.log":  {sink.RollEvery(time.Minute)},
			"sub/*.gz": {sink.RollSize(200)},
		} {
			t.Run(system+" "+name, func(t *testing.T) {
				var m *filesystemtest.Memory
				sinktest.Suite[string]{
					Events: events(60),
					Sink: func(t testing.TB) (stream.Sink[string], func() []string) {
						m = filesystemtest.NewMemory()
						return sink.FilesIn(as(m.Dir()), name, codec.Lines(), opts...), func() []string { return shownLines(t, m.Dir()) }
					},
					Place: func(t testing.TB) (func() stream.Sink[string], func() []string) {
						m = filesystemtest.NewMemory()
						open := func() stream.Sink[string] { return sink.FilesIn(as(m.Dir()), name, codec.Lines(), opts...) }
						return open, func() []string { return shownLines(t, m.Dir()) }
					},
					Broken: func(t testing.TB) stream.Sink[string] {
						m = filesystemtest.NewMemory()
						d := as(m.Dir())
						m.Kill()
						return sink.FilesIn(d, name, codec.Lines(), opts...)
					},
					InUse: func() int { return m.Open() },
				}.Run(t)
			})
		}
	}
}

// What is wrong says which file, what was tried, why, and the way out.
func TestFilesInErrors(t *testing.T) {
	m := filesystemtest.NewMemory()
	_, w := begin(t, sink.FilesIn(m.Dir(), "x-*.log", codec.Lines(), sink.RollSize(1)))
	put(t, w, stream.Event[string]{Value: "a"})
	prepared := prepare(t, w)
	for name := range stagedIn(t, m.Dir()) {
		final := strings.TrimPrefix(name[:strings.LastIndexByte(strings.TrimSuffix(name, ".tmp"), '.')], ".")
		require.NoError(t, m.Dir().Put(t.Context(), final, nil))
	}
	err := recovery(t, sink.FilesIn(m.Dir(), "x-*.log", codec.Lines()), 1, prepared)
	for _, want := range []string{"sink: write .x-000-", "is there, though no other run has this name: move it elsewhere, and run again: rename memory/.x-000-", "is not overwritten"} {
		assert.ErrorContains(t, err, want)
	}
	assert.Panics(t, func() { sink.FilesIn(nil, "*", codec.Lines()) })
}

// stagedIn returns the files that have not got their names.
func stagedIn(t testing.TB, system filesystem.Readable) map[string]filesystem.Info {
	all := map[string]filesystem.Info{}
	for i, err := range system.List(t.Context(), ".") {
		require.NoError(t, err)
		if strings.HasSuffix(i.Name, ".tmp") {
			all[i.Name] = i
		}
	}
	return all
}
