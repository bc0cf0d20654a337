package pattern

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// Within without end is no Within: what is a match is one, however late.
func TestWithinUnbounded(t *testing.T) {
	for name, skip := range map[string]Skip{"never": NoSkip(), "alone": SkipPastLast()} {
		p, in := stream.New("unbounded"), streamtest.NewInput[ev]()
		out := streamtest.Collect(Match(p.From(in).EventTime(ev.time).KeyBy(ev.key),
			Begin("a", kindOf("a")).FollowedBy("b", kindOf("b")).Within(stream.Unbounded).Skip(skip)))
		d := streamtest.Start(t, p)
		in.Push(ev{1, 0, "a", 0, 1}, ev{2, 0, "b", 0, 1 << 31})
		in.End()
		d.Settle()
		require.Len(t, out.Take(), 1, name)
	}
}

// A match that waits for a partial one is given at the end of the stream, as without Within.
func TestWithinUnboundedHeldBack(t *testing.T) {
	const today = 1 << 31
	same := func(m *SoFar[ev], e ev) bool {
		a, _ := m.First("a")
		return a.N == e.N
	}
	var all []int
	for _, p := range []Pattern[ev]{
		Begin("a", kindOf("a")).FollowedBy("b", kindOf("b")).Where(same).Skip(SkipPastLast()),
		Begin("a", kindOf("a")).FollowedBy("b", kindOf("b")).Where(same).Skip(SkipPastLast()).Within(stream.Unbounded),
	} {
		pipeline, in := stream.New("unbounded"), streamtest.NewInput[ev]()
		out := streamtest.Collect(Match(pipeline.From(in).EventTime(ev.time).KeyBy(ev.key), p))
		d := streamtest.Start(t, pipeline)
		in.Push(ev{1, 0, "a", 1, today}, ev{2, 0, "a", 2, today + 1}, ev{3, 0, "b", 2, today + 2})
		in.End()
		d.Settle()
		all = append(all, len(out.Take()))
	}
	require.Equal(t, []int{1, 1}, all)
}
