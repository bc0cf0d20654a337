package logfile

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/stream/codec"
)

func follows(t *testing.T, shape byte, ops []byte) {
	path := filepath.Join(t.TempDir(), "access.log")
	d := drive(t, path, codec.Lines())
	d.room = 1 + int(shape>>4)*8
	s := &shop{t: t, path: path, d: d, durable: -1, header: shape&1 > 0, dated: shape&2 > 0, wide: shape&4 > 0, copies: shape&8 > 0}
	create(t, path)
	s.files = []written{{path: path}}
	d.start()
	for len(ops) > 1 {
		s.step(ops[0], ops[1])
		ops = ops[2:]
	}
	if s.window != "" {
		s.truncate()
	}
	if s.absent {
		s.write(1, true)
	}
	d.room = 512
	d.settle()
	if want, got := untitled(s.want()), untitled(d.got[path]); !slices.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Fatalf("%d lines, want %d; from %d on %.10q, want %.10q\n%s", len(got), len(want), at, got[at:min(len(got), at+5)], want[at:min(len(want), at+5)], d.log.String())
	}
	if len(d.bad) > 0 {
		t.Fatalf("rejected: %q", d.bad)
	}
}

// untitled returns lines without those that all files begin with. Of several files that hold
// nothing else one may be taken for another.
func untitled(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return line == title })
}

const title = "# what stands here"

// FuzzFollow has a writer write, rotate and compress, and a run look, read, stop and go on, in any
// order: each line is read once, and in its place.
func FuzzFollow(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for shape := range 64 {
		ops := make([]byte, 2*(10+rng.IntN(80)))
		for i := range ops {
			ops[i] = byte(rng.Uint32())
		}
		f.Add(byte(shape), ops)
	}
	f.Fuzz(func(t *testing.T, shape byte, ops []byte) {
		follows(t, shape, ops[:min(len(ops), 300)])
	})
}

var twins = flag.Int("twins", 150, "how many random twins are tried")

// What FuzzFollow does with inputs that are found one by one, here with random ones: under the race detector with a third of them.
func TestTwins(t *testing.T) {
	first, step := sample.Part(t, racing.Rounds(1, 3))
	for seed := first; seed < *twins; seed += step {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		ops := make([]byte, 2*(10+rng.IntN(80)))
		for i := range ops {
			ops[i] = byte(rng.Uint32())
		}
		shape := byte(rng.Uint32())
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { follows(t, shape, ops) })
	}
}
