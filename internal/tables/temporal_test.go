package tables_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// temporalTwin looks each event up in the table as of its time.
func temporalTwin(s scene, kind stream.JoinKind) (want []string, unmatched int64) {
	for _, e := range s.upTo(0, len(s.steps), 1<<40) {
		m := match{Left: e.Row(), HasLeft: true}
		m.Right, m.HasRight = tableOf(s.upTo(1, len(s.steps), e.at))[e.Row().Key]
		if kind == stream.Inner && !m.HasRight {
			unmatched++
			continue
		}
		want = append(want, fmt.Sprint(m, " at ", e.at))
	}
	slices.Sort(want)
	return want, unmatched
}

func FuzzTemporalJoin(f *testing.F) {
	kinds := []stream.JoinKind{stream.Inner, stream.LeftOuter}
	fuzzScenes(f, func(t *testing.T, s scene, n uint64) {
		kind := kinds[n%2]
		start := func(shards int, store checkpoint.Store) (*streamtest.Driver, playing, *streamtest.Output[string]) {
			g := playing{p: stream.New("temporal")}
			for i := range g.in {
				g.in[i] = streamtest.NewInput[change](s.parts)
			}
			out := streamtest.Collect(g.p.From(g.in[0]).KeyBy(keyOf).
				TemporalJoin(stream.TableOf(g.p.From(g.in[1]).KeyBy(keyOf)), kind, func(m stream.Match[change, row]) string {
					return fmt.Sprint(match{Left: m.Left.Row(), Right: m.Right, HasLeft: m.HasLeft, HasRight: m.HasRight})
				}))
			return streamtest.Start(t, g.p, streamtest.Shards(shards), streamtest.BatchSize([]int{1, 4, 512}[n/2%3]), streamtest.Checkpoints(store)), g, out
		}
		want, unmatched := temporalTwin(s, kind)
		for _, way := range [][2]int{{1, -1}, {3, -1}, {2, len(s.steps) / 2}} {
			store := checkpoint.Memory()
			d, g, out := start(way[0], store)
			var got []string
			take := func() {
				for _, e := range out.TakeEvents() {
					got = append(got, fmt.Sprint(e.Value, " at ", e.Time.Std().Unix()))
				}
			}
			for i, x := range s.steps {
				if i == way[1] {
					d.Checkpoint()
					take()
					d.Kill()
					d, g, out = start(3, store)
					for _, before := range s.steps[:i] {
						g.push(before)
					}
				}
				g.push(x)
				if x.watermark {
					d.Settle()
				}
			}
			g.end()
			d.Settle()
			take()
			if way[1] < 0 {
				stats, _ := g.p.Stats().Operator("temporaljoin")
				require.Equal(t, unmatched, stats.Unmatched)
			}
			d.Kill()
			slices.SortFunc(got, cmp.Compare[string])
			require.Equal(t, want, got, "%v on %d shards, killed at %d", kind, way[0], way[1])
		}
	})
}
