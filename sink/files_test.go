package sink_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
	_ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles"
	"github.com/freshet-go/freshet/window"
)

// events returns lines whose times ascend by 10 seconds from before 1970 on.
func events(n int) (all []stream.Event[string]) {
	for i := range n {
		all = append(all, stream.Event[string]{
			Value: fmt.Sprintf("event %d", i),
			Time:  stream.Time(i-n/2) * stream.Time(10*time.Second),
		})
	}
	return all
}

func content(t testing.TB, name string) string {
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	return unpacked(t, name, raw)
}

// unpacked returns the text of a file that holds raw.
func unpacked(t testing.TB, name string, raw []byte) string {
	switch filepath.Ext(name) {
	case ".gz":
		z, err := gzip.NewReader(bytes.NewReader(raw))
		require.NoError(t, err)
		raw, err = io.ReadAll(z)
		require.NoError(t, err)
	case ".zst":
		z, err := zstd.NewReader(bytes.NewReader(raw), zstd.WithDecoderConcurrency(1))
		require.NoError(t, err)
		defer z.Close()
		raw, err = io.ReadAll(z)
		require.NoError(t, err)
	}
	return string(raw)
}

// contents returns the files of a directory by name, but for those hidden.
func contents(t testing.TB, dir string) map[string]string {
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") { // as for a * of the shell
			continue
		}
		files[short(e.Name())] = content(t, filepath.Join(dir, e.Name()))
	}
	return files
}

var runToken = regexp.MustCompile(`-[0-9a-v]{16}-`)

// short returns the name of a file without the token of the run.
func short(name string) string { return runToken.ReplaceAllString(name, "-") }

// long returns the path of the file in a directory that has the short name.
func long(t testing.TB, dir, name string) string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if short(e.Name()) == name {
			return filepath.Join(dir, e.Name())
		}
	}
	t.Fatalf("there is no %s in %s", name, dir)
	return ""
}

// lines returns what stands in the files of a directory. They all have got
// their names.
func lines(t testing.TB, dir string) []string {
	left, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	require.NoError(t, err)
	assert.Empty(t, left)
	return finalLines(t, dir)
}

// finalLines returns what stands in the files that have got their names.
func finalLines(t testing.TB, dir string) (all []string) {
	for _, name := range finals(t, dir) {
		text := content(t, name)
		assert.NotEmpty(t, text, name)
		all = append(all, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
	}
	return all
}

// finals returns the files that have got their names, in their order.
func finals(t testing.TB, dir string) []string {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains([]string{".tmp", ".recover", ".whole", ".checkpoint", ".new"}, filepath.Ext(name))
	})
}

// Under the race detector a run plays a half of the ways, and another half after the next commit.
func TestFilesSuite(t *testing.T) {
	ways := map[string][]sink.FilesOption{
		"*.log":     nil,
		"a-*.log":   {sink.RollSize(100)},
		"*.log.gz":  {sink.RollEvery(time.Minute)},
		"*.log.zst": {sink.RollEvery(307 * time.Second), sink.RollSize(200)},
		"b-*.zst":   nil,
		"c-*.log":   {sink.RollBy(window.Calendar(window.Day, time.FixedZone("EST", -5*3600)))},
		"sub/*.gz":  {sink.RollSize(30)},
	}
	for _, name := range sample.Of(t, racing.Rounds(1, 2), slices.Sorted(maps.Keys(ways))) {
		opts := ways[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits for the disk
			sinktest.Suite[string]{
				Events: events(60),
				Sink: func(t testing.TB) (stream.Sink[string], func() []string) {
					dir := filepath.Join(t.TempDir(), "out")
					return sink.Files(dir, name, codec.Lines(), opts...), func() []string { return lines(t, filepath.Join(dir, filepath.Dir(name))) }
				},
				Place: func(t testing.TB) (func() stream.Sink[string], func() []string) {
					dir := filepath.Join(t.TempDir(), "out")
					open := func() stream.Sink[string] { return sink.Files(dir, name, codec.Lines(), opts...) }
					return open, func() []string { return finalLines(t, filepath.Join(dir, filepath.Dir(name))) }
				},
				Outage: func(t testing.TB) (stream.Sink[string], func(), func() []string) {
					dir, down := filepath.Join(t.TempDir(), "out"), true
					system := filesystemtest.Faulty(filesystem.Dir(dir), func(c filesystemtest.Call) filesystemtest.Fault {
						if down && c.Op == "write" {
							return filesystemtest.Fails
						}
						return filesystemtest.None
					})
					return sink.FilesIn(system, name, codec.Lines(), opts...), func() { down = false },
						func() []string { return lines(t, filepath.Join(dir, filepath.Dir(name))) }
				},
				Broken: func(t testing.TB) stream.Sink[string] {
					dir := filepath.Join(t.TempDir(), "file")
					require.NoError(t, os.WriteFile(dir, nil, 0o600))
					return sink.Files(dir, name, codec.Lines(), opts...)
				},
			}.Run(t)
		})
	}
}

