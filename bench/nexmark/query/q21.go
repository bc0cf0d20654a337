package query

import (
	"regexp"
	"strings"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/stream"
)

// As in nexmark/nexmark: four channels have a number, the id of the others
// stands in the address, and bids of which neither says anything are left out.
var q21 = of("q21", "bids with the id of their channel, by rule or regular expression", channelBids, channelBidsByHand).timeless()

// A ChannelBid is a bid with the id of its channel.
type ChannelBid struct {
	Auction, Bidder, Price int64
	Channel, ID            string
}

func channelBids(_ *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[ChannelBid] {
	return events.FlatMap(func(e auction.Event, emit func(ChannelBid)) {
		if b := e.Bid; b != nil {
			if id, ok := channelID(b); ok {
				emit(ChannelBid{b.Auction, b.Bidder, b.Price, b.Channel, id})
			}
		}
	})
}

var inAddress = regexp.MustCompile(`(?:&|^)channel_id=([^&]*)`)

func channelID(b *auction.Bid) (id string, ok bool) {
	switch strings.ToLower(b.Channel) {
	case "apple":
		return "0", true
	case "google":
		return "1", true
	case "facebook":
		return "2", true
	case "baidu":
		return "3", true
	}
	if at := inAddress.FindStringSubmatchIndex(b.URL); at != nil {
		return b.URL[at[2]:at[3]], true
	}
	return "", false
}
