package query

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// checkPattern holds a pattern against a twin that is handed the bids of each bidder for each auction, in the order of their times
// and without the late ones, and returns the rows that begin with one of them and where the next ones begin.
func checkPattern[R any](t *testing.T, q Query, from func(h Haggle, bids []auction.Bid, first int) (row R, is bool, next int)) {
	t.Helper()
	events := made(1, many()/4)
	for title, wait := range map[string]time.Duration{"nothing late": delay, "late events": impatience} {
		ways := rowsByWay(t, q, events, delay)
		if wait != delay {
			ways = oneByOne(t, q, events, wait)
		}
		all := map[Haggle][]auction.Bid{}
		for _, a := range arrivals(events, wait) {
			if a.Bid != nil && !a.late() {
				h := haggleOf(a.Event)
				all[h] = append(all[h], *a.Bid)
			}
		}
		var want []R
		for h, bids := range all {
			slices.SortStableFunc(bids, func(a, b auction.Bid) int { return a.At.Compare(b.At) })
			for first := 0; first < len(bids); {
				row, is, next := from(h, bids, first)
				if is {
					want = append(want, row)
				}
				first = next
			}
		}
		require.NotEmpty(t, want, "%s: %s: the twin has rows", q.Name, title)
		for way, rows := range ways {
			requireRows(t, want, typed[R](t, rows), "%s: %s: %s", q.Name, title, way)
		}
		t.Logf("%s: %s: %d rows of %d keys agree", q.Name, title, len(want), len(all))
	}
}

func TestC0(t *testing.T) {
	checkPattern(t, c0, func(h Haggle, b []auction.Bid, first int) (Fall, bool, int) {
		end := first + 1
		for end < len(b) && b[end].Price < b[end-1].Price {
			end++
		}
		if end-first < 3 || end == len(b) || b[end].Price <= b[end-2].Price {
			return Fall{}, false, first + 1
		}
		return Fall{h, b[first].At, b[end-1].At, b[end].At}, true, end
	})
}

// cheapFrom is a period from one bid on: up to the first by which the average is not low any more, which has to come.
func cheapFrom(h Haggle, b []auction.Bid, first int) (row Cheap, is bool, end int) {
	cents := int64(0)
	for end = first; end < len(b) && (cents+b[end].Price)/int64(end-first+1) < cheap; end++ {
		cents += b[end].Price
	}
	if end == first || end == len(b) {
		return row, false, end
	}
	return Cheap{h, b[first].At, b[end-1].At, cents / int64(end-first)}, true, end
}

func TestC1(t *testing.T) {
	checkPattern(t, c1, func(h Haggle, b []auction.Bid, first int) (Cheap, bool, int) {
		if row, is, end := cheapFrom(h, b, first); is {
			return row, true, end + 1
		}
		return Cheap{}, false, first + 1
	})
}

func TestC2(t *testing.T) {
	checkPattern(t, c2, func(h Haggle, b []auction.Bid, first int) (Cheap, bool, int) {
		row, is, _ := cheapFrom(h, b, first)
		return row, is, first + 1
	})
}

func TestC3(t *testing.T) {
	checkPattern(t, c3, func(h Haggle, b []auction.Bid, first int) (Drop, bool, int) {
		end := first + 1
		for end < len(b) && b[first].Price-b[end].Price < drop {
			end++
		}
		if end == len(b) || b[first].Price-b[end].Price == drop || b[end].At.Sub(b[first].At) >= dropWithin {
			return Drop{}, false, first + 1
		}
		return Drop{h, b[end].At, b[first].Price - b[end].Price}, true, end + 1
	})
}
