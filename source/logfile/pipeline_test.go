package logfile_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// quick are the waits of tests, which nobody else writes beside.
func quick() []logfile.Option {
	return []logfile.Option{logfile.Poll(10 * time.Millisecond), logfile.RotateWait(50 * time.Millisecond)}
}

// A writer writes numbered lines, and rotates.
type writer struct {
	t      testing.TB
	path   string
	f      *os.File
	n      int
	days   int
	shifts int
}

func newWriter(t testing.TB, path string) *writer {
	w := &writer{t: t, path: path}
	w.open()
	t.Cleanup(func() { w.f.Close() })
	return w
}

func (w *writer) open() {
	f, err := os.OpenFile(w.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	require.NoError(w.t, err)
	w.f = f
}

// write writes n lines, a few at a time.
func (w *writer) write(n int) {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "%07d a line of %s, which is rotated while it is read\n", w.n, filepath.Base(w.path))
		w.n++
		if b.Len() > 5000 {
			w.flush(&b)
		}
	}
	w.flush(&b)
}

func (w *writer) flush(b *strings.Builder) {
	_, err := w.f.WriteString(b.String())
	require.NoError(w.t, err)
	b.Reset()
}

func (w *writer) reopen() {
	require.NoError(w.t, w.f.Close())
	w.open()
}

// shift renames path.1 to path.2, and so on.
func (w *writer) shift() {
	w.shifts++
	for i := w.shifts; i > 0; i-- {
		for _, ext := range []string{"", ".gz"} {
			_ = os.Rename(fmt.Sprint(w.path, ".", i, ext), fmt.Sprint(w.path, ".", i+1, ext)) // there may be none
		}
	}
}

func (w *writer) copyTo(to string) {
	in, err := os.ReadFile(w.path)
	require.NoError(w.t, err)
	require.NoError(w.t, os.WriteFile(to, in, 0o644))
}

func (w *writer) compress(path string) {
	info, err := os.Stat(path)
	require.NoError(w.t, err)
	in, err := os.Open(path)
	require.NoError(w.t, err)
	defer in.Close()
	out, err := os.OpenFile(path+".gz", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	require.NoError(w.t, err)
	z, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	require.NoError(w.t, err)
	_, err = io.Copy(z, in)
	require.NoError(w.t, err)
	require.NoError(w.t, z.Close())
	require.NoError(w.t, out.Close())
	require.NoError(w.t, os.Chtimes(path+".gz", info.ModTime(), info.ModTime()))
	require.NoError(w.t, os.Remove(path))
}

var rotations = map[string]func(w *writer, n int){
	"create": func(w *writer, n int) {
		w.shift()
		require.NoError(w.t, os.Rename(w.path, w.path+".1"))
		w.reopen()
	},
	"copytruncate": func(w *writer, n int) {
		w.shift()
		w.copyTo(w.path + ".1")
		require.NoError(w.t, os.Truncate(w.path, 0))
	},
	"compress": func(w *writer, n int) {
		w.shift()
		require.NoError(w.t, os.Rename(w.path, w.path+".1"))
		w.reopen()
		w.compress(w.path + ".1")
	},
	"dateext": func(w *writer, n int) {
		w.days++
		require.NoError(w.t, os.Rename(w.path, fmt.Sprintf("%s-202601%02d", w.path, w.days)))
		w.reopen()
	},
}

// numbers is a sink that knows which numbers have come, and wants them in order.
type numbers struct {
	mu   sync.Mutex
	next int
	bad  []string
}

func (s *numbers) Open(*stream.SinkContext) (stream.Writer[string], error) { return s, nil }

func (s *numbers) Write(_ context.Context, b *stream.Batch[string]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range b.All() {
		n, err := strconv.Atoi(line[:min(7, len(line))])
		if (err != nil || n != s.next) && len(s.bad) < 10 {
			s.bad = append(s.bad, fmt.Sprintf("%q where %d was to come", line, s.next))
		}
		s.next = n + 1
	}
	return nil
}

func (s *numbers) Flush(context.Context) error { return nil }
func (s *numbers) Close() error                { return nil }

func (s *numbers) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next
}

