package checkpoint_test

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// counting is a pipeline that has state.
func counting(numbers stream.Source[int]) *stream.Pipeline {
	p := stream.New("counting")
	p.From(numbers, stream.Name("numbers")).
		EventTime(func(n int) time.Time { return time.Unix(int64(n), 0) }).
		KeyBy(func(n int) int { return n % 2 }).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Count[int](), stream.Name("counts")).
		To(sink.Discard[stream.Pane[int, int64]]())
	return p
}

func ExampleInspect() {
	store := checkpoint.Memory()
	if err := counting(source.Slice([]int{1, 2, 3, 4})).Run(context.Background(), stream.Shards(1), stream.Checkpoints(store, time.Hour)); err != nil {
		fmt.Println(err)
	}
	all, err := checkpoint.Inspect(store)
	if err != nil {
		fmt.Println(err)
	}
	for _, m := range all {
		fmt.Println(m.Pipeline, m.ID, m.Final)
		for _, s := range m.Sources {
			fmt.Println(s.Operator, s.Count)
		}
	}
	// Output:
	// counting 1 true
	// numbers 4
}

// A savepoint is there until it is removed, and nobody removes what a run may need.
func TestRemove(t *testing.T) {
	store := checkpoint.Dir(t.TempDir())
	numbers := make(chan int)
	p := stream.New("saved")
	p.From(source.Chan(numbers)).To(sink.Discard[int]())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Checkpoints(store, time.Hour)) }()
	numbers <- 1
	id, err := p.Savepoint(ctx, "before the sale")
	require.NoError(t, err)
	require.ErrorIs(t, checkpoint.Remove(store, id), checkpoint.ErrNeeded)
	_, err = p.Savepoint(ctx, "later")
	require.NoError(t, err)
	require.ErrorIs(t, checkpoint.Remove(store, id), checkpoint.ErrLocked)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)

	all, err := checkpoint.Inspect(store)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, "before the sale", all[2].Savepoint)
	require.ErrorIs(t, checkpoint.Remove(store, all[0].ID), checkpoint.ErrNeeded)
	require.NoError(t, checkpoint.Remove(store, id))
	require.ErrorIs(t, checkpoint.Remove(store, id), fs.ErrNotExist)
	require.NoError(t, store.Write("manifest-000000000007", []byte("no manifest")))
	err = checkpoint.Remove(store, 7)
	require.ErrorIs(t, err, checkpoint.ErrDamaged)
	require.NotErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, store.Remove("manifest-000000000007"))
	all, err = checkpoint.Inspect(store)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "later", all[1].Savepoint)
}

// What users see of a checkpoint is what is in it.
func TestInspect(t *testing.T) {
	store, numbers := checkpoint.Memory(), make(chan int)
	p := counting(source.Chan(numbers))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Shards(1), stream.Checkpoints(store, time.Hour)) }()
	for n := range 4 {
		numbers <- n
	}
	_, err := p.Savepoint(ctx, "now")
	require.NoError(t, err)
	all, err := checkpoint.Inspect(store)
	require.NoError(t, err)
	require.Len(t, all, 1)
	m := all[0]
	require.Equal(t, "now", m.Savepoint)
	require.Equal(t, 1, m.Shards)
	require.WithinDuration(t, time.Now(), m.Taken, time.Minute)
	require.NotEmpty(t, m.Run)
	require.False(t, m.Final)
	require.Len(t, m.Sources, 1)
	require.EqualValues(t, 4, m.Sources[0].Count)
	i := slices.IndexFunc(m.Operators, func(o checkpoint.Operator) bool { return o.Name == "counts" })
	require.GreaterOrEqual(t, i, 0)
	require.EqualValues(t, 2, m.Operators[i].Keys)
	require.NotZero(t, m.Operators[i].Bytes)
	require.NotEmpty(t, m.Operators[i].Settings)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)

	require.NoError(t, store.Write("manifest-000000000007", []byte("no manifest")))
	all, err = checkpoint.Inspect(store)
	require.ErrorIs(t, err, checkpoint.ErrDamaged)
	require.ErrorContains(t, err, "checkpoint 7")
	require.Len(t, all, 2)
}

// watched is a store of the user's own, whose lock goes away.
type watched struct {
	checkpoint.Store
	lost bool
}

func (w *watched) Held() error {
	if w.lost {
		return fmt.Errorf("%w: the lease has ended", checkpoint.ErrLockLost)
	}
	return nil
}

// The lock of a store of the user's own is asked for before results are shown.
func TestHolder(t *testing.T) {
	store, dir := &watched{Store: checkpoint.Memory()}, t.TempDir()
	var _ checkpoint.Holder = store
	files := func() ([]string, error) { return filepath.Glob(filepath.Join(dir, "*.jsonl")) }
	run := func() error {
		p := stream.New("shown")
		p.From(source.Slice([]int{1, 2, 3})).To(sink.Files(dir, "n-*.jsonl", codec.JSON[int]()))
		return p.Run(t.Context(), stream.Checkpoints(store, time.Hour))
	}
	store.lost = true
	require.ErrorIs(t, run(), checkpoint.ErrLockLost)
	shown, err := files()
	require.NoError(t, err)
	require.Empty(t, shown)
	store.lost = false
	require.NoError(t, run())
	shown, err = files()
	require.NoError(t, err)
	require.NotEmpty(t, shown)
}

// going is a store whose files go between List and Read.
type going struct{ checkpoint.Store }

func (g going) Read(name string) ([]byte, error) {
	return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
}

// What a run prunes while it is inspected is no error.
func TestInspectWhilePruned(t *testing.T) {
	store := checkpoint.Memory()
	require.NoError(t, counting(source.Slice([]int{1})).Run(t.Context(), stream.Checkpoints(store, time.Hour)))
	all, err := checkpoint.Inspect(going{store})
	require.NoError(t, err)
	require.Empty(t, all)
}
