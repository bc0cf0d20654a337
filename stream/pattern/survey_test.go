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

// A match that is held back behind a partial one is given when that times out, also where all of them are of one time and only events
// that meet no condition follow.
func TestHeldBackOutlivesIdleEvents(t *testing.T) {
	pl := stream.New("held back")
	in := streamtest.NewInput[ev]()
	second := func(m *SoFar[ev], _ ev) bool { a, _ := m.First("a"); return a.ID == 2 }
	p := Begin("a", kindOf("a")).FollowedBy("c", kindOf("c")).Where(second).Within(time.Second).Skip(SkipPastLast())
	out := streamtest.Collect(Match(pl.From(in).EventTime(ev.time).KeyBy(ev.key), p))
	d := streamtest.Start(t, pl)
	in.Push(ev{1, 0, "a", 0, 0}, ev{2, 0, "a", 0, 0}, ev{3, 0, "c", 0, 0})
	for i := range int64(8) {
		in.Push(ev{4 + int(i), 0, "x", 0, 300 * (i + 1)})
		d.Settle()
	}
	in.End()
	d.Settle()
	require.Equal(t, []string{"a: 2; c: 3"}, texts(out))
}
