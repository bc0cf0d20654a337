package engine

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

func noSource(*Run) (Opened, error) { return Opened{}, nil }

// Operators stay in the task of their input unless their events have to move.
func TestPlacement(t *testing.T) {
	source := &Node{Name: "source", Source: noSource}
	filter := &Node{Name: "filter", Inputs: []*Node{source}}
	window := &Node{Name: "window", Inputs: []*Node{filter}}
	sum := &Node{Name: "sum", Inputs: []*Node{window}, Keyed: true}
	sink := &Node{Name: "sink", Inputs: []*Node{sum}}
	balance := &Node{Name: "balance", Inputs: []*Node{source}, Spread: true}
	both := &Node{Name: "both", Inputs: []*Node{sum, balance}}
	same := &Node{Name: "same", Inputs: []*Node{filter, window}}
	nodes := []*Node{source, filter, window, sum, sink, balance, both, same}

	type at map[*Node]*Node
	homes := func(shards, readers int) at {
		return place(nodes, shards, func(*Node) int { return readers }).home
	}
	one := at{source: source, filter: source, window: source, sum: source, sink: source, balance: balance, both: both, same: source}
	require.EqualValues(t, one, homes(1, 1), "one shard and one reader: no queue but where one was asked for")
	moved := at{source: source, filter: source, window: source, sum: sum, sink: sum, balance: balance, both: both, same: source}
	require.EqualValues(t, moved, homes(1, 2), "two readers meet in the shard of the key")
	require.EqualValues(t, moved, homes(2, 1), "keys are of two shards")

	window.Keyed, window.Parts = true, true // events move into the windows, and stay
	parted := at{source: source, filter: source, window: window, sum: window, sink: window, balance: balance, both: both, same: same}
	require.EqualValues(t, parted, homes(2, 1))

	counts := place(nodes, 3, func(*Node) int { return 2 }).count
	require.Equal(t, map[*Node]int{source: 2, window: 3, balance: 3, both: 3, same: 3}, counts)
}

// What holds of every placement.
func TestPlacementLaws(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 2))
		var nodes []*Node
		for range 2 + r.IntN(10) {
			n := &Node{}
			if len(nodes) == 0 || r.IntN(6) == 0 {
				n.Source = noSource
			} else {
				for range 1 + r.IntN(2) {
					n.Inputs = append(n.Inputs, nodes[r.IntN(len(nodes))])
				}
				n.Keyed, n.Spread = r.IntN(3) == 0, r.IntN(5) == 0
				n.Parts = n.Keyed && r.IntN(2) == 0
			}
			nodes = append(nodes, n)
		}
		shards := 1 + r.IntN(3)
		p := place(nodes, shards, func(n *Node) int { return 1 + n.ID%2 })
		for _, n := range nodes {
			home := p.home[n]
			require.Equal(t, home, p.home[home], "a stage begins with a node that begins one")
			require.Positive(t, p.count[home])
			if n.Source == nil {
				require.Contains(t, []int{shards, 1, 2}, p.count[home])
			}
			if home == n {
				continue
			}
			require.False(t, n.Spread)
			for _, in := range n.Inputs {
				require.Equal(t, home, p.home[in], "nothing comes from another stage")
			}
			if n.Keyed && shards > 1 {
				require.True(t, n.Inputs[0].Parts, "a keyed operator is in its shard")
			}
		}
	}
}

// Partitions that wait are read by themselves, the others are shared by the shards.
func TestReaders(t *testing.T) {
	of, count := readers(nil, 4)
	require.Empty(t, of)
	require.Equal(t, 1, count, "a task that ends at once")

	of, count = readers([]bool{false, false, false, false, false}, 2)
	require.Equal(t, []int{0, 1, 0, 1, 0}, of)
	require.Equal(t, 2, count)

	of, count = readers([]bool{true, false, true, false, false}, 1)
	require.Equal(t, []int{0, 1, 2, 1, 1}, of)
	require.Equal(t, 3, count)

	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		waits := make([]bool, r.IntN(20))
		for i := range waits {
			waits[i] = r.IntN(2) == 0
		}
		shards := 1 + r.IntN(4)
		of, count := readers(waits, shards)
		partitions := make([][]int, count)
		for i, task := range of {
			partitions[task] = append(partitions[task], i)
		}
		sharing := 0
		for _, all := range partitions {
			switch {
			case len(waits) == 0:
			case waits[all[0]]:
				require.Len(t, all, 1)
			default:
				sharing++
				for _, i := range all {
					require.False(t, waits[i])
				}
			}
		}
		require.LessOrEqual(t, sharing, shards)
	}
}

// What an operator puts out in front of its exchange is in the stage of its input.
func TestPlacementOfWhatComesEarly(t *testing.T) {
	early, late := label("early"), label("late")
	source := &Node{Source: noSource}
	sum := &Node{Inputs: []*Node{source}, Inlets: []outlet{label("source")}, Keyed: true, Early: early}
	letters := &Node{Inputs: []*Node{sum}, Inlets: []outlet{early}}
	panes := &Node{Inputs: []*Node{sum}, Inlets: []outlet{late}}
	both := &Node{Inputs: []*Node{panes, letters}, Inlets: []outlet{label("panes"), label("letters")}}
	counts := &Node{Inputs: []*Node{letters}, Inlets: []outlet{label("letters")}, Keyed: true}
	bare := &Node{Inputs: []*Node{sum}} // nobody has said which output it consumes
	nodes := []*Node{source, sum, letters, panes, both, counts, bare}

	p := place(nodes, 1, func(*Node) int { return 3 })
	require.Equal(t, sum, p.home[sum])
	require.Equal(t, source, p.home[letters])
	require.Equal(t, sum, p.home[panes])
	require.Equal(t, sum, p.home[bare])
	require.Equal(t, both, p.home[both], "its inputs are of two stages")
	require.Equal(t, counts, p.home[counts], "three tasks have events of one key")

	p = place(nodes, 1, func(*Node) int { return 1 })
	for _, n := range nodes {
		require.Equal(t, source, p.home[n], "without an exchange all is one stage")
	}
}

type label string

func (label) ConsumerCount() int               { return 1 }
func (label) Optional() bool                   { return false }
func (l label) Label() string                  { return string(l) }
func (label) Types() (value, key reflect.Type) { return nil, nil }

// An input that is connected to nothing is an error before the first event.
func TestFrontierConnected(t *testing.T) {
	f := NewFrontier(2)
	f.Connect(1)
	require.ErrorContains(t, f.Connected(), "input 1 of 2 is connected to nothing")
	f.Connect(0)
	require.NoError(t, f.Connected())
}

// In one shard what is parted by key has a task of its own in other engines only: there it may have to be parted when the job is restored.
func TestPlacementInOneShard(t *testing.T) {
	source := &Node{Name: "source", Source: noSource}
	sum := &Node{Name: "sum", Inputs: []*Node{source}, Keyed: true}
	r := testRun(t)
	r.Plan.Nodes, r.Shards, r.stages = []*Node{source, sum}, 1, map[*Node][]*Place{source: {{}}}
	require.Equal(t, map[*Node]*Node{source: source, sum: source}, r.placed().home)
	r.foreign = &foreign{}
	require.Equal(t, map[*Node]*Node{source: source, sum: sum}, r.placed().home)
	require.Equal(t, map[*Node]int{source: 1, sum: 1}, r.placed().count)
	r.Shards = 3
	require.Equal(t, 3, r.placed().count[sum])
}
