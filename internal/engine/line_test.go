package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Instances of an operator in a run that was told to stop fire as far as the one
// that had said that it goes furthest, and no further.
func TestLine(t *testing.T) {
	make3 := func(checkpoints bool) (*Run, []*Instance) {
		r := testRun(t)
		if checkpoints {
			r.cut = newCoordination(r)
		}
		n := &Node{Name: "n"}
		r.addStage(n, 3)
		var all []*Instance
		for _, pl := range r.stages[n] {
			all = append(all, pl.Instance(n))
		}
		return r, all
	}
	r, all := make3(true)
	require.Equal(t, Time(10), all[0].Reach(10))
	require.Equal(t, Time(30), all[1].Reach(30))
	require.Equal(t, Time(20), all[1].Reach(20), "it has said 30 before")
	r.leaving.Store(true)
	require.Equal(t, Time(25), all[2].Reach(25))
	require.Equal(t, Time(30), all[2].Reach(99), "the line was drawn where the second was about to go")
	require.Equal(t, Time(30), all[0].Reach(31))
	require.Equal(t, Time(29), all[1].Reach(29))
	r.leaving.Store(false)
	require.Equal(t, Time(30), all[0].Reach(31), "it stays where it was drawn")
	r.halt.Store(true)
	require.Equal(t, MinTime, all[0].Reach(5), "a run that has to end at once goes nowhere")

	// The first that hears of it may be the one that is furthest.
	r, all = make3(true)
	r.leaving.Store(true)
	require.Equal(t, Time(99), all[0].Reach(99))
	require.Equal(t, Time(99), all[1].Reach(100))

	// Without a next run there is nothing to leave anything to.
	r, all = make3(false)
	r.leaving.Store(true)
	require.Equal(t, Time(50), all[0].Reach(50))
	require.Equal(t, Time(60), all[1].Reach(60))

	// All catch up to where the furthest was in the checkpoint that the run begins with.
	r, all = make3(true)
	r.from = &beginning{operators: map[string]*beginningState{"n": {watermark: 5, instances: []Time{5, 70, 6}}}}
	r.leaving.Store(true)
	require.Equal(t, Time(60), all[0].Reach(60))
	require.Equal(t, Time(70), all[1].Reach(90))
	r, all = make3(true)
	r.from = &beginning{operators: map[string]*beginningState{"m": {watermark: 80}}}
	r.leaving.Store(true)
	require.Equal(t, Time(40), all[0].Reach(40))
	require.Equal(t, Time(40), all[1].Reach(90))
}
