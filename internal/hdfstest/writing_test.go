package hdfstest_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/hdfsfs"
)

// pooled is the native way as programs have it: it keeps connections to the NameNode, which may be dead when they are used next.
func pooled(t testing.TB, c *minihdfs.Cluster, at string) filesystem.Truncater {
	client := hdfsfs.New(c.RPC, hdfsfs.Timeout(10*time.Second))
	t.Cleanup(func() { client.Close() })
	return client.Dir(at)
}

// A writing has files as a fault may find them: one in the midst of a block that is not synced, and one with nothing in it.
type writing struct {
	system      filesystem.Truncater
	half, empty filesystem.File
	done        chan error
}

// first and second are the halves of what is written: the second one goes into another block.
var first, second = bytes.Repeat([]byte("first\n"), 150_000), bytes.Repeat([]byte("second\n"), 50_000)

func begin(t testing.TB, c *minihdfs.Cluster) *writing {
	t.Helper()
	x := &writing{system: pooled(t, c, fresh()), done: make(chan error, 1)}
	require.NoError(t, x.system.Mkdir(t.Context(), "."))
	var err error
	x.empty, err = x.system.Create(t.Context(), "empty")
	require.NoError(t, err)
	x.half, err = x.system.Create(t.Context(), "half")
	require.NoError(t, err)
	require.NoError(t, x.half.Write(t.Context(), first[:1000]))
	require.NoError(t, x.half.Sync(t.Context()))
	require.NoError(t, x.half.Write(t.Context(), first[1000:]))
	return x
}

// goOn writes the rest, to a new file as well.
func (x *writing) goOn(ctx context.Context) {
	all := make(chan error, 3)
	go func() { all <- ended(ctx, x.half) }()
	go func() { all <- ended(ctx, x.empty) }()
	go func() {
		f, err := x.system.Create(ctx, "new")
		if err == nil {
			err = ended(ctx, f)
		}
		all <- err
	}()
	go func() { x.done <- errors.Join(<-all, <-all, <-all) }()
}

func ended(ctx context.Context, f filesystem.File) error {
	err := f.Write(ctx, second)
	if err == nil {
		err = f.Sync(ctx)
	}
	return errors.Join(err, f.Close(ctx))
}

// check waits for the end. No byte is lost or there twice.
func (x *writing) check(t testing.TB) {
	t.Helper()
	require.NoError(t, <-x.done)
	for name, want := range map[string]string{"half": string(first) + string(second), "empty": string(second), "new": string(second)} {
		require.True(t, want == read(t, x.system, name, 0), name)
	}
}

// A process that has not noticed that another one has its place opens the file again that it was writing, when that has been cut to the checkpoint. What
// it writes is in no file that has got its name.
func TestLateWriter(t *testing.T) {
	c, at := hdfstest.Shared(t), fresh()
	late := &late{Truncater: pooled(t, c, at)}
	store := checkpoint.Memory()
	_, all := lines(0, 20_000)
	run := func(breaks bool) error {
		p := stream.New("late")
		p.From(source.Slice(all)).
			Map(func(line string) string {
				if breaks {
					time.Sleep(time.Millisecond)
				}
				if breaks && late.syncs.Load() > 1 { // then a checkpoint has been taken
					panic("it breaks")
				}
				return line
			}).
			To(sink.FilesIn(late, "x-*.log", codec.Lines()))
		return p.Run(t.Context(), stream.Shards(1), stream.BatchSize(10), stream.Checkpoints(store, 10*time.Millisecond), stream.Logger(slog.New(slog.DiscardHandler)))
	}
	require.ErrorContains(t, run(true), "it breaks")
	require.NoError(t, late.file.Sync(t.Context()))
	require.NoError(t, run(false))
	require.True(t, late.came, "a file was cut")
	require.Equal(t, all, shown(t, late))
}

// A late is a system in which the first file that is made is not closed, and is written to once more when it is cut.
type late struct {
	filesystem.Truncater
	syncs atomic.Int64

	mu   sync.Mutex
	file filesystem.File
	came bool
}

func (l *late) Create(ctx context.Context, name string) (filesystem.File, error) {
	f, err := l.Truncater.Create(ctx, name)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.file == nil && strings.HasSuffix(name, ".tmp") {
		l.file = f
		return &kept{f, &l.syncs}, nil
	}
	return f, err
}

func (l *late) Truncate(ctx context.Context, name string, size int64) error {
	err := l.Truncater.Truncate(ctx, name, size)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && !l.came {
		l.came = true
		if l.file.Write(ctx, []byte("late\n")) == nil { // it may hear now that it is late
			_ = l.file.Sync(ctx)
		}
	}
	return err
}

// A kept is a file that its process does not get to close.
type kept struct {
	filesystem.File
	syncs *atomic.Int64
}

func (k *kept) Sync(ctx context.Context) error {
	err := k.File.Sync(ctx)
	k.syncs.Add(1)
	return err
}

func (k *kept) Close(context.Context) error { return nil }
