package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/internal/onflink"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/flink"
	"github.com/freshet-go/freshet/window"
)

func TestMain(m *testing.M) { os.Exit(onflink.Main(m)) }

const (
	// flinkShare is of how many jobs one is run, where nobody asks for all.
	flinkShare = 20

	// onFlinkEvents are a minute of events. Each worker makes them.
	onFlinkEvents = 60_000
)

// flinkEvents returns events of which no two auctions expire at once, half of them on another day.
func flinkEvents() []auction.Event {
	return aroundMidnight(expiringApart(made(1, onFlinkEvents)))
}

// On a cluster of Flink every query and pattern has the rows that it has in one process, at parallelism 1, 2 and 4: with two partitions of which
// nothing is late, and with one in which much is. None is refused; q10 needs checkpoints, as its files are committed.
func TestOnFlink(t *testing.T) {
	events := flinkEvents()
	for _, q := range slices.Concat(All, Patterns) {
		t.Run(q.Name, func(t *testing.T) {
			for _, c := range []struct {
				title    string
				disorder time.Duration
				parts    int
			}{{"nothing late", delay, 2}, {"late events", impatience, 1}} {
				build := func(folder string) *stream.Pipeline {
					p := stream.New(q.Name)
					from := q.from(p, source.Slice(auction.Split(events, c.parts)...), c.disorder)
					if q.texts == nil {
						q.In(folder).build(p, from)
					} else {
						q.texts(p, from).To(onflink.Keep[string](folder), stream.Name("kept"))
					}
					return p
				}
				opts := []flink.Option{flink.Allow("events")}
				if q.texts == nil {
					opts = append(opts, flink.Checkpoints(200*time.Millisecond))
				}
				for job := range onflink.Jobs(t, c.title, flinkShare, build, opts...) {
					rows, err := q.In(t.TempDir()).Rows(t.Context(), source.Slice(auction.Split(events, c.parts)...), c.disorder, stream.Shards(2))
					require.NoError(t, err)
					want, got := textsOf(t, rows), []string(nil)
					if q.texts == nil {
						got = textsOf(t, readBids(job.Folder))
					} else {
						for _, e := range onflink.Kept[string](t, job.Folder) {
							got = append(got, e.Value)
						}
					}
					if q.Name == q12.Name { // which window a bid is in goes by the clock
						want, got = bidsOfAll(t, want), bidsOfAll(t, got)
					}
					require.NotEmpty(t, want)
					requireRows(t, want, got, "%s: %s: %s", q.Name, c.title, job.Way)
					t.Logf("%s: %s: %s: %d rows agree, %v", q.Name, c.title, job.Way, len(want), job.Took.Round(time.Millisecond))
				}
			}
		})
	}
}

func textsOf(t *testing.T, rows []any) (all []string) {
	for _, r := range rows {
		all = append(all, readable(t, r))
	}
	return all
}

// bidsOfAll adds up what q12 gives for each bidder.
func bidsOfAll(t *testing.T, rows []string) (all []string) {
	bids := map[int64]int64{}
	for _, text := range rows {
		var r ArrivedBids
		require.NoError(t, json.Unmarshal([]byte(text), &r))
		require.Equal(t, arrivalSize, r.End.Sub(r.Start))
		bids[r.Bidder] += r.Bids
	}
	for bidder, n := range bids {
		all = append(all, fmt.Sprint(bidder, " ", n))
	}
	return all
}

// What windows give in the end for late events, with several partitions, is on Flink what it is in one process, if they wait for all of them. How often they give
// something before is another matter: that goes by which partition was read faster.
func TestOnFlinkLastPanes(t *testing.T) {
	type pane = stream.Pane[int64, int64]
	events := flinkEvents()
	always := window.Lateness(24 * time.Hour)
	for name, spec := range map[string]window.Spec{
		"tumbling": window.Tumbling(highestSize, always), "sliding": window.Sliding(hotSize, hotSlide, always), "session": window.Session(sessionGap, always),
	} {
		t.Run(name, func(t *testing.T) {
			panes := func(p *stream.Pipeline) stream.Stream[pane] {
				return p.From(source.Slice(auction.Split(events, 3)...), stream.Name("events")).
					EventTime(auction.Event.Time, stream.Disorder(impatience)).
					Filter(auction.Event.IsBid).KeyBy(bidderOf).Window(spec).Count()
			}
			build := func(folder string) *stream.Pipeline {
				p := stream.New(name)
				panes(p).To(onflink.Keep[pane](folder), stream.Name("kept"))
				return p
			}
			for job := range onflink.Jobs(t, "last panes", flinkShare, build, flink.Allow("events")) {
				p, all := stream.New(name), sink.Collect[pane]()
				panes(p).To(all)
				require.NoError(t, p.Run(t.Context(), stream.Shards(2)))
				var kept []pane
				for _, e := range onflink.Kept[pane](t, job.Folder) {
					kept = append(kept, e.Value)
				}
				want, got := lastPanes(all.Values()), lastPanes(kept)
				requireRows(t, want, got, "%s: %s", name, job.Way)
				t.Logf("%s: %s: %d last panes of %d agree", name, job.Way, len(want), len(kept))
			}
		})
	}
}

// A lastPane is what a window gives in the end.
type lastPane struct {
	Key        int64
	Start, End time.Time
	Value      int64
}

// lastPanes returns the panes that no later one has taken the place of. Those of a key are in their order.
func lastPanes(all []stream.Pane[int64, int64]) []lastPane {
	type place struct {
		key int64
		stream.Span
	}
	last := map[place]lastPane{}
	for _, p := range all {
		for _, s := range p.Replaces {
			delete(last, place{p.Key, s})
		}
		last[place{p.Key, stream.Span{Start: p.Start, End: p.End}}] = lastPane{p.Key, p.Start, p.End, p.Value}
	}
	return slices.Collect(maps.Values(last))
}
