package oracles_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A way is how a transcript is played: nothing of it may show in the panes.
type way struct {
	spec          window.Spec
	shards, batch int
	// killed is after how many steps the pipeline takes its third checkpoint, is
	// killed in the next step, and restored on three shards. Without it there
	// are no checkpoints.
	killed int
}

// saves reports whether a checkpoint is taken after so many steps: one after
// each third of those before the end, as far as there are three.
func (w way) saves(steps int) bool {
	return steps == (w.killed+2)/3 || steps == (2*w.killed+2)/3 || steps == w.killed
}

// beamKeys is how many keys a transcript is played for at once, so that every
// shard has some. Each key has to give all that is expected.
const beamKeys = 7

type keyedTime struct {
	key int
	at  int64
}

func times(events []keyedTime) []int64 {
	all := []int64{}
	for _, e := range events {
		all = append(all, e.at)
	}
	return all
}

// A shownPane is a pane in Beam's terms. A pane of ours does not say which it
// is among those of its window that are not early: the player counts along.
type shownPane struct {
	window                [2]int64 // closed
	values                []int64
	timestamp             int64
	timing                stream.Timing
	index, nonspeculative int // -1: it is early
}

func (s shownPane) String() string {
	return fmt.Sprintf("%v: window %v, values %v, timestamp %d, index %d", s.timing, s.window, s.values, s.timestamp, s.index)
}

func (e expectedPane) matches(s shownPane) bool {
	return agrees(e.Window, s.window) && (e.Values == nil || slices.Equal(*e.Values, s.values)) &&
		agrees(e.Timestamp, s.timestamp) &&
		agrees(e.Early, s.timing == stream.Early) && agrees(e.Late, s.timing == stream.Late) &&
		agrees(e.Index, s.index) && agrees(e.Nonspeculative, s.nonspeculative)
}

func agrees[T comparable](want *T, got T) bool { return want == nil || *want == got }

// A player is a pipeline that actions are done to.
type player struct {
	t       *testing.T
	way     way
	store   checkpoint.Store
	p       *stream.Pipeline
	in      *streamtest.Input[keyedTime]
	out     *streamtest.Output[stream.Pane[int, []int64]]
	d       *streamtest.Driver
	done    []action                   // the inputs and watermarks so far
	lost    int64                      // events dropped before the restart
	pending [beamKeys][]shownPane      // what has come out and was not expected yet
	counts  [beamKeys]map[[2]int64]int // panes of a window that were not early
}

func newPlayer(t *testing.T, w way) *player {
	x := &player{t: t, way: w, store: checkpoint.Memory()}
	for key := range x.counts {
		x.counts[key] = map[[2]int64]int{}
	}
	x.start(w.shards)
	return x
}

// start makes the pipeline, and has it begin with what was saved of the one
// before.
func (x *player) start(shards int) {
	x.p, x.in = stream.New("transcript"), streamtest.NewInput[keyedTime]()
	x.out = streamtest.Collect(x.p.From(x.in).
		KeyBy(func(e keyedTime) int { return e.key }).
		Window(x.way.spec).
		Aggregate(window.Then(window.Collect[keyedTime](), times), stream.Name("panes")))
	for _, a := range x.done {
		x.push(a)
	}
	opts := []streamtest.Option{streamtest.Shards(shards), streamtest.BatchSize(x.way.batch)}
	if x.way.killed > 0 {
		opts = append(opts, streamtest.Checkpoints(x.store))
	}
	x.d = streamtest.Start(x.t, x.p, opts...)
}

// do plays an input or a watermark, and gathers what comes out.
func (x *player) do(a action) {
	if !a.plays() {
		return
	}
	if n := len(x.done); n > 0 && n == x.way.killed {
		x.lost = droppedBy(x.p)
		x.push(a) // of which nothing was saved
		x.d.Settle()
		x.d.Kill()
		x.start(3)
	}
	x.push(a)
	x.settle()
	x.done = append(x.done, a)
	if x.way.saves(len(x.done)) {
		x.d.Checkpoint()
	}
}

// push hands the events and the watermark of an action to the input.
func (x *player) push(a action) {
	for _, at := range a.Input {
		for key := range beamKeys {
			x.in.PushAt(time.Unix(0, at), keyedTime{key, at})
		}
	}
	if a.Watermark != nil {
		x.in.AdvanceWatermark(time.Unix(0, *a.Watermark))
	}
}

func (x *player) settle() {
	x.d.Settle()
	for _, e := range x.out.TakeEvents() {
		p := e.Value
		s := shownPane{
			window: [2]int64{p.Start.UnixNano(), p.End.UnixNano() - 1},
			values: p.Value, timestamp: int64(e.Time), timing: p.Timing, index: p.Index, nonspeculative: -1,
		}
		if p.Timing != stream.Early {
			s.nonspeculative = x.counts[p.Key][s.window]
			x.counts[p.Key][s.window]++
		}
		x.pending[p.Key] = append(x.pending[p.Key], s)
	}
}

// expect takes a pane that matches e out of what is pending, for every key.
func (x *player) expect(e expectedPane) error {
	for key, shown := range x.pending {
		i := slices.IndexFunc(shown, e.matches)
		if i < 0 {
			return fmt.Errorf("unmatched output {%v} in %v", e, shown)
		}
		x.pending[key] = slices.Delete(shown, i, i+1)
	}
	return nil
}

func (x *player) expectNothing(when string) error {
	for _, shown := range x.pending {
		if len(shown) > 0 {
			return fmt.Errorf("unexpected output %v %s", shown, when)
		}
	}
	return nil
}

// dropped returns how many events were counted as dropped.
func (x *player) dropped() int64 { return x.lost + droppedBy(x.p) }

// play does what the transcript says, and returns the first difference between
// what it expects and what comes out.
func (doc transcript) play(t *testing.T, w way) (*player, error) {
	x := newPlayer(t, w)
	for i, a := range doc.Steps {
		if a.Expect == nil {
			if err := x.expectNothing("before " + a.String()); err != nil {
				return x, err
			}
		}
		x.do(a)
		for _, e := range a.Expect {
			if err := x.expect(e); err != nil {
				return x, err
			}
			if err := doc.checkFinal(t, w, doc.Steps[:i], e); err != nil {
				return x, err
			}
		}
		if err := doc.checkState(t, w, doc.Steps[:i], a.State); err != nil {
			return x, err
		}
	}
	return x, x.expectNothing("at the end")
}
