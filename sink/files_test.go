package sink_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
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

// contents returns the files of a directory by name.
func contents(t testing.TB, dir string) map[string]string {
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		files[e.Name()] = content(t, filepath.Join(dir, e.Name()))
	}
	return files
}

func lines(t testing.TB, dir string) (all []string) {
	files := contents(t, dir)
	names := make([]string, 0)
	for name, text := range files {
		assert.NotContains(t, name, ".tmp")
		assert.NotEmpty(t, text, name)
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, strings.Split(strings.TrimSuffix(files[name], "\n"), "\n")...)
	}
	return all
}

func TestFilesSuite(t *testing.T) {
	for name, opts := range map[string][]sink.FilesOption{
		"*.log":     nil,
		"a-*.log":   {sink.RollSize(100)},
		"*.log.gz":  {sink.RollEvery(time.Minute)},
		"*.log.zst": {sink.RollEvery(7 * time.Second), sink.RollSize(200)},
	} {
		t.Run(name, func(t *testing.T) {
			sinktest.Suite[string]{
				Events: events(60),
				Sink: func(t testing.TB) (stream.Sink[string], func() []string) {
					dir := filepath.Join(t.TempDir(), "out")
					return sink.Files(dir, name, codec.Lines(), opts...), func() []string { return lines(t, dir) }
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
	b := stream.NewBatch[string](len(all))
	for _, e := range all {
		b.AppendAt(e.Value, e.Time)
	}
	require.NoError(t, w.Write(t.Context(), b))
}

func TestFilesRoll(t *testing.T) {
	dir := t.TempDir()
	w := open(t, sink.Files(dir, "*.log", codec.Lines(), sink.RollEvery(time.Minute)), 2, 3)
	advance := w.(stream.WatermarkWriter).Advance
	at := func(s int) stream.Time { return stream.Time(time.Duration(s) * time.Second) }
	put(t, w, stream.Event[string]{Value: "a", Time: at(-1)}, stream.Event[string]{Value: "b", Time: at(0)}, stream.Event[string]{Value: "c", Time: at(-60)})
	require.NoError(t, advance(t.Context(), at(-1)))
	assert.Len(t, contents(t, dir), 2)
	require.NoError(t, advance(t.Context(), at(0)))
	assert.Equal(t, "a\nc\n", contents(t, dir)["19691231T235900Z-002-000000.log"])
	put(t, w, stream.Event[string]{Value: "late", Time: at(-30)})
	require.NoError(t, w.Flush(t.Context()))
	require.NoError(t, w.Close())
	assert.Equal(t, map[string]string{
		"19691231T235900Z-002-000000.log": "a\nc\n",
		"19691231T235900Z-002-000001.log": "late\n",
		"19700101T000000Z-002-000000.log": "b\n",
	}, contents(t, dir))
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
			left := filepath.Join(dir, "x-001-000000"+ext+".tmp")
			torn, err := os.OpenFile(left, os.O_APPEND|os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = torn.WriteString("torn")
			require.NoError(t, err)
			require.NoError(t, torn.Close())
			require.NoError(t, os.WriteFile(filepath.Join(dir, "x-003-000000"+ext+".tmp"), []byte("t"), 0o600))
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

func TestFilesNeedTimes(t *testing.T) {
	w := open(t, sink.Files(t.TempDir(), "*", codec.Lines(), sink.RollEvery(time.Hour)), 0, 1)
	defer w.Close()
	b := stream.NewBatch[string](1)
	b.Append("x")
	assert.EqualError(t, w.Write(context.Background(), b), "sink: files roll by event time, and the events have none")
}

func TestFilesName(t *testing.T) {
	for _, name := range []string{"", "x", "**", "*/x", "../*", "/*", "a//*"} {
		assert.Panics(t, func() { sink.Files(".", name, codec.Lines()) }, name)
	}
}

var errBroken = errors.New("broken")
