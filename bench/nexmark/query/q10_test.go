package query

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// requireBidFiles checks that a directory holds each bid once, in a file whose
// name is that of its minute, and nothing that is not finished.
func requireBidFiles(t *testing.T, events []auction.Event, dir string, format string, args ...any) {
	t.Helper()
	var want []WrittenBid
	minutes := map[time.Time]bool{}
	for _, e := range events {
		if b := e.Bid; b != nil {
			want = append(want, WrittenBid{b.Auction, b.Bidder, b.Price, b.At, b.Extra})
			minutes[b.At.Truncate(time.Minute)] = true
		}
	}
	requireRows(t, want, typed[WrittenBid](t, readBids(dir)), format, args...)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := 0
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		files++
		minute, err := time.Parse("bids-20060102T150405Z", e.Name()[:len("bids-20060102T150405Z")])
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(e.Name(), ".csv"), e.Name())
		f, err := os.Open(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		rows, err := csv.NewReader(f).ReadAll()
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.Greater(t, len(rows), 1)
		for _, row := range rows[1:] {
			at, err := time.Parse(time.RFC3339Nano, row[3])
			require.NoError(t, err)
			require.Equal(t, minute, at.Truncate(time.Minute), e.Name())
		}
	}
	require.GreaterOrEqual(t, files, len(minutes))
	t.Logf("%s: %d rows agree, in %d files", fmt.Sprintf(format, args...), len(want), files)
}

func TestQ10(t *testing.T) {
	events := made(1, many())
	for _, disorder := range []time.Duration{delay, impatience} {
		dir := t.TempDir()
		require.Equal(t, len(events)*46/50, q10.In(dir).Floor(events, disorder))
		requireBidFiles(t, events, dir, "q10: floor, disorder %v", disorder)
		for _, n := range []int{1, 2} {
			dir := t.TempDir()
			p := q10.In(dir).Pipeline(source.Slice(auction.Split(events, n)...), disorder)
			require.NoError(t, p.Run(t.Context(), stream.Shards(n)))
			requireBidFiles(t, events, dir, "q10: %d shards, disorder %v", n, disorder)
		}
	}
}

// A run that ends in the middle, gracefully or not, and one that goes on write
// each bid once.
func TestQ10Restored(t *testing.T) {
	for _, killed := range []bool{false, true} {
		events, dir := made(1, many()), t.TempDir()
		q := q10.In(dir)
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithTimeout(context.Background(), time.Hour)
			defer stop()
			store := stream.Checkpoints(checkpoint.Memory(), 24*time.Hour)
			middle, end := make(chan struct{}), make(chan struct{})
			p := q.Pipeline(pausing{auction.Split(events, 2), []pause{{1, 2, middle, nil}, {5, 8, end, errKilled}}}, delay)
			ended := make(chan error, 1)
			go func() { ended <- p.Run(ctx, stream.Shards(2), store) }()
			synctest.Wait()
			if killed {
				_, err := p.Savepoint(ctx, "middle")
				require.NoError(t, err)
				close(middle)
				synctest.Wait()
				close(end)
				require.ErrorIs(t, <-ended, errKilled)
			} else {
				stop()
				require.ErrorIs(t, <-ended, context.Canceled)
			}
			ctx, stop = context.WithTimeout(context.Background(), time.Hour)
			defer stop()
			require.NoError(t, q.Pipeline(pausing{auction.Split(events, 2), nil}, delay).Run(ctx, stream.Shards(3), store))
		})
		requireBidFiles(t, events, dir, "q10: restored, killed %v", killed)
	}
}
