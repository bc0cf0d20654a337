package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

// fill makes files in a file system.
func fill(t testing.TB, system filesystem.Writable, files map[string]string) {
	for name, data := range files {
		require.NoError(t, system.Mkdir(t.Context(), path.Dir(name)))
		require.NoError(t, system.Put(t.Context(), name, packed(name, data)))
	}
}

// The suite of sources over other file systems.
func TestFilesInSuite(t *testing.T) {
	text := func(from, to int) string {
		var b strings.Builder
		for i := from; i < to; i++ {
			fmt.Fprintf(&b, "line %d\n", i)
		}
		return b.String()
	}
	all := map[string]string{"a.log": text(0, 30), "sub/b.log.gz": text(30, 60), "sub/c.log": text(60, 90), "empty.log": ""}
	other := map[string]string{"a.log": text(1, 31), "sub/b.log.gz": text(10, 60), "sub/c.log": text(61, 90), "empty.log": text(0, 1)}
	want := strings.Split(strings.TrimSuffix(text(0, 90), "\n"), "\n")
	for name, make := range map[string]func(t testing.TB, m *filesystemtest.Memory) filesystem.Truncater{
		"directory": func(t testing.TB, _ *filesystemtest.Memory) filesystem.Truncater { return filesystem.Dir(t.TempDir()) },
		"memory":    func(_ testing.TB, m *filesystemtest.Memory) filesystem.Truncater { return m.Dir() },
		"slow": func(_ testing.TB, m *filesystemtest.Memory) filesystem.Truncater {
			var calls atomic.Int64
			return filesystemtest.Faulty(m.Dir(), func(filesystemtest.Call) filesystemtest.Fault {
				if calls.Add(1)%3 == 0 {
					return filesystemtest.Slow
				}
				return filesystemtest.None
			})
		},
	} {
		for which, opts := range map[string][]source.FilesOption{
			"":         nil,
			" split":   {source.SplitSize(70), source.OpenFiles(2)},
			" inorder": {source.InOrder()},
		} {
			t.Run(name+which, func(t *testing.T) {
				m := filesystemtest.NewMemory()
				of := func(t testing.TB, files map[string]string) filesystem.Readable {
					if name != "directory" {
						m = filesystemtest.NewMemory()
					}
					system := make(t, m)
					fill(t, system, files)
					return system
				}
				src := of(t, all)
				sourcetest.Suite[string]{
					Source: func(testing.TB) stream.Source[string] {
						return source.FilesIn(src, "**/*.log*", codec.Lines(), opts...)
					},
					Want: want,
					Faulty: func(t testing.TB) stream.Source[string] {
						return source.FilesIn(of(t, map[string]string{"a.log": "ok\n" + strings.Repeat("y", 50) + "\nfine\r\n"}), "*.log", codec.Lines(), append(opts, source.MaxRecord(10))...)
					},
					FaultyWant: []string{"ok", "fine"},
					Faults:     []string{"a.log line 2 byte 3"},
					Changed: func(t testing.TB) stream.Source[string] {
						return source.FilesIn(of(t, other), "**/*.log*", codec.Lines(), opts...)
					},
					InUse: func() int { return m.Open() },
				}.Run(t)
			})
		}
	}
}

// A listing tells all that is to be known: no file is asked for before it is read.
func TestFilesInFindsByLists(t *testing.T) {
	m := filesystemtest.NewMemory()
	fill(t, m.Dir(), map[string]string{"a.log": "a\n", "sub/b.log": "b\n"})
	calls := map[string]int{}
	system := filesystemtest.Faulty(m.Dir(), func(c filesystemtest.Call) filesystemtest.Fault {
		calls[c.Op]++
		return filesystemtest.None
	})
	_, err := source.FilesIn(system, "**/*.log", codec.Lines()).Open(&stream.SourceContext{Context: t.Context()})
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"list": 2}, calls)
}

// readAllOf reads all partitions of a source, one after the other.
func readAllOf(ctx context.Context, src stream.Source[string]) (all []string, err error) {
	readers, err := src.Open(&stream.SourceContext{Context: ctx})
	if err != nil {
		return nil, err
	}
	for _, r := range readers {
		defer r.Close()
		for err == nil {
			b := stream.NewIntake[string](1)
			err = r.Read(ctx, b)
			for _, v := range b.Batch().All() {
				all = append(all, v)
			}
		}
		if !errors.Is(err, io.EOF) {
			return all, err
		}
		err = nil
	}
	return all, nil
}

