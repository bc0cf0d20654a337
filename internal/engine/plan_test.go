package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A name that somebody has given is kept: one that was derived gives way to it,
// and two that were given may not be the same.
func TestNames(t *testing.T) {
	p := &Plan{}
	add := func(name, kind string, named bool) (*Node, bool) {
		n := &Node{Name: name, Kind: kind, Named: named}
		if name == "" {
			n.Name = p.FreeName(kind)
		}
		return n, p.Add(n)
	}
	first, ok := add("", "filter", false)
	require.True(t, ok)
	second, _ := add("", "filter", false)
	require.Equal(t, "filter", first.Name)
	require.Equal(t, "filter-2", second.Name)
	other, _ := add("", "map", false)
	require.Equal(t, "map", other.Name)

	given, ok := add("filter-2", "map", true)
	require.True(t, ok)
	require.Equal(t, "filter-2", given.Name)
	require.Equal(t, "filter-3", second.Name, "as it is still the last of its kind")
	_, ok = add("filter-2", "map", true)
	require.False(t, ok)
	require.Len(t, p.Nodes, 4)
	for i, n := range p.Nodes {
		require.Equal(t, i, n.ID)
		require.Equal(t, n, p.find(n.Name))
	}
	require.Nil(t, p.find("nothing"))
}

// A derived name says which of its kind an operator is, and passes over names that
// are taken.
func TestFreeName(t *testing.T) {
	p := &Plan{}
	p.Add(&Node{Name: "mine", Kind: "filter", Named: true})
	require.Equal(t, "filter-2", p.FreeName("filter"), "the second one, though the first has another name")
	p.Add(&Node{Name: "filter-2", Kind: "map", Named: true})
	p.Add(&Node{Name: "filter-3", Kind: "map", Named: true})
	require.Equal(t, "filter-4", p.FreeName("filter"))
	require.Equal(t, "map-3", p.FreeName("map"))
	require.Equal(t, "sink", p.FreeName("sink"))
}

func TestBehind(t *testing.T) {
	source := &Node{Kind: "source"}
	window := &Node{Kind: "window", Inputs: []*Node{source}}
	join := &Node{Kind: "join", Inputs: []*Node{source, window}}
	require.True(t, join.Behind("window"))
	require.True(t, join.Behind("source"))
	require.False(t, join.Behind("join"), "it does not stand before itself")
	require.False(t, source.Behind("source"))
}

// Events move to the shard of their key unless they have been parted before.
func TestMoves(t *testing.T) {
	parted, plain := &Node{Parts: true}, &Node{}
	for _, test := range []struct {
		node  Node
		moves bool
	}{
		{Node{Inputs: []*Node{plain}}, false},
		{Node{Inputs: []*Node{plain}, Keyed: true}, true},
		{Node{Inputs: []*Node{parted}, Keyed: true}, false},
		{Node{Inputs: []*Node{parted, parted}, Keyed: true}, true},
		{Node{Inputs: []*Node{parted}, Spread: true}, true},
	} {
		require.Equal(t, test.moves, test.node.Moves())
	}
}
