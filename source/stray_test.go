package source_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// A source that is set otherwise than when the checkpoint was made reads nothing twice: it is refused, or goes on.
func TestSettingsThatChange(t *testing.T) {
	files := fstest.MapFS{"a.txt": {Data: []byte("1\n2\n3\n4\n")}, "b.txt": {Data: []byte("5\n6\n7\n8\n")}}
	lines := func(glob string, opts ...source.FilesOption) stream.Source[string] {
		return source.Files(files, glob, codec.Lines(), opts...)
	}
	numbers := func(partitions int) stream.Source[string] {
		return source.Generate(8, func(i int64) string { return string(rune('1' + i)) }, source.Partitions(partitions))
	}
	slices := func(parts ...[]string) stream.Source[string] { return source.Slice(parts...) }
	for name, x := range map[string]struct {
		before, after stream.Source[string]
		refused       string // "" where it goes on
	}{
		"in order, now":             {lines("*.txt"), lines("*.txt", source.InOrder()), `the checkpoint has a partition "a.txt"`},
		"in order, then":            {lines("*.txt", source.InOrder()), lines("*.txt"), "the checkpoint was made InOrder, as *.txt"},
		"in order, by another name": {lines("*.txt", source.InOrder()), lines("[ab].txt", source.InOrder()), `the checkpoint has a partition "*.txt"`},
		"not in order, by another":  {lines("*.txt", source.InOrder()), lines("[ab].txt"), "the checkpoint was made InOrder, as *.txt"},
		"by another name":           {lines("*.txt"), lines("[ab].txt"), ""},
		"one, in order":             {lines("a.txt"), lines("a.txt", source.InOrder()), ""},
		"one, not in order":         {lines("a.txt", source.InOrder()), lines("a.txt"), ""},
		"more partitions":           {numbers(2), numbers(3), "the checkpoint has a partition"},
		"fewer partitions":          {numbers(4), numbers(1), "the checkpoint has a partition"},
		"fewer slices":              {slices([]string{"1", "2"}, []string{"3", "4"}), slices([]string{"1", "2", "3", "4"}), `the checkpoint has a partition "slice 1"`},
		"more slices":               {slices([]string{"1", "2"}), slices([]string{"1", "2"}, []string{"3", "4"}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			store := checkpoint.Memory()
			given := map[string]int{}
			run := func(s stream.Source[string], stop int) error {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				p := stream.New("settings")
				p.From(s).To(sink.Func(func(_ context.Context, e stream.Event[string]) error {
					given[e.Value]++
					if stop--; stop == 0 {
						cancel()
					}
					return nil
				}))
				return p.Run(ctx, stream.Shards(1), stream.BatchSize(1), stream.Checkpoints(store, time.Hour))
			}
			require.ErrorIs(t, run(x.before, 2), context.Canceled)
			err := run(x.after, -1)
			for v, n := range given {
				require.Equal(t, 1, n, v)
			}
			if x.refused == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, x.refused)
			require.ErrorContains(t, err, "stream.DropState")
		})
	}
}
