package sealed_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/window"
)

func key(id string, n byte) sealed.Key {
	return sealed.Key{ID: id, Secret: bytes.Repeat([]byte{n}, 32)}
}

func ring(t testing.TB, current sealed.Key, older ...sealed.Key) *sealed.Ring {
	t.Helper()
	r, err := sealed.NewRing(current, older...)
	require.NoError(t, err)
	return r
}

// visit is a person's, whose name must not be on disk.
type visit struct {
	Name string
	At   int64
}

func (v visit) who() string     { return v.Name }
func (v visit) time() time.Time { return time.Unix(v.At, 0) }

var people = []string{"Ada Secretperson", "Bob Secretperson", "Cleo Secretperson"}

// visits counts by person and hour.
func visits(from stream.Source[visit], out stream.Sink[stream.Pane[string, int64]]) *stream.Pipeline {
	p := stream.New("visits")
	p.From(from, stream.Name("visits")).
		EventTime(visit.time).
		KeyBy(visit.who).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Count[visit](), stream.Name("counts")).
		To(out, stream.Name("out"))
	return p
}

func visitOf(i int64) visit { return visit{people[i%3], i * 60} }

// stopped runs until checkpoints have been made, and stops.
func stopped(t *testing.T, store checkpoint.Store, n int64, meanwhile func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	numbers := make(chan visit)
	p := visits(source.Chan(numbers), sink.Discard[stream.Pane[string, int64]]())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Shards(2), stream.Checkpoints(store, time.Hour)) }()
	for i := range n {
		numbers <- visitOf(i)
	}
	_, err := p.Savepoint(ctx, "before")
	require.NoError(t, err)
	meanwhile()
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

// resumed goes on from what is in the store to the end.
func resumed(t *testing.T, store checkpoint.Store, opts ...stream.RunOption) ([]stream.Pane[string, int64], error) {
	t.Helper()
	got := sink.Collect[stream.Pane[string, int64]]()
	ended := make(chan visit)
	close(ended)
	err := visits(source.Chan(ended), got).Run(t.Context(), append(opts, stream.Checkpoints(store, time.Hour))...)
	return got.Values(), err
}

// Nothing of the people is on disk, and what was sealed is gone on from.
func TestRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	keys := ring(t, key("a", 1))
	stopped(t, sealed.Store(checkpoint.Dir(dir), "visits", keys), 30, func() {})
	seen := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
		if !d.IsDir() && d.Name() != "lock" {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NotContains(t, string(b), "Secretperson")
			require.NotContains(t, string(b), "counts")
			seen++
		}
		return nil
	}))
	require.Greater(t, seen, 2)
	got, err := resumed(t, sealed.Store(checkpoint.Dir(dir), "visits", keys), stream.Shards(3))
	require.NoError(t, err)
	require.Len(t, got, 3)
	for _, pane := range got {
		require.EqualValues(t, 10, pane.Value)
	}
	all, err := checkpoint.Inspect(sealed.Store(checkpoint.Dir(dir), "visits", keys))
	require.NoError(t, err)
	require.NotEmpty(t, all)
}

// Without its key a store is never empty, and never older than it is.
func TestRunWithoutTheKey(t *testing.T) {
	inside := checkpoint.Memory()
	old := sealed.Store(inside, "visits", ring(t, key("a", 1)))
	stopped(t, old, 30, func() {})
	rotated := ring(t, key("b", 2), key("a", 1))
	got, err := resumed(t, sealed.Store(inside, "visits", rotated), stream.DropState())
	require.NoError(t, err)
	require.Len(t, got, 3)
	before, err := inside.List()
	require.NoError(t, err)
	for name, store := range map[string]checkpoint.Store{
		"older checkpoints have a key, the newest has not": old,
		"no key":                     sealed.Store(inside, "visits", ring(t, key("c", 3))),
		"another key of the name":    sealed.Store(inside, "visits", ring(t, key("b", 9), key("a", 1))),
		"another pipeline":           sealed.Store(inside, "orders", rotated),
		"a store that is not sealed": inside,
	} {
		got, err := resumed(t, store, stream.Restarts(3, time.Hour)) // which it does not wait for
		require.ErrorIs(t, err, checkpoint.ErrSealed, name)
		require.Empty(t, got, name)
		after, err := inside.List()
		require.NoError(t, err)
		require.Equal(t, before, after, name)
	}
}

