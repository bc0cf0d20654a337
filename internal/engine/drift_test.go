package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// The members of a group know how far all are, and are told once when another one has moved; in another run they begin anew.
func TestDriftGroup(t *testing.T) {
	var g DriftGroup
	broken := errors.New("broken")
	var moved [3]int
	var members []*DriftMember
	run := func() []*DriftMember {
		r := testRun(t)
		n := &Node{Name: "n"}
		r.addStage(n, 3)
		members = nil
		for i, pl := range r.stages[n] {
			m := pl.Instance(n).Join(&g)
			if i > 0 {
				m.moved = func() error { moved[i]++; return nil }
			}
			members = append(members, m)
		}
		return members
	}
	serve := func() {
		for _, m := range members {
			require.NoError(t, m.task.serve())
		}
	}
	run()
	require.Equal(t, MinTime, members[0].Low())
	for i, m := range members {
		m.Set(Reach{Low: Time(10 * i), High: Time(10*i + 5), Idle: i == 1})
	}
	serve()
	require.Equal(t, [3]int{0, 1, 1}, moved, "once, however often others have moved before")
	require.Equal(t, Reach{Low: 0, High: 25, Idle: true}, members[1].All())
	members[0].Set(Reach{Low: 0, High: 7})
	serve()
	require.Equal(t, [3]int{0, 1, 1}, moved, "none waits for how far the furthest is")
	members[1].Set(Reach{Low: 3})
	members[1].Set(Reach{Low: 2})
	serve()
	require.Equal(t, [3]int{0, 1, 2}, moved, "who has moved knows it")
	members[0].Set(Reach{Low: 4})
	require.Equal(t, Time(2), members[2].Low())
	members[2].moved = func() error { return broken }
	require.ErrorIs(t, members[2].task.serve(), broken)

	p := &Partition{}
	g.expect(p)
	require.Equal(t, Reach{Low: MinTime, High: MinTime}, members[0].All(), "one has still to be told of a partition")
	members[1].Told(p)
	require.Equal(t, Time(2), members[0].Low())

	run()
	require.Len(t, g.members, 3)
	for _, m := range members {
		m.Set(Reach{Low: 50, High: 50})
	}
	require.Equal(t, Reach{Low: 50, High: 50}, members[2].All())
}
