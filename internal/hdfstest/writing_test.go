package hdfstest_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/minihdfs"
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
