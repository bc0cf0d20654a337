package query

import "testing"

// The twin looks through all sessions of a bidder for each bid. One that the
// watermark has passed is over, and no late bid joins it.
func TestQ11(t *testing.T) {
	check(t, q11, func(all []arrival) (rows []BidSession) {
		open := map[int64][]BidSession{} // by bidder
		for _, a := range all {
			if a.Bid == nil || !a.Time().Add(sessionGap).After(a.Watermark) {
				continue
			}
			now := BidSession{a.Bid.Bidder, 1, a.Time(), a.Time().Add(sessionGap)}
			apart := []BidSession{}
			for _, s := range open[a.Bid.Bidder] {
				switch {
				case !s.End.After(a.Watermark):
					rows = append(rows, s)
				case s.Start.Before(now.End) && now.Start.Before(s.End):
					if s.Start.Before(now.Start) {
						now.Start = s.Start
					}
					if s.End.After(now.End) {
						now.End = s.End
					}
					now.Bids += s.Bids
				default:
					apart = append(apart, s)
				}
			}
			open[a.Bid.Bidder] = append(apart, now)
		}
		for _, sessions := range open {
			rows = append(rows, sessions...)
		}
		return rows
	})
}
