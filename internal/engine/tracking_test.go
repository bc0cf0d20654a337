package engine

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type mainOutlet struct{ side bool }

func (o mainOutlet) ConsumerCount() int               { return 1 }
func (o mainOutlet) Optional() bool                   { return o.side }
func (o mainOutlet) Label() string                    { return "" }
func (o mainOutlet) Types() (value, key reflect.Type) { return nil, nil }

// EventTime is told of partitions where streams of sources meet before it, and nothing
// on the way mixes partitions.
func TestTracking(t *testing.T) {
	var nodes []*Node
	add := func(kind string, inputs ...*Node) *Node {
		n := &Node{ID: len(nodes), Kind: kind, Inputs: inputs, Through: kind != "apply" && kind != "source"}
		for range inputs {
			n.Inlets = append(n.Inlets, mainOutlet{})
		}
		if kind == "source" {
			n.Source = noSource
		}
		nodes = append(nodes, n)
		return n
	}
	a, b, c := add("source"), add("source"), add("source")
	mapped := add("map", a)
	own := add("apply", c)
	two := add("merge", mapped, b)
	nested := add("merge", add("filter", two), a)
	behind := add("eventtime", nested)
	later := add("eventtime", add("map", behind))
	mixed := add("eventtime", add("merge", own, b))
	failures := add("merge", a, b)
	failures.Inlets[1] = mainOutlet{side: true}
	aside := add("eventtime", failures)
	near := add("eventtime", b)
	alone := add("eventtime", add("rebalance", c))

	r := testRun(t)
	r.Plan.Nodes, r.homes = nodes, map[*Node]*Node{}
	for _, n := range nodes {
		r.homes[n] = n
	}
	r.homes[near] = b
	r.track()
	for _, n := range []*Node{a, b, mapped, two, nested, behind, later} {
		require.True(t, r.Tracks(n), "%d: %s", n.ID, n.Kind)
	}
	for _, n := range []*Node{c, own, mixed, failures, aside, near, alone} {
		require.False(t, r.Tracks(n), "%d: %s", n.ID, n.Kind)
	}
	require.Equal(t, []*Node{behind, later}, r.tracking.times[a], "each once, though there are two ways")
	require.Equal(t, []*Node{behind, later}, r.tracking.times[b])
	require.Empty(t, r.tracking.times[c])
}

// A plan that branches and meets again and again is looked at once.
func TestTrackingOfManyWays(t *testing.T) {
	a := &Node{Kind: "source", Source: noSource}
	nodes, last := []*Node{a}, a
	for range 64 {
		last = &Node{Kind: "merge", Inputs: []*Node{last, last}, Through: true}
		nodes = append(nodes, last)
	}
	last = &Node{Kind: "eventtime", Inputs: []*Node{last}, Through: true}
	r := testRun(t)
	r.Plan.Nodes, r.homes = append(nodes, last), map[*Node]*Node{last: last}
	r.track()
	require.True(t, r.Tracks(a))
}

func TestSilenceOf(t *testing.T) {
	next := func(s SilenceOf, d time.Duration) time.Duration {
		at, ok := s.next(d)
		if !ok {
			return -1
		}
		return at
	}
	idle := SilenceOf{Idle: 10}
	require.EqualValues(t, 10, next(idle, 0))
	require.EqualValues(t, 10, next(idle, 9))
	require.EqualValues(t, -1, next(idle, 10))
	clock := SilenceOf{Clock: 8, Step: 2}
	require.EqualValues(t, 8, next(clock, 0))
	require.EqualValues(t, 8, next(clock, 7))
	require.EqualValues(t, 10, next(clock, 8))
	require.EqualValues(t, 15, next(clock, 13))
	both := SilenceOf{Idle: 10, Clock: 8, Step: 3}
	require.EqualValues(t, 8, next(both, 0))
	require.EqualValues(t, 10, next(both, 8))
	require.EqualValues(t, 13, next(both, 10))
	require.EqualValues(t, -1, next(SilenceOf{}, 0))
}

// How much asking an EventTime may not know of is less than each of its periods.
func TestSilenceListens(t *testing.T) {
	require.Equal(t, time.Second, (&SilenceOf{Idle: 8 * time.Second}).listens())
	require.Equal(t, 3*time.Second, (&SilenceOf{Clock: time.Minute, Step: 3 * time.Second}).listens())
	require.Equal(t, time.Second, (&SilenceOf{Idle: 8 * time.Second, Clock: time.Minute, Step: 3 * time.Second}).listens())
	require.Equal(t, 3*time.Second, (&SilenceOf{Idle: 80 * time.Second, Clock: time.Minute, Step: 3 * time.Second}).listens())
	require.Equal(t, time.Millisecond, (&SilenceOf{Idle: 3}).listens())
	require.Equal(t, 11*time.Second, (&SilenceOf{Idle: 8 * time.Second}).Since(10*time.Second))
}

// AllTold comes when it has come by every input that has not ended, and what is told of a
// partition says nothing of the whole.
func TestFrontierTold(t *testing.T) {
	f := NewFrontier(3)
	take := func(input int, c Control) bool { return len(taken(t, f, input, c)) > 0 }
	require.False(t, take(0, Control{Kind: Told, News: &News{}}))
	require.False(t, take(0, Control{Kind: AllTold}))
	require.False(t, take(2, Control{Kind: End}))
	require.False(t, take(0, Control{Kind: AllTold}))
	require.Equal(t, []Control{{Kind: AllTold}}, taken(t, f, 1, Control{Kind: AllTold}))

	f = NewFrontier(2) // the one that is missing may end instead
	require.False(t, take(0, Control{Kind: AllTold}))
	require.Equal(t, []Control{{Kind: AllTold}}, taken(t, f, 1, Control{Kind: End}))
	require.Empty(t, taken(t, f, 0, Control{Kind: AllTold}), "once is enough")

	f = NewFrontier(3) // where nobody tells, nothing is told
	require.Empty(t, taken(t, f, 1, Control{Kind: End}))
}
