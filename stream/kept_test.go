package stream_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// Events that are too late, and that Late has, are counted as kept: they are not lost. Without Late, or where nobody takes what it
// has, they are.
func TestKeptLateEvents(t *testing.T) {
	for name, kept := range map[string]bool{"Late": true, "no Late": false} {
		p := stream.New("kept")
		w := p.From(source.Slice([]int{1, 2, 100, 3, 4, 200, 5})).
			EventTime(func(n int) time.Time { return time.Unix(int64(n), 0) }).
			KeyBy(func(n int) int { return n % 2 }).
			Window(window.Tumbling(10 * time.Second))
		w.Count().To(sink.Discard[stream.Pane[int, int64]]())
		var late []int
		if kept {
			w.Late().To(sink.Func(func(_ context.Context, e stream.Event[int]) error { late = append(late, e.Value); return nil }))
		}
		require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.BatchSize(1)))
		var tooLate, has int64
		for _, o := range p.Stats().Operators {
			x, _ := p.Stats().Operator(o.Name)
			tooLate, has = tooLate+x.TooLate, has+x.Kept
		}
		require.EqualValues(t, 3, tooLate, name)
		require.EqualValues(t, len(late), has, name)
		require.Equal(t, kept, has == 3, name)
	}
}
