package query

import (
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

func categoryAveragesByHand(events []auction.Event, disorder time.Duration, emit func(stream.KeyValue[int64, float64])) {
	type average struct{ sum, n int64 }
	averages := map[int64]*average{}
	winningByHand(events, disorder, func(a *auction.Auction, b *auction.Bid) {
		of := averages[a.Category]
		if of == nil {
			of = &average{}
			averages[a.Category] = of
		}
		of.sum += b.Price
		of.n++
		emit(stream.KeyValue[int64, float64]{Key: a.Category, Value: float64(of.sum) / float64(of.n)})
	})
}