// open opens a sink as the instance of a run.
func open(t *testing.T, s stream.Sink[string], instance, count int) stream.Writer[string] {
	w, err := s.Open(&stream.SinkContext{Context: t.Context(), Instance: instance, Count: count})
	require.NoError(t, err)
	return w
}

func put(t *testing.T, w stream.Writer[string], all ...stream.Event[string]) {
	b := stream.NewIntake[string](len(all))
	for _, e := range all {
		b.AppendAt(e.Value, e.Time)
	}
	require.NoError(t, w.Write(t.Context(), b.Batch()))
}

func TestFilesRoll(t *testing.T) {
	dir := t.TempDir()
	w := open(t, sink.Files(dir, "*.log", codec.Lines(), sink.RollEvery(time.Minute)), 2, 3)
	advance := w.(stream.WatermarkWriter).Advance
	at := func(s int) stream.Time { return stream.Time(time.Duration(s) * time.Second) }
	put(t, w, stream.Event[string]{Value: "a", Time: at(-1)}, stream.Event[string]{Value: "b", Time: at(0)}, stream.Event[string]{Value: "c", Time: at(-60)})
	require.NoError(t, advance(t.Context(), at(-1)))
	assert.Empty(t, contents(t, dir))
	require.NoError(t, advance(t.Context(), at(0)))
	assert.Equal(t, "a\nc\n", contents(t, dir)["19691231T235900Z-002-000000.log"])
	put(t, w, stream.Event[string]{Value: "late", Time: at(-30)})
	require.NoError(t, w.Flush(t.Context()))
	require.NoError(t, w.Close())
	assert.Equal(t, map[string]string{
		"19691231T235900Z-002-000000.log": "a\nc\n",
		"19691231T235900Z-002-000002.log": "late\n",
		"19700101T000000Z-002-000001.log": "b\n",
	}, contents(t, dir))
}

// Each day of a shop's time zone has files of its own, also the one of 23 hours.
func TestFilesRollByTheCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	dir := t.TempDir()
	w := open(t, sink.Files(dir, "*.log", codec.Lines(), sink.RollBy(window.Calendar(window.Day, berlin))), 0, 1)
	advance := w.(stream.WatermarkWriter).Advance
	at := func(day, hour, minute int) stream.Time {
		n, _ := window.At(time.Date(2026, time.March, day, hour, minute, 0, 0, berlin))
		return n
	}
	put(t, w, stream.Event[string]{Value: "morning", Time: at(29, 0, 0)}, stream.Event[string]{Value: "night", Time: at(29, 23, 59)},
		stream.Event[string]{Value: "next", Time: at(30, 0, 0)}, stream.Event[string]{Value: "noon", Time: at(29, 12, 0)})
	require.NoError(t, advance(t.Context(), at(29, 23, 59)))
	assert.Empty(t, contents(t, dir))
	require.NoError(t, advance(t.Context(), at(30, 0, 0)))
	assert.Equal(t, map[string]string{"20260328T230000Z-000-000000.log": "morning\nnight\nnoon\n"}, contents(t, dir))
	require.NoError(t, advance(t.Context(), window.MaxTime))
	assert.Equal(t, "next\n", contents(t, dir)["20260329T220000Z-000-000001.log"])
	require.NoError(t, w.Close())
}