// until waits until a condition holds, for half a minute at most.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in half a minute it does not come about: %s", what)
		}
	}
}

// started runs a pipeline until it is stopped, and fails the test if it ends by itself.
func started(t testing.TB, p *stream.Pipeline, opts ...stream.RunOption) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx, opts...) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-done; err != nil && ctx.Err() == nil {
				t.Errorf("Run: %v", err)
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

// Lines are numbered, and their file is rotated every 10,000 of them, without a pause:
// none is lost, none comes twice, and all come in order.
func TestNothingIsLost(t *testing.T) {
	for name, rotate := range rotations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "app.log")
			w := newWriter(t, path)
			got := &numbers{}
			p := stream.New("log")
			p.From(logfile.Follow(path, codec.Lines(), quick()...)).To(got)
			started(t, p)
			for n := range 20 {
				w.write(10_000)
				if n < 19 {
					rotate(w, n)
				}
			}
			until(t, "all lines have come", func() bool { return got.count() >= w.n })
			require.Empty(t, got.bad)
			require.Equal(t, 200_000, got.count())
		})
	}
}

// The file is removed as soon as it has been renamed, while it is read.
func TestRemovedWhileItIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	w := newWriter(t, path)
	got := &numbers{}
	p := stream.New("log")
	p.From(logfile.Follow(path, codec.Lines(), quick()...)).To(got)
	started(t, p)
	for n := range 20 {
		from := w.n
		w.write(10_000)
		until(t, "the file is being read", func() bool { return got.count() > from })
		if n < 19 {
			require.NoError(t, os.Rename(path, path+".1"))
			w.write(10) // to the file that has lost its name
			require.NoError(t, os.Remove(path+".1"))
			w.reopen()
		}
	}
	until(t, "all lines have come", func() bool { return got.count() >= w.n })
	require.Empty(t, got.bad)
	require.Equal(t, w.n, got.count())
}

// The run is stopped again and again, and goes on from its checkpoint.
func TestStoppedAndGoneOn(t *testing.T) {
	for name, rotate := range rotations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "app.log")
			w := newWriter(t, path)
			store := checkpoint.Dir(filepath.Join(dir, "checkpoints"))
			got := &numbers{}
			p := stream.New("log")
			p.From(logfile.Follow(path, codec.Lines(), quick()...)).To(got)
			for n := range 20 {
				stop := started(t, p, stream.Checkpoints(store, time.Hour))
				w.write(5000)
				if n%3 == 1 {
					rotate(w, n)
				}
				w.write(5000)
				if n%4 > 0 {
					until(t, "some lines have come", func() bool { return got.count() > w.n-5000 })
				}
				stop()
				rotate(w, n)
			}
			started(t, p, stream.Checkpoints(store, time.Hour))
			until(t, "all lines have come", func() bool { return got.count() >= w.n })
			require.Empty(t, got.bad)
			require.Equal(t, 200_000, got.count())
		})
	}
}

// A log that does not match the pattern of a run is not read, and keeps its place in the checkpoint: a later run that it
// matches goes on there.
func TestPatternChanges(t *testing.T) {
	dir := t.TempDir()
	store := checkpoint.Memory()
	a, b := filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log")
	var all []string
	write := func(path, line string) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		require.NoError(t, err)
		_, err = f.WriteString(line + "\n")
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	run := func(pattern string, want ...string) {
		t.Helper()
		got := &gathering{}
		p := stream.New("log")
		p.From(logfile.Follow(filepath.Join(dir, pattern), codec.Lines(), quick()...)).To(got)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx, stream.Checkpoints(store, time.Hour)) }()
		until(t, "the lines have come", func() bool { return len(got.all()) >= len(want) })
		stop()
		require.ErrorIs(t, <-done, context.Canceled)
		require.ElementsMatch(t, want, got.all())
		all = append(all, got.all()...)
	}
	write(a, "a1")
	write(b, "b1")
	run("?.log", "a1", "b1")
	write(a, "a2")
	write(b, "b2")
	run("a.log", "a2")
	write(a, "a3")
	run("a*.log", "a3")
	write(a, "a4")
	run("*.log", "a4", "b2")
	require.Len(t, all, 6)
}
