package sealed_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
	"github.com/freshet-go/freshet/stream/sealed"
)

// leases is a file system as HDFS is one: who opens a hidden file takes it from whoever is writing it.
type leases struct {
	filesystem.Writable

	mu      sync.Mutex
	writers map[string]*leased
	opened  int // of hidden files
	taken   int
}

func newLeases() *leases {
	return &leases{Writable: filesystemtest.NewMemory().Dir(), writers: map[string]*leased{}}
}

func (l *leases) Create(ctx context.Context, name string) (filesystem.File, error) {
	f, err := l.Writable.Create(ctx, name)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writers[name] = &leased{File: f, leases: l, name: name}
	return l.writers[name], nil
}

func (l *leases) Open(ctx context.Context, name string, at int64) (io.ReadCloser, filesystem.Info, error) {
	l.mu.Lock()
	if strings.HasPrefix(path.Base(name), ".") {
		l.opened++
		if l.writers[name] != nil {
			l.taken++
			delete(l.writers, name)
		}
	}
	l.mu.Unlock()
	return l.Writable.Open(ctx, name, at)
}

// A leased file is written by who has its lease.
type leased struct {
	filesystem.File
	leases *leases
	name   string
}

func (f *leased) held(op string) error {
	f.leases.mu.Lock()
	defer f.leases.mu.Unlock()
	if f.leases.writers[f.name] != f {
		return &fs.PathError{Op: op, Path: f.name, Err: errors.New("another process has taken it over")}
	}
	return nil
}

func (f *leased) Write(ctx context.Context, p []byte) error {
	if err := f.held("write"); err != nil {
		return err
	}
	return f.File.Write(ctx, p)
}

func (f *leased) Sync(ctx context.Context) error {
	if err := f.held("sync"); err != nil {
		return err
	}
	return f.File.Sync(ctx)
}

func (f *leased) Close(ctx context.Context) error {
	f.leases.mu.Lock()
	if f.leases.writers[f.name] == f {
		delete(f.leases.writers, f.name)
	}
	f.leases.mu.Unlock()
	return f.File.Close(ctx)
}

// List and Stat tell of files that are being written without opening them.
func TestUnfinishedStaysShut(t *testing.T) {
	l := newLeases()
	keys := ring(t, key("a", 1))
	open := func() filesystem.Writable { return sealed.Files(l, "orders", keys) }
	s := open()
	require.NoError(t, s.Mkdir(t.Context(), "."))
	put(t, s, done, "0123456789")
	temporary := "." + done + ".0c2dhk8a1b3f4g5h.tmp"
	require.NoError(t, s.Put(t.Context(), ".orders.checkpoint", []byte("17")))
	f, err := s.Create(t.Context(), temporary)
	require.NoError(t, err)
	const part = "Mrs Miller\n"
	for i := range 3 {
		require.NoError(t, f.Write(t.Context(), []byte(part)))
		require.NoError(t, f.Sync(t.Context()))
		sizes := map[string]int64{}
		for info, err := range open().List(t.Context(), ".") {
			require.NoError(t, err)
			stat, err := open().Stat(t.Context(), info.Name)
			require.NoError(t, err)
			require.Equal(t, info, stat)
			sizes[info.Name] = info.Size
		}
		require.Len(t, sizes, 3)
		require.EqualValues(t, 10, sizes[done], "what is finished is told of exactly")
		require.GreaterOrEqual(t, sizes[temporary], int64((i+1)*len(part)))
		require.GreaterOrEqual(t, sizes[".orders.checkpoint"], int64(2))
	}
	require.Zero(t, l.opened, "hidden files are opened to tell their sizes")
	require.NoError(t, f.Close(t.Context()))
	got, err := read(t.Context(), open(), temporary)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat(part, 3), got)
}

// A source that looks for files where a sink is writing disturbs nobody, and reads what the sink has finished.
func TestReadWhereOthersWrite(t *testing.T) {
	const lines = 400
	l := newLeases()
	keys := ring(t, key("a", 1))
	require.NoError(t, l.Mkdir(t.Context(), "."))
	var want []string
	for i := range lines {
		want = append(want, "line"+strconv.Itoa(1000+i))
	}
	look := func(glob string) (all []string) {
		t.Helper()
		got := sink.Collect[string]()
		p := stream.New("look")
		p.From(source.FilesIn(sealed.Files(l, "lines", keys), glob, codec.Lines(), source.AllowMissing())).To(got)
		require.NoError(t, p.Run(t.Context()))
		return got.Values()
	}
	n := 0
	p := stream.New("lines")
	p.From(source.Slice(want)).Tap(func(string) {
		if n++; n%40 == 0 {
			look("*.log")
		}
	}).To(sink.FilesIn(sealed.Files(l, "lines", keys), "x-*.log", codec.Lines(), sink.RollRows(90)))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.BatchSize(10), stream.Checkpoints(checkpoint.Memory(), 20*time.Millisecond)))
	require.Zero(t, l.taken)
	require.ElementsMatch(t, want, look("*.log"))
}

// Who reads a file that is being written reads what there is of it, though Stat tells of more.
func TestReadUnfinished(t *testing.T) {
	dir := filesystemtest.NewMemory().Dir()
	s := sealed.Files(dir, "lines", ring(t, key("a", 1)))
	require.NoError(t, s.Mkdir(t.Context(), "."))
	f, err := s.Create(t.Context(), ".x.log.tmp")
	require.NoError(t, err)
	var want []string
	for i := range 50 {
		want = append(want, "line "+strconv.Itoa(i))
		require.NoError(t, f.Write(t.Context(), []byte(want[i]+"\n")))
		require.NoError(t, f.Sync(t.Context()))
	}
	for name, opts := range map[string][]source.FilesOption{"whole": nil, "in parts": {source.SplitSize(100)}, "growing, in parts": {source.SplitSize(100), source.Growing()}} {
		got := sink.Collect[string]()
		p := stream.New("look")
		p.From(source.FilesIn(s, ".*.tmp", codec.Lines(), opts...)).To(got)
		require.NoError(t, p.Run(t.Context()), name)
		require.ElementsMatch(t, want, got.Values(), name)
	}
	require.NoError(t, f.Close(t.Context()))
}
