package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who takes times behind what no partition can be told apart of is warned where there may be several: of shards, of partitions, or of the
// sources of a Merge.
func TestWarnMixed(t *testing.T) {
	for _, test := range []struct {
		kind             string
		sources          int
		count, parts     int
		behind           bool
		shards, ofMerged bool
	}{
		{"window", 1, 1, 0, false, false, false}, {"window", 1, 1, 1, false, false, false}, {"window", 1, 1, 2, false, true, false},
		{"window", 1, 2, 0, false, true, false}, {"window", 2, 1, 0, false, false, false}, {"window", 2, 2, 0, false, true, false},
		{"merge", 1, 1, 0, false, false, false}, {"merge", 1, 2, 0, false, true, false}, {"merge", 2, 1, 0, false, false, true},
		{"merge", 3, 2, 0, false, false, true}, {"merge", 2, 2, 0, true, true, false}, {"merge", 2, 1, 1, true, false, false},
	} {
		r, out := testRun(t), &log{}
		r.Logger = out.logger()
		first := &Node{Kind: test.kind, Name: "first"}
		for i := range test.sources {
			in := &Node{Kind: "source", Name: string(rune('a' + i)), Source: func(*Run) (Opened, error) { return Opened{}, nil }}
			first.Inputs = append(first.Inputs, &Node{Kind: "map", Name: "between", Inputs: []*Node{in}})
		}
		n := &Node{Kind: "eventtime", Name: "times", Inputs: []*Node{first}}
		if test.behind {
			n.Inputs = []*Node{{Kind: "eventtime", Name: "before", Inputs: []*Node{first}}}
		}
		r.addStage(first, test.count)
		place := r.stages[first][0]
		place.task.parts = make([]*Partition, test.parts)
		place.Instance(n).WarnMixed()
		require.Equal(t, test.shards, strings.Contains(out.String(), "that have gone to the shard of a key"), "%+v", test)
		require.Equal(t, test.ofMerged, strings.Contains(out.String(), "behind a Merge or Union of several"), "%+v", test)
		require.Equal(t, test.ofMerged && test.sources == 2, strings.Contains(out.String(), `sources="[a b]"`), "%+v", test)
	}
}
