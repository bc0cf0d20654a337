package stream

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/window"
)

// What operators, readers and aggregators of the library have besides what they have to have. It is asked for by type
// assertions, which are false without a word where a method is called otherwise, or has got a type parameter
// of its own: see TestAbilitiesAreNotLost of internal/edges, which knows all that is asked for.
var (
	_ Advancer[int] = (*asOfJoin[int, int, int, int])(nil)
	_ Advancer[int] = (*groupProcessor[int, int, int, int])(nil)
	_ Advancer[int] = (*intervalJoin[int, int, int, int])(nil)
	_ Advancer[int] = (*tableJoin[int, int, int, int])(nil)
	_ Delayer       = (*intervalJoin[int, int, int, int])(nil)
	_ reacher       = (*asOfJoin[int, int, int, int])(nil)
	_ reacher       = (*groupProcessor[int, int, int, int])(nil)
	_ reacher       = (*intervalJoin[int, int, int, int])(nil)

	_ Stateful  = Stateless{}
	_ inheritor = (*Emitter[int])(nil)

	_ Reader[int] = rested[int]{}
	_ interface {
		Marker() string
		Skip(context.Context, int64, [][]byte) ([]engine.Refusal, error)
	} = skippingCommitter{}

	_ paneWindows[Pane[int, int]]        = lastPanes[int, int, int, int]{}
	_ window.Stamped[int, []placed[int]] = gathering[int]{}
)

// Aggregators that add up integers are found, so that loops without types add them up.
func TestAdditive(t *testing.T) {
	require.True(t, sums[int, int64](window.Count[int]()))
	require.True(t, sums[int, int](window.Sum(func(n int) int { return n })))
	require.False(t, sums[int, int8](window.Sum(func(n int) int8 { return int8(n) })), "sums of 64 bits alone")
	_, ok := any(window.Max(func(n int) int { return n })).(additive[int, window.Optional[int]])
	require.False(t, ok)
}

// An operator that is said to keep partitions, and loses them, is found out where they are needed.
func TestToldOfNoPartition(t *testing.T) {
	e := &watermarks{told: true, at: map[*engine.Partition]int{}}
	require.PanicsWithValue(t, "stream: EventTime is handed events of no partition by an operator that is said to keep it: this is a mistake of the library, please report it",
		func() { e.of(&header{}) })
}
