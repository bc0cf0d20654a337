package pattern_test

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/pattern"
)

// Of a key that had many events once, and has few at a time since, no more stay alive than of one that never had.
func TestBurst(t *testing.T) {
	const burst, after = 1000, 2500
	type event struct {
		at   int64
		load *[64]byte
	}
	var loads []weak.Pointer[[64]byte]
	p := stream.New("burst")
	all := p.From(source.Generate(burst+after, func(i int64) event {
		at := i // a second each, and a quarter of an hour each afterwards
		if i > burst {
			at += (i - burst) * 900
		}
		e := event{at, new([64]byte)}
		loads = append(loads, weak.Make(e.load))
		return e
	}))
	most := 0
	looked := all.EventTime(func(e event) time.Time { return time.Unix(e.at, 0) }).Tap(func(e event) {
		if n := len(loads); n > 2*burst && n%250 == 0 {
			runtime.GC()
			alive := 0
			for _, l := range loads {
				if l.Value() != nil {
					alive++
				}
			}
			most = max(most, alive)
		}
	})
	never := func(event) bool { return false }
	pattern.Match(looked.KeyBy(func(event) int { return 1 }), pattern.Begin("a", func(event) bool { return true }).FollowedBy("b", never).Within(time.Hour)).
		To(sink.Discard[pattern.Matched[int, event]]())
	require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.BatchSize(1)))
	require.Positive(t, most)
	require.Less(t, most, 200)
}
