package pattern

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A swipe is an event of a card. Kinds 0, 1 and 2 are the steps of the pattern.
type swipe struct {
	Card, Kind, At int64 // At is in nanoseconds
}

func (s swipe) card() int64     { return s.Card }
func (s swipe) time() time.Time { return time.Unix(0, s.At) }

func is(kind int64) func(swipe) bool { return func(s swipe) bool { return s.Kind == kind } }

const benchWithin = 30 * time.Minute

// swipes are in the order of their times, a millisecond apart.
func swipes(n, cards int) []swipe {
	rng := rand.New(rand.NewPCG(5, 6))
	all := make([]swipe, n)
	for i := range all {
		all[i] = swipe{rng.Int64N(int64(cards)), rng.Int64N(8), int64(i) * int64(time.Millisecond)}
	}
	return all
}

// A tally is a sink that counts matches, and adds up the times of their events.
type tally struct{ n, sum int64 }

func (t *tally) Open(*stream.SinkContext) (stream.Writer[Matched[int64, swipe]], error) {
	return t, nil
}

func (t *tally) Write(_ context.Context, b *stream.Batch[Matched[int64, swipe]]) error {
	for _, m := range b.All() {
		t.n++
		for _, g := range m.Groups {
			t.sum += g.Events[0].At
		}
	}
	return nil
}
func (t *tally) Flush(context.Context) error { return nil }
func (t *tally) Close() error                { return nil }

// byPattern runs a pattern on one shard.
func byPattern(tb testing.TB, all []swipe, p Pattern[swipe], opts ...stream.Option) tally {
	var t tally
	pl := stream.New("bench")
	Match(pl.From(source.Slice(all)).EventTime(swipe.time).KeyBy(swipe.card), p, opts...).To(&t)
	require.NoError(tb, pl.Run(tb.Context(), stream.Shards(1)))
	return t
}

// threeSteps is what byHand does.
func threeSteps() Pattern[swipe] {
	return Begin("first", is(0)).FollowedBy("second", is(1)).FollowedBy("third", is(2)).Within(benchWithin)
}

// byHand is threeSteps as a loop over a map has it: the floor.
func byHand(all []swipe) (t tally) {
	type pair struct{ first, second int64 }
	type card struct {
		begun []int64
		pairs []pair
	}
	cards := map[int64]*card{}
	for _, s := range all {
		switch s.Kind {
		case 0:
			c := cards[s.Card]
			if c == nil {
				c = new(card)
				cards[s.Card] = c
			}
			c.begun = append(c.begun, s.At)
		case 1:
			if c := cards[s.Card]; c != nil {
				for _, at := range c.begun {
					c.pairs = append(c.pairs, pair{at, s.At})
				}
				c.begun = c.begun[:0]
			}
		case 2:
			if c := cards[s.Card]; c != nil {
				for _, p := range c.pairs {
					if s.At-p.first < int64(benchWithin) {
						t.n, t.sum = t.n+1, t.sum+p.first+p.second+s.At
					}
				}
				c.pairs = c.pairs[:0]
			}
		}
	}
	return t
}

// The same pattern by Flink CEP, in one JVM with one slot, behind a run that warms it up: its time for each event, and how many times ours
// that is. It needs what TestFlink needs.
func BenchmarkFlinkCEP(b *testing.B) {
	folder := servertest.Java(b, "stream/pattern/testdata/java")
	n := 1 << 20
	if testing.Short() {
		n >>= 5
	}
	all := swipes(n, 100_000)
	file := filepath.Join(b.TempDir(), "swipes")
	var bytes []byte
	for _, s := range all {
		for _, v := range []int64{s.Card, s.Kind, s.At / int64(time.Millisecond)} {
			bytes = binary.BigEndian.AppendUint64(bytes, uint64(v))
		}
	}
	require.NoError(b, os.WriteFile(file, bytes, 0o600))
	classpath, err := os.ReadFile(filepath.Join(folder, "classpath"))
	require.NoError(b, err)
	for b.Loop() {
		start := time.Now()
		ours := byPattern(b, all, threeSteps())
		took := time.Since(start)
		cmd := exec.CommandContext(b.Context(), "java", "-XX:+UseSerialGC", "-Xmx4g", "-XX:ActiveProcessorCount=1", "-cp", folder+":"+strings.TrimSpace(string(classpath)), "Speed", file, fmt.Sprint(benchWithin.Milliseconds()))
		for _, pkg := range []string{"java.base/java.util", "java.base/java.lang", "java.base/java.time"} {
			cmd.Args = slices.Insert(cmd.Args, 1, "--add-opens="+pkg+"=ALL-UNNAMED")
		}
		out, err := cmd.Output()
		require.NoError(b, err, string(out))
		var ms, matches, sum int64
		_, err = fmt.Sscan(string(out), &ms, &matches, &sum)
		require.NoError(b, err, string(out))
		require.Equal(b, ours, tally{matches, sum * int64(time.Millisecond)})
		b.ReportMetric(float64(took.Nanoseconds())/float64(n), "ns/event")
		b.ReportMetric(float64(ms)*1e6/float64(n), "flink-ns/event")
		b.ReportMetric(float64(ms)*1e6/float64(took.Nanoseconds()), "flink/ours")
	}
	b.ReportMetric(0, "ns/op")
}
