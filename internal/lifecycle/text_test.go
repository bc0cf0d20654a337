package lifecycle_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An unwritable reader has an offset that no checkpoint can hold.
type unwritable struct{ *shelf }

func (unwritable) Offset() string { return "\xff" }

// What readers say of their partitions is written into checkpoints, as text. Where that cannot be, a run with
// checkpoints says so, and one without does not mind.
func TestPartitionsAreText(t *testing.T) {
	run := func(r stream.Reader[int64], opts ...stream.RunOption) ([]int64, error) {
		var got taken
		p := stream.New("text")
		p.From(opens(func(*stream.SourceContext) []stream.Reader[int64] { return []stream.Reader[int64]{r} }), stream.Name("shelves")).To(got.sink())
		err := p.Run(t.Context(), opts...)
		return got.sorted(), err
	}
	checkpoints := func() stream.RunOption { return stream.Checkpoints(checkpoint.Memory(), time.Hour) }
	for range 2 {
		got, err := run(fullShelf("\xff", 1, 2))
		require.NoError(t, err)
		require.Equal(t, []int64{1, 2}, got)
		got, err = run(unwritable{fullShelf("a", 1, 2)})
		require.NoError(t, err)
		require.Equal(t, []int64{1, 2}, got)
	}
	got, err := run(fullShelf("\xff", 1, 2), checkpoints())
	require.ErrorContains(t, err, `stream: shelves at `)
	require.ErrorContains(t, err, `the name of the partition, "\xff", is not UTF-8, and no checkpoint can hold it`)
	require.Empty(t, got, "nothing is read")
	_, err = run(unwritable{fullShelf("a", 1, 2)}, checkpoints())
	require.EqualError(t, err, `stream: shelves at a: the offset of the partition, "\xff", is not UTF-8, and no checkpoint can hold it`)
	got, err = run(fullShelf("\x00\u202e\n\"</script>", 1, 2), checkpoints())
	require.NoError(t, err, "any text will do")
	require.Equal(t, []int64{1, 2}, got)

	synctest.Test(t, func(t *testing.T) {
		var got taken
		p := stream.New("added")
		p.From(shelves{watch: func(ctx context.Context, parts *parts) error {
			assert.ErrorContains(t, parts.Add(ctx, fullShelf("\xfe", 1)), `the name of the partition, "\xfe", is not UTF-8`)
			assert.NoError(t, parts.Add(ctx, fullShelf("b", 3)))
			return nil
		}}).To(got.sink())
		require.NoError(t, p.Run(t.Context(), checkpoints()))
		require.Equal(t, []int64{3}, got.sorted())
	})
}
