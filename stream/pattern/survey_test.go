package pattern

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A time to live of the caller's is prolonged by every event of the key, also by one that meets no condition.
func TestIdleEventsProlongLives(t *testing.T) {
	for _, p := range []Pattern[ev]{abc(), abc().Within(time.Hour)} {
		pl := stream.New("lives")
		in := streamtest.NewInput[ev]()
		out := streamtest.Collect(Match(pl.From(in).EventTime(ev.time).KeyBy(ev.key), p, stream.TimeToLive(time.Second)))
		d := streamtest.Start(t, pl)
		in.Push(ev{1, 0, "a", 0, 0}, ev{2, 0, "x", 0, 900}, ev{3, 0, "x", 0, 1800}, ev{4, 0, "b", 0, 2500}, ev{5, 0, "c", 0, 3000})
		in.Push(ev{6, 1, "a", 0, 3000}, ev{7, 1, "b", 0, 3100}, ev{8, 1, "c", 0, 4100})
		in.End()
		d.Settle()
		require.Equal(t, []string{"a: 1; b: 4; c: 5"}, texts(out))
	}
}

// A condition on an event alone is called once for each event, however many partial matches ask.
func TestConditionsAreAskedOnce(t *testing.T) {
	calls := map[string]map[int]int{}
	counted := func(kinds string) func(ev) bool {
		calls[kinds] = map[int]int{}
		return func(v ev) bool {
			calls[kinds][v.ID]++
			return kindOf(kinds)(v)
		}
	}
	pl := stream.New("once")
	in := streamtest.NewInput[ev]()
	p := Begin("a", counted("a")).FollowedByAny("b", counted("b")).NotFollowedBy(counted("d")).FollowedByAny("c", counted("c")).Within(time.Minute)
	out := streamtest.Collect(Match(pl.From(in).EventTime(ev.time).KeyBy(ev.key), p))
	d := streamtest.Start(t, pl)
	n := 0
	for _, kind := range "xaabbxcdabc" {
		n++
		in.Push(ev{ID: n, Kind: string(kind), At: int64(n)})
	}
	in.End()
	d.Settle()
	// Four of the first two and the next two, before d; three of each a and the last b.
	require.Len(t, out.Take(), 7)
	for kinds, each := range calls {
		for id := 1; id <= n; id++ {
			require.Equal(t, 1, each[id], "%s of event %d", kinds, id)
		}
	}
}