// Each fault of a call is an error that names the file, or nothing is lost.
func TestFilesInFaults(t *testing.T) {
	for _, fault := range []filesystemtest.Fault{filesystemtest.Fails, filesystemtest.Lost} {
		for at := 0; ; at++ {
			m := filesystemtest.NewMemory()
			fill(t, m.Dir(), map[string]string{"a.log": "a\nb\n", "c.log.gz": "c\nd\n"})
			var failed filesystemtest.Call
			calls := 0
			system := filesystemtest.Faulty(m.Dir(), func(c filesystemtest.Call) filesystemtest.Fault {
				calls++
				if calls-1 != at {
					return filesystemtest.None
				}
				failed = c
				return fault
			})
			all, err := readAllOf(t.Context(), source.FilesIn(system, "*", codec.Lines(), source.SplitSize(2)))
			assert.Zero(t, m.Open(), "%v", failed)
			if failed.Op == "" {
				assert.Greater(t, at, 5)
			}
			if failed.Op == "" || err == nil { // what was not read is another part's
				require.NoError(t, err)
				assert.Equal(t, []string{"a", "b", "c", "d"}, all, "%v", failed)
			}
			if failed.Op == "" {
				break
			}
			if err == nil {
				continue
			}
			require.ErrorIs(t, err, filesystemtest.ErrFault, "%v", failed)
			require.ErrorContains(t, err, "memory", "%v", failed)
		}
	}
}

// early ends what is read of a file before its end, without an error.
type early struct {
	filesystem.Readable
	size int64
}

func (e early) Open(ctx context.Context, name string, at int64) (io.ReadCloser, filesystem.Info, error) {
	r, info, err := e.Readable.Open(ctx, name, at)
	if err != nil {
		return nil, info, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, e.size), r}, info, nil
}

func TestFilesInEndsEarly(t *testing.T) {
	m := filesystemtest.NewMemory()
	fill(t, m.Dir(), map[string]string{"a.log": "first\nsecond\n"})
	_, err := readAllOf(t.Context(), source.FilesIn(early{m.Dir(), 8}, "*", codec.Lines()))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.EqualError(t, err, "source: read memory/a.log at byte 6: it ended at byte 8 of 13: unexpected EOF")
}

// A file that is replaced while it is closed is told by its identity, though both
// begin alike and are as long.
func TestFilesInReplaced(t *testing.T) {
	m := filesystemtest.NewMemory()
	lines := strings.Repeat("0123456789\n", 30_000) // several buffers
	fill(t, m.Dir(), map[string]string{"a.log": lines, "b.log": lines})
	readers, err := source.FilesIn(m.Dir(), "*", codec.Lines(), source.OpenFiles(1)).Open(&stream.SourceContext{Context: t.Context()})
	require.NoError(t, err)
	for _, r := range readers { // b.log has a.log closed
		defer r.Close()
		require.NoError(t, r.Read(t.Context(), stream.NewIntake[string](1)))
	}
	fill(t, m.Dir(), map[string]string{"a.log": lines})
	for err = nil; err == nil; {
		err = readers[0].Read(t.Context(), stream.NewIntake[string](512))
	}
	require.ErrorIs(t, err, source.ErrReplaced)
	assert.ErrorContains(t, err, "memory/a.log")
}

// One that is removed while it is open is read to its end.
func TestFilesInRemoved(t *testing.T) {
	m := filesystemtest.NewMemory()
	fill(t, m.Dir(), map[string]string{"a.log": strings.Repeat("0123456789\n", 30_000)})
	readers, err := source.FilesIn(m.Dir(), "*", codec.Lines()).Open(&stream.SourceContext{Context: t.Context()})
	require.NoError(t, err)
	defer readers[0].Close()
	n := 0
	for err == nil {
		b := stream.NewIntake[string](512)
		err = readers[0].Read(t.Context(), b)
		if n == 0 {
			require.NoError(t, m.Dir().Remove(t.Context(), "a.log"))
		}
		n += b.Len()
	}
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, 30_000, n)
}

// A call that hangs ends with the run.
func TestFilesInEnds(t *testing.T) {
	m := filesystemtest.NewMemory()
	system := filesystemtest.Faulty(m.Dir(), func(filesystemtest.Call) filesystemtest.Fault { return filesystemtest.Slow })
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := readAllOf(ctx, source.FilesIn(system, "*", codec.Lines()))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestFilesInNone(t *testing.T) {
	_, err := readAllOf(t.Context(), source.FilesIn(filesystemtest.NewMemory().Dir(), "*.log", codec.Lines()))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.EqualError(t, err, `source: no file in "memory" matches "*.log": file does not exist`)
	assert.Panics(t, func() { source.FilesIn(nil, "*", codec.Lines()) })
}
