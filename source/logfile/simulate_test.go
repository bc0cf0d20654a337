package logfile

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/stream/codec"
)

var simulations = flag.Int("simulations", 25, "how many random rotations of each manner are tried")

// A log is rotated in all manners, a step at a time, with copies and compressed files that are not
// finished, and between each two steps a writer may write, and a reader look, read, be stopped, be killed
// or go on: each line is given once, and in its place.
//
// A run plays a third of them.
func TestSimulate(t *testing.T) {
	first, step := sample.Part(t, 3)
	for _, name := range slices.Sorted(maps.Keys(manners)) {
		for seed := first; seed < *simulations; seed += step {
			t.Run(fmt.Sprintf("%s/seed=%d", name, seed), func(t *testing.T) {
				simulate(t, manners[name], rand.New(rand.NewPCG(uint64(seed), 11)))
			})
		}
	}
}

func simulate(t *testing.T, how manner, rng *rand.Rand) {
	path := filepath.Join(t.TempDir(), "access.log")
	d := drive(t, path, codec.Lines())
	d.virtual = time.Date(2010, 1, 2, 3, 4, 5, 0, time.UTC)
	r := &rotator{t: t, rng: rng, path: path, d: d, manner: how, durable: -1, header: rng.IntN(3) == 0, wide: rng.IntN(2) == 0}
	r.open()
	defer func() { r.out.Close() }()
	r.later()
	d.room = 1 + rng.IntN(60)
	eager := rng.IntN(3) == 0
	down := rng.IntN(8) == 0 // the reader comes when there are several files
	if !down {
		d.start()
	}
	act := func(what string, do func()) {
		r.done = append(r.done, what)
		do()
	}
	look := func() { act("look", func() { d.scan(); d.read(-1) }) }
	for range 40 + rng.IntN(200) {
		d.virtual = d.virtual.Add(time.Duration(rng.IntN(3)) * time.Millisecond)
		switch n := rng.IntN(20); {
		case n < 4:
			act("write", func() { r.write(rng.IntN(8), false) })
		case n < 5:
			act("write much", func() { r.write(rng.IntN(100), rng.IntN(2) == 0) })
		case n < 7:
			act("write half", func() { r.write(rng.IntN(2), true) })
		case n < 14 && len(r.steps) > 0:
			act(fmt.Sprint("step-", len(r.steps)), func() {
				do := r.steps[0]
				r.steps = r.steps[1:]
				do()
			})
		case n < 9:
			act("rotate", r.rotate)
		case n < 15 && !r.held:
			act("wait", func() { d.advance(3 * time.Second) })
		case down:
			if rng.IntN(4) == 0 {
				act("start", d.start)
				down = false
			}
		case n < 16:
			act("scan", d.scan)
		case n < 17:
			act("read", func() { d.read(rng.IntN(8)) })
		case n < 18:
			act("checkpoint", r.checkpoint)
		case n < 19:
			if rng.IntN(2) == 0 {
				act("checkpoint", r.checkpoint)
			}
			act("crash", r.crash)
			if down = rng.IntN(2) == 0; !down {
				act("start", d.start)
			}
		default:
			look()
		}
		if eager && !down {
			look()
		}
	}
	for len(r.steps) > 0 {
		do := r.steps[0]
		r.steps = r.steps[1:]
		do()
		if eager && !down {
			look()
		}
	}
	if down {
		d.start()
	}
	d.advance(time.Second)
	r.write(1, false)
	d.room = 512
	d.settle()
	if _, err := r.match(d.got[path], true); err != nil {
		t.Fatalf("%v\n%s", err, r.history())
	}
	if len(d.bad) > 0 {
		t.Fatalf("rejected: %q\n%s", d.bad, r.history())
	}
}
