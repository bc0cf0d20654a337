package pattern

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// Within without end is no Within: what is a match is one, however late.
func TestWithinUnbounded(t *testing.T) {
	for name, skip := range map[string]Skip{"never": NoSkip(), "held back": SkipPastLast()} {
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
