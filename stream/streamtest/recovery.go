package streamtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A Scene is a pipeline with inputs and outputs of this package, and what a
// test does to it, one step after another.
type Scene struct {
	Pipeline *stream.Pipeline
	// Steps push into inputs, advance watermarks, end inputs, and move the clock
	// by Driver.Advance. Each is settled before the next.
	Steps []func(d *Driver)
	// Outputs are what counts, as Collect returned them.
	Outputs []Drained
}

// Drained is an *Output of any type.
type Drained interface{ drain() []string }

// Recovery checks the law of operators with state: to take a checkpoint after
// any of a scene's steps, be killed, begin again with it, and go on with the steps
// that are left gives what the scene gives undisturbed, also on another number
// of shards. The function makes the scene anew each time, always the same.
//
//	streamtest.Recovery(t, func() streamtest.Scene {
//		in := streamtest.NewInput[Order]()
//		p := stream.New("test")
//		out := streamtest.Collect(p.From(in).EventTime(Order.PaidAt).KeyBy(Order.Shop).Apply(MyOperator))
//		return streamtest.Scene{p, []func(*streamtest.Driver){
//			func(*streamtest.Driver) { in.Push(a, b) },
//			func(d *streamtest.Driver) { d.Advance(time.Minute) },
//			func(*streamtest.Driver) { in.End() },
//		}, []streamtest.Drained{out}}
//	})
//
// Results are compared as text, with their event times and in no order. Each prefix of the
// steps costs a run, so a scene has a few dozen steps rather than thousands.
func Recovery(t *testing.T, scene func() Scene) {
	t.Helper()
	whole := play(t, scene(), 1)
	if n := len(slices.Concat(whole...)); n == 0 {
		t.Fatal("streamtest: the scene gives no results, so that it proves nothing")
	}
	for cut := range len(scene().Steps) + 1 {
		for _, shards := range [][2]int{{1, 1}, {2, 3}, {3, 1}} {
			name := fmt.Sprintf("killed after step %d, %d shards, then %d", cut, shards[0], shards[1])
			got := killed(t, scene, cut, shards)
			for i := range whole {
				if diff := difference(whole[i], got[i]); diff != "" {
					t.Errorf("streamtest: %s: output %d: %s", name, i, diff)
				}
			}
		}
	}
}

// play plays a scene undisturbed.
func play(t *testing.T, s Scene, shards int) [][]string {
	d := Start(t, s.Pipeline, Shards(shards), Checkpoints(checkpoint.Memory()))
	defer d.Kill()
	for _, step := range s.Steps {
		step(d)
		d.Settle()
	}
	return drain(s, nil)
}

// killed plays a scene up to a step, and then from a checkpoint on.
func killed(t *testing.T, scene func() Scene, cut int, shards [2]int) (got [][]string) {
	store := checkpoint.Memory()
	s := scene()
	d := Start(t, s.Pipeline, Shards(shards[0]), Checkpoints(store))
	for _, step := range s.Steps[:cut] {
		step(d)
		d.Settle()
	}
	d.Checkpoint()
	got = drain(s, got)
	now := d.Now()
	for _, step := range s.Steps[cut:] { // what it does now is lost
		step(d)
		d.Settle()
		break
	}
	d.Kill()

	s = scene()
	dead := &Driver{t: t, now: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, step := range s.Steps[:cut] { // only pushes: the offsets are behind them
		step(dead)
	}
	d = Start(t, s.Pipeline, Shards(shards[1]), At(now), Checkpoints(store))
	defer d.Kill()
	for _, step := range s.Steps[cut:] {
		step(d)
		d.Settle()
	}
	return drain(s, got)
}

func drain(s Scene, to [][]string) [][]string {
	for i, o := range s.Outputs {
		if i == len(to) {
			to = append(to, nil)
		}
		to[i] = append(to[i], o.drain()...)
	}
	return to
}

// difference says in what two multisets differ.
func difference(want, got []string) string {
	count := map[string]int{}
	for _, x := range want {
		count[x]++
	}
	for _, x := range got {
		count[x]--
	}
	var missing, extra []string
	for x, n := range count {
		switch {
		case n > 0:
			missing = append(missing, x)
		case n < 0:
			extra = append(extra, x)
		}
	}
	if len(missing)+len(extra) == 0 {
		return ""
	}
	slices.Sort(missing)
	slices.Sort(extra)
	return fmt.Sprintf("missing %q, too many %q", missing, extra)
}