func TestFilesRollByWindowsThatAreOneAfterAnother(t *testing.T) {
	for _, spec := range []window.Spec{
		{}, window.Sliding(2, 1), window.Cumulating(2, 1), window.Session(1), window.ByCount(1), window.Global(),
		window.CumulatingCalendar(window.Month, window.Day, time.UTC),
		window.Calendar(window.Day, time.UTC, window.Lateness(1)), window.Tumbling(1, window.Once(1)),
	} {
		assert.PanicsWithValue(t, fmt.Sprintf("sink: RollBy(%v): want windows of kind tumbling or calendar, without lateness and triggers", spec), func() { sink.RollBy(spec) })
	}
}

// A run that is killed leaves what it had flushed; the next run, which has
// fewer instances, completes it.
func TestFilesRecover(t *testing.T) {
	for _, ext := range []string{".log", ".log.gz", ".log.zst"} {
		t.Run(ext, func(t *testing.T) {
			dir := t.TempDir()
			s := sink.Files(dir, "x-*"+ext, codec.Lines())
			w := open(t, s, 1, 2)
			put(t, w, events(3)...)
			require.NoError(t, w.Flush(t.Context()))
			put(t, w, events(2)...)
			require.NoError(t, w.Close()) // not flushed: the run failed
			left := long(t, dir, ".x-001-000000"+ext+".tmp")
			torn, err := os.OpenFile(left, os.O_APPEND|os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = torn.WriteString("torn")
			require.NoError(t, err)
			require.NoError(t, torn.Close())
			require.NoError(t, os.WriteFile(filepath.Join(dir, "x-003-000000"+ext+".tmp"), []byte("t"), 0o600)) // of an earlier version
			require.NoError(t, os.WriteFile(filepath.Join(dir, "unrelated.tmp"), []byte("t"), 0o600))

			w = open(t, s, 0, 1)
			put(t, w, stream.Event[string]{Value: "next"})
			require.NoError(t, w.Flush(t.Context()))
			require.NoError(t, w.Close())
			require.NoError(t, os.Remove(filepath.Join(dir, "unrelated.tmp")))
			assert.Equal(t, map[string]string{
				"x-000-000000" + ext: "next\n",
				"x-001-000000" + ext: "event 0\nevent 1\nevent 2\n",
			}, contents(t, dir))
		})
	}
}

// recovery opens the committer of a run that begins with a checkpoint.
func recovery(t *testing.T, s stream.Sink[string], id int64, prepared [][]byte) error {
	c, err := s.(stream.TransactionalSink[string]).OpenCommitter(committing(t))
	require.NoError(t, err)
	defer c.Close()
	committed, err := c.Committed(t.Context())
	require.NoError(t, err)
	if committed > id {
		return &stream.RewindError{Begins: id, Committed: committed}
	}
	if prepared != nil {
		if err := c.Commit(t.Context(), id, prepared); err != nil {
			return err
		}
	}
	return c.Abort(t.Context(), id)
}

// Whoever reads the files may take them away at once: nothing comes again
// then, and no later file is mistaken for one that has gone.
func TestFilesTakenAway(t *testing.T) {
	for _, ext := range []string{".log", ".log.gz"} {
		t.Run(ext, func(t *testing.T) {
			dir := t.TempDir()
			s := sink.Files(dir, "x-*"+ext, codec.Lines(), sink.RollEvery(time.Hour))
			taken := func() map[string]string {
				files := contents(t, dir)
				for name := range files {
					require.NoError(t, os.Remove(long(t, dir, name)))
				}
				return files
			}
			first, second := "x-19700101T000000Z-000-000000"+ext, "x-19700101T010000Z-000-000001"+ext
			c, w := begin(t, s)
			put(t, w, stream.Event[string]{Value: "finished"}, stream.Event[string]{Value: "in progress", Time: stream.Time(time.Hour)})
			require.NoError(t, w.(stream.WatermarkWriter).Advance(t.Context(), stream.Time(time.Hour)))
			prepared := prepare(t, w)
			require.NoError(t, c.Commit(t.Context(), 1, prepared))
			require.NoError(t, os.Rename(long(t, dir, first), filepath.Join(t.TempDir(), first)))
			require.NoError(t, w.Close())
			require.NoError(t, recovery(t, s, 1, prepared))
			assert.Equal(t, map[string]string{second: "in progress\n"}, taken())

			require.NoError(t, recovery(t, s, 1, prepared))
			w, err := s.Open(committing(t))
			require.NoError(t, err)
			put(t, w, stream.Event[string]{Value: "again"}, stream.Event[string]{Value: "again", Time: stream.Time(time.Hour)})
			require.NoError(t, w.(stream.WatermarkWriter).Advance(t.Context(), stream.Time(time.Hour)))
			prepare(t, w)
			require.NoError(t, w.Close())
			assert.FileExists(t, filepath.Join(dir, ".x-%2A"+ext+".checkpoint"))
			require.NoError(t, recovery(t, s, 1, prepared))
			assert.Empty(t, taken())
		})
	}
}

// A checkpoint whose rows are gone, or that another sink has made, is not gone
// on from.
func TestFilesMissing(t *testing.T) {
	for _, x := range []struct {
		finished bool
		damage   func(name string) error
		want     string
	}{
		{true, os.Remove, ".x-%2A.log.checkpoint hold 1"},
		{false, os.Remove, "checkpoint 1 holds rows of it: file does not exist"},
		{false, func(name string) error { return os.Truncate(name, 5) }, "cut it to the 24 bytes that the checkpoint holds: "},
	} {
		dir := t.TempDir()
		s := sink.Files(dir, "x-*.log", codec.Lines())
		_, w := begin(t, s)
		put(t, w, events(3)...)
		if x.finished {
			require.NoError(t, w.(stream.WatermarkWriter).Advance(t.Context(), window.MaxTime))
		}
		prepared := prepare(t, w)
		require.NoError(t, w.Close())
		assert.ErrorContains(t, recovery(t, sink.Files(dir, "y-*.log", codec.Lines()), 1, prepared), "is no file of "+dir+"/y-*.log")
		assert.ErrorContains(t, recovery(t, s, 1, [][]byte{{1}}), "damaged data of a checkpoint")
		staged, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
		require.NoError(t, err)
		require.Len(t, staged, 1)
		require.NoError(t, x.damage(staged[0]))
		assert.ErrorContains(t, recovery(t, s, 1, prepared), x.want)
	}
}

// Runs with checkpoints and without leave each other's files as they are.
func TestFilesOfBothKinds(t *testing.T) {
	dir := t.TempDir()
	s := sink.Files(dir, "x-*.log", codec.Lines())
	_, with := begin(t, s)
	put(t, with, stream.Event[string]{Value: "with"})
	prepared := prepare(t, with)
	require.NoError(t, with.Close())

	without := open(t, s, 0, 1)
	put(t, without, stream.Event[string]{Value: "without"})
	require.NoError(t, without.Flush(t.Context()))
	put(t, without, stream.Event[string]{Value: "torn"})
	require.NoError(t, without.Close()) // not flushed: the run failed

	require.NoError(t, recovery(t, s, 3, prepared))
	assert.ElementsMatch(t, []string{"with", "without"}, lines(t, dir))
	assert.Len(t, finals(t, dir), 2)
}

// A run may begin with an older checkpoint while nothing that came behind it
// can be seen.
func TestFilesRewindInSilence(t *testing.T) {
	dir := t.TempDir()
	s := sink.Files(dir, "x-*.log", codec.Lines())
	c, w := begin(t, s)
	put(t, w, stream.Event[string]{Value: "first"})
	first := prepare(t, w)
	require.NoError(t, c.Commit(t.Context(), 1, first))
	put(t, w, stream.Event[string]{Value: "second"})
	second := prepare(t, w)
	require.NoError(t, c.Commit(t.Context(), 2, second))
	require.NoError(t, w.Close())
	require.NoError(t, recovery(t, s, 1, first))
	assert.Equal(t, map[string]string{"x-000-000000.log": "first\n"}, contents(t, dir))
}

// A file whose only rows could not be encoded is none.
func TestFilesWithoutRows(t *testing.T) {
	for _, transactional := range []bool{false, true} {
		dir := t.TempDir()
		c := committing(t)
		c.Transactional = transactional
		w, err := sink.Files(dir, "*.json", codec.JSON[any]()).Open(c)
		require.NoError(t, err)
		b := stream.NewIntake[any](1)
		b.Append(any(func() {}))
		_, row := errors.AsType[*stream.RowError](w.Write(t.Context(), b.Batch()))
		assert.True(t, row)
		require.NoError(t, w.Flush(t.Context()))
		prepared, err := w.(stream.Preparer).Prepare(t.Context())
		require.NoError(t, err)
		assert.Nil(t, prepared)
		require.NoError(t, w.(stream.WatermarkWriter).Advance(t.Context(), window.MaxTime))
		require.NoError(t, w.Close())
		assert.Empty(t, contents(t, dir))
	}
}

// The files of a sink whose name begins or ends like another's are not its own.
func TestFilesOfOthers(t *testing.T) {
	dir := t.TempDir()
	_, w := begin(t, sink.Files(dir, "a-b-*.log", codec.Lines()))
	put(t, w, events(1)...)
	require.NoError(t, w.Close())
	require.NoError(t, recovery(t, sink.Files(dir, "a-*.log", codec.Lines()), 0, nil))
	require.NoError(t, recovery(t, sink.Files(dir, "*.log", codec.Lines()), 0, nil))
	left, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

// A run with checkpoints sweeps what is its own, and nothing of a sink in the same
// directory whose name goes on where its own ends, or has a dot in front.
func TestFilesSweepTheirOwn(t *testing.T) {
	for _, x := range []struct{ name, other string }{
		{"orders-*.jsonl", "orders-*.jsonl.gz"},
		{"orders-*", "orders-*.gz"},
		{"orders-*", "orders-*.0123456789abcdef"}, // as a token is
		{"*", "*.log.zst"},
		{".orders-*", "orders-*"},
		{".orders-*", "orders-*.gz"},
	} {
		for _, saved := range []bool{false, true} {
			dir := t.TempDir()
			of := func(name string) stream.Sink[string] { return sink.Files(dir, name, codec.Lines()) }
			var w stream.Writer[string]
			if saved {
				_, w = begin(t, of(x.other))
			} else {
				w = open(t, of(x.other), 0, 1)
			}
			put(t, w, events(3)...)
			require.NoError(t, w.Close()) // not finished: the run failed
			_, own := begin(t, of(x.name))
			put(t, own, events(1)...)
			require.NoError(t, own.Close())

			require.NoError(t, recovery(t, of(x.name), 0, nil))
			left, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
			require.NoError(t, err)
			assert.Len(t, left, 1, "%s beside %s", x.name, x.other)
		}
	}
}

func TestFilesNeedTimes(t *testing.T) {
	w := open(t, sink.Files(t.TempDir(), "*", codec.Lines(), sink.RollEvery(time.Hour)), 0, 1)
	defer w.Close()
	b := stream.NewIntake[string](1)
	b.Append("x")
	err := w.Write(context.Background(), b.Batch())
	assert.ErrorIs(t, err, stream.ErrNoTime)
	assert.EqualError(t, err, "sink: files roll by event time: its events have no event time: call EventTime before it, or use a source that has it; or roll by RollRows or RollSize")
}

func TestFilesName(t *testing.T) {
	for _, name := range []string{"", "x", "**", "*/x", "../*", "/*", "a//*"} {
		assert.Panics(t, func() { sink.Files(".", name, codec.Lines()) }, name)
	}
	assert.PanicsWithValue(t, `sink: Files: name "x-*.bz2": files are compressed whose names end in .gz or .zst; nothing here writes .bz2`,
		func() { sink.Files(".", "x-*.bz2", codec.Lines()) })
	assert.PanicsWithValue(t, `sink: FilesIn: name "x-*.XZ": files are compressed whose names end in .gz or .zst; nothing here writes .XZ`,
		func() { sink.FilesIn(filesystem.Dir("."), "x-*.XZ", codec.Lines()) })
	assert.PanicsWithValue(t, `sink: Files("", "*.log"): the directory is empty: the current one is "."`, func() { sink.Files("", "*.log", codec.Lines()) })
}

var errBroken = errors.New("broken")
