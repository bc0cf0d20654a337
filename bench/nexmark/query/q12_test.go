package query

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// sleeps are how long all partitions wait together, from one tenth of them to
// the next: not at all, to the very end of a window, and over several.
var sleeps = []time.Duration{4 * time.Second, 5 * time.Second, time.Second, 0, 9 * time.Second, 32 * time.Second, 10 * time.Second, time.Millisecond, 3 * time.Second}

// arrivedWithin is the twin: it counts the bids of each tenth of the partitions
// at the moment at which that has arrived.
func arrivedWithin(parts [][]auction.Event, begin time.Time) (rows []ArrivedBids) {
	type place struct {
		bidder int64
		start  time.Time
	}
	bids := map[place]int64{}
	for _, part := range parts {
		at := begin
		for tenth := range 10 {
			for _, e := range part[len(part)*tenth/10 : len(part)*(tenth+1)/10] {
				if e.Bid != nil {
					bids[place{e.Bid.Bidder, at.Truncate(arrivalSize)}]++
				}
			}
			if tenth < len(sleeps) {
				at = at.Add(sleeps[tenth])
			}
		}
	}
	for p, n := range bids {
		rows = append(rows, ArrivedBids{p.bidder, n, p.start, p.start.Add(arrivalSize)})
	}
	return rows
}

func TestQ12(t *testing.T) {
	events := made(1, 100_000)
	for _, c := range []struct {
		parts, shards int
		restoredOn    int // shards of the run that goes on in the middle
	}{
		{1, 1, 0}, {2, 2, 0}, {2, 2, 1}, {2, 1, 3},
	} {
		t.Run(fmt.Sprintf("parts=%d/shards=%d/restored=%d", c.parts, c.shards, c.restoredOn), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parts := auction.Split(events, c.parts)
				want := arrivedWithin(parts, time.Now().UTC())
				src := pausing{parts: parts}
				var wakes []chan struct{}
				for i := range sleeps {
					wakes = append(wakes, make(chan struct{}))
					src.pauses = append(src.pauses, pause{i + 1, 10, wakes[i], nil})
				}
				store := stream.Checkpoints(checkpoint.Memory(), 24*time.Hour)
				var rows []any
				begin := func(shards int) (end func(stopped bool)) {
					ctx, stop := context.WithCancel(context.Background())
					ended := make(chan error, 1)
					go func() {
						all, err := q12.Rows(ctx, src, 0, stream.Shards(shards), store)
						rows = append(rows, all...)
						ended <- err
					}()
					return func(stopped bool) {
						if !stopped {
							require.NoError(t, <-ended)
						}
						stop()
						if stopped {
							require.ErrorIs(t, <-ended, context.Canceled)
						}
					}
				}
				end := begin(c.shards)
				for i, wake := range wakes {
					synctest.Wait()
					if i == 4 && c.restoredOn > 0 {
						end(true)
						end = begin(c.restoredOn)
					}
					time.Sleep(sleeps[i])
					close(wake)
				}
				end(false)
				requireRows(t, want, typed[ArrivedBids](t, rows), "q12")
				t.Logf("q12: %d rows agree", len(want))
			})
		})
	}
}

// The loop takes no time in the bubble, so all bids are in one window.
func TestQ12AtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := made(1, 10_000)
		want := typed[ArrivedBids](t, q12.byHand(events, 0))
		rows, err := q12.Rows(t.Context(), source.Slice(events), 0)
		require.NoError(t, err)
		requireRows(t, want, typed[ArrivedBids](t, rows), "q12")
		sum := int64(0)
		for _, r := range want {
			sum += r.Bids
			require.Equal(t, time.Now().UTC(), r.Start)
			require.Equal(t, arrivalSize, r.End.Sub(r.Start))
		}
		require.EqualValues(t, 9200, sum)
	})
}
