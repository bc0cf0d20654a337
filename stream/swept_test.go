package stream

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/window/over"
)

// What is set and cancelled, or held and deleted, again and again is not remembered
// until its time has come.
func TestQueuesAreSwept(t *testing.T) {
	set := newTimers[int]()
	for i := range Time(100_000) {
		set.cancel(i-1+1e12, 1)
		set.add(i+1e12, 1, 1)
	}
	set.add(5, 3, 3)
	require.Less(t, set.heap.Len(), 1100)
	ref, at, ok := set.pop(5)
	require.True(t, ok)
	require.Equal(t, hashedKey[int]{3, 3}, ref)
	require.Equal(t, Time(5), at)

	states := keyStates[int, int]{ttl: time.Hour}
	for i := range 100_000 {
		states.at(uint64(i%5), i%5, Time(i)+1)
		states.states.Delete(uint64(i%5), i%5)
	}
	states.at(9, 9, 100_000)
	require.Less(t, states.due.Len(), 1100)
	states.expire(Time(100_000).Add(time.Hour) - 1)
	require.Equal(t, 1, states.states.Len())
	states.expire(Time(100_000).Add(time.Hour))
	require.Zero(t, states.states.Len())
}

// Timers of Over that were set earlier again and again are not remembered until their time has come. Here each event has its
// result a second after it, and its key lives for a year from then on.
func TestTimersOfOverAreSwept(t *testing.T) {
	x := framing[int, int, int]{needs: over.Needs{After: time.Second, Times: true}, ttl: 365 * 24 * time.Hour}
	busy, calm := new(partition[int, int, int]), new(partition[int, int, int])
	for k, p := range []*partition[int, int, int]{busy, calm} {
		*p = partition[int, int, int]{hashedKey: hashedKey[int]{uint64(k), k}, alarm: engine.MaxTime}
		s, _ := x.keys.At(uint64(k), k)
		*s = p
	}
	second := Time(time.Second)
	event := func(p *partition[int, int, int], at Time, seq uint64) {
		p.add(0, at, seq)
		x.arm(p, at)
		require.Equal(t, at+second, p.alarm)
		p.next, p.alarm = len(p.held()), engine.MaxTime // as fire does at that time
		x.forget(p)
		x.arm(p, at+second)
	}
	event(calm, 0, 0)
	for i := range Time(20_000) {
		event(busy, (2*i+1)*second, uint64(i))
		require.LessOrEqual(t, x.due.Len(), 2*x.keys.Len()+1026)
	}
	left := map[int]Time{} // when each key is woken up
	for x.due.Len() > 0 {
		at, _ := x.due.Next()
		if k := x.due.Pop().Val.key; Time(at) == map[int]*partition[int, int, int]{0: busy, 1: calm}[k].alarm {
			left[k] = Time(at)
		}
	}
	require.Equal(t, map[int]Time{0: Time(19_999*2+1)*second + Time(x.ttl), 1: Time(x.ttl)}, left, "no timer that counts is lost")
}
