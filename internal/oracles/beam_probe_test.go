package oracles_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Two things that transcripts say do not show in our panes: whether a pane is
// the last of its window, and what state is left of a window. Both are found
// out by playing the same again and adding an event.

// checkFinal checks what e says of its window after some actions. It is final
// if another event in it never shows in a pane.
func (doc transcript) checkFinal(t *testing.T, w way, done []action, e expectedPane) error {
	if e.Final == nil {
		return nil
	}
	x := replay(t, w, done)
	follows, err := x.probe(*e.Window)
	if final := len(follows) == 0; err == nil && final != *e.Final {
		err = fmt.Errorf("unmatched output {%v}: final is %v, as %v follows", e, final, follows)
	}
	return err
}

// checkState checks the windows that are held. The document that has such a
// line has no watermark: what it says is so once the watermark is at the
// latest event. Beam's own harness leaves the line out.
func (doc transcript) checkState(t *testing.T, w way, done []action, want *expectedState) error {
	if want == nil {
		return nil
	}
	latest := done[0].Input[0]
	for _, a := range done {
		latest = max(latest, slices.Max(append(a.Input, latest)))
	}
	done = append(done[:len(done):len(done)], action{Watermark: &latest})

	held := func(x *player) int64 {
		panes, _ := x.p.Stats().Operator("panes")
		return panes.Keys
	}
	if got, want := held(replay(t, w, done)), beamKeys*int64(len(want.Present)+len(want.Tombstone)); got != want {
		return fmt.Errorf("unmatched state: %d windows are held, not %d", got, want)
	}
	for _, present := range want.Present {
		follows, err := replay(t, w, done).probe(present)
		if err != nil {
			return err
		}
		if len(follows) == 0 || len(follows[0].values) < 2 {
			return fmt.Errorf("unmatched state: window %v is not present: an event gives %v", present, follows)
		}
	}
	for _, over := range slices.Concat(want.Absent, want.Tombstone) {
		x := replay(t, w, done)
		before := x.dropped()
		follows, err := x.probe(over)
		if err != nil {
			return err
		}
		if dropped := x.dropped() - before; len(follows) > 0 || dropped != beamKeys {
			return fmt.Errorf("unmatched state: window %v is not over: an event gives %v, %d are dropped", over, follows, dropped)
		}
	}
	return nil
}

// replay does the inputs and watermarks of a transcript, and forgets what
// comes out.
func replay(t *testing.T, w way, done []action) *player {
	x := newPlayer(t, w)
	for _, a := range done {
		x.do(a)
	}
	x.pending = [beamKeys][]shownPane{}
	return x
}

// probe adds an event at the start of a window, ends the input, and returns
// the panes of that window which follow. They have to be those of every key.
func (x *player) probe(window [2]int64) (follows []shownPane, err error) {
	for key := range beamKeys {
		x.in.PushAt(time.Unix(0, window[0]), keyedTime{key, window[0]})
	}
	x.in.End()
	x.settle()
	for key, shown := range x.pending {
		shown = slices.DeleteFunc(shown, func(s shownPane) bool { return s.window != window })
		if key > 0 && fmt.Sprint(shown) != fmt.Sprint(follows) {
			return nil, fmt.Errorf("keys differ: %v and %v", follows, shown)
		}
		follows = shown
	}
	return follows, nil
}