// Plain checkpoints are taken with AllowPlain only, and sealed from then on.
func TestAllowPlain(t *testing.T) {
	inside := checkpoint.Memory()
	stopped(t, inside, 30, func() {})
	keys := ring(t, key("a", 1))
	_, err := resumed(t, sealed.Store(inside, "visits", keys))
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	require.ErrorContains(t, err, "it is not sealed")
	got, err := resumed(t, sealed.Store(inside, "visits", keys, sealed.AllowPlain()))
	require.NoError(t, err)
	require.Len(t, got, 3)
	used, err := sealed.InUse(inside)
	require.NoError(t, err)
	require.NotZero(t, used["a"])
	require.NotZero(t, used[""], "of the checkpoints of before")
}

// Keys change while a run goes on, and the old one goes when nothing is sealed with it any more.
func TestRotation(t *testing.T) {
	inside := checkpoint.Memory()
	keys := ring(t, key("a", 1))
	store := sealed.Store(inside, "visits", keys)
	ctx, cancel := context.WithCancel(t.Context())
	numbers := make(chan visit)
	p := visits(source.Chan(numbers), sink.Discard[stream.Pane[string, int64]]())
	ended := make(chan error, 1)
	go func() {
		ended <- p.Run(ctx, stream.Shards(1), stream.Checkpoints(store, time.Hour, checkpoint.Keep(1)))
	}()
	save := func() {
		for i := range int64(30) {
			numbers <- visitOf(i)
		}
		id, err := p.Savepoint(ctx, "s")
		require.NoError(t, err)
		require.NotZero(t, id)
	}
	save()
	used, err := sealed.InUse(inside)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, names(used))
	require.NoError(t, keys.Use(key("b", 2)))
	save()
	used, err = sealed.InUse(inside)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, names(used))
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)

	all, err := checkpoint.Inspect(store)
	require.NoError(t, err)
	for _, m := range all[1:] {
		require.NoError(t, checkpoint.Remove(store, m.ID))
	}
	more, err := resumed(t, store)
	require.NoError(t, err)
	require.Len(t, more, 3)
	all, err = checkpoint.Inspect(store)
	require.NoError(t, err)
	for _, m := range all[1:] {
		require.NoError(t, checkpoint.Remove(store, m.ID))
	}
	used, err = sealed.InUse(inside)
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, names(used))
	require.NoError(t, keys.Forget("a"))
	_, err = resumed(t, store)
	require.NoError(t, err)
}

func names(used map[string]int) (all []string) {
	for _, name := range []string{"", "a", "b"} {
		if used[name] > 0 {
			all = append(all, name)
		}
	}
	return all
}

// away is a key server that is down for some calls.
type away struct {
	sealed.Keys
	fails atomic.Int64
}

func (a *away) Unwrap(name string, wrapped, associated []byte) ([]byte, error) {
	if a.fails.Add(-1) >= 0 {
		return nil, errors.New("connection refused")
	}
	return a.Keys.Unwrap(name, wrapped, associated)
}

// A source of keys that fails ends the run, or has it try again; it is never taken for an empty store.
func TestKeysAway(t *testing.T) {
	inside := checkpoint.Memory()
	keys := &away{Keys: ring(t, key("a", 1))}
	stopped(t, sealed.Store(inside, "visits", keys), 30, func() {})
	keys.fails.Store(1)
	_, err := resumed(t, sealed.Store(inside, "visits", keys))
	require.ErrorIs(t, err, checkpoint.ErrKeysAway)
	require.ErrorContains(t, err, "connection refused")
	keys.fails.Store(2)
	got, err := resumed(t, sealed.Store(inside, "visits", keys), stream.Restarts(3, time.Millisecond))
	require.NoError(t, err)
	require.Len(t, got, 3)
}
