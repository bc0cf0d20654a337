package query

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// As in nexmark/nexmark, which partitions bids by the day and the minute of
// their time, commits a minute's files when the watermark has passed it, and
// has a directory for each; here the minute is in the files' names. Beam has
// files of events by the number of a shard instead.
var q10 = bidFiles(filepath.Join(os.TempDir(), "nexmark-q10"))

// A WrittenBid is a row of the files.
type WrittenBid struct {
	Auction int64     `csv:"auction"`
	Bidder  int64     `csv:"bidder"`
	Price   int64     `csv:"price"`
	At      time.Time `csv:"dateTime"`
	Extra   string    `csv:"extra"`
}

func bidFiles(dir string) Query {
	return Query{
		Name: "q10", Meaning: "bids in files, some for each minute",
		in: bidFiles,
		build: func(_ *stream.Pipeline, events stream.Stream[auction.Event]) {
			writeBids(events, dir)
		},
		collect: func(_ *stream.Pipeline, events stream.Stream[auction.Event]) func() []any {
			writeBids(events, dir)
			return func() []any { return readBids(dir) }
		},
		floor: func(events []auction.Event, disorder time.Duration) int {
			return must(writeBidsByHand(events, disorder, dir))
		},
		byHand: func(events []auction.Event, disorder time.Duration) []any {
			must(writeBidsByHand(events, disorder, dir))
			return readBids(dir)
		},
	}
}

func writeBids(events stream.Stream[auction.Event], dir string) {
	events.Filter(auction.Event.IsBid).
		Map(rowOf).
		To(sink.Files(dir, "bids-*.csv", codec.CSV[WrittenBid](), sink.RollEvery(time.Minute)), stream.Name("files"))
}

func rowOf(e auction.Event) WrittenBid {
	b := e.Bid
	return WrittenBid{b.Auction, b.Bidder, b.Price, b.At, b.Extra}
}

// readBids returns the rows of the files that are finished.
func readBids(dir string) (rows []any) {
	p := stream.New("bids in files")
	all := sink.Collect[WrittenBid]()
	p.From(source.Files(os.DirFS(dir), "bids-*.csv", codec.CSV[WrittenBid](), source.AllowMissing())).To(all)
	if err := p.Run(context.Background()); err != nil {
		panic(err)
	}
	for _, r := range all.Values() {
		rows = append(rows, r)
	}
	return rows
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
