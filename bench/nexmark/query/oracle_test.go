package query

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

// oracleFile opens a file of the Nexmark cases that Arroyo's tests have. These
// are not part of the repository.
func oracleFile(t *testing.T, name string) *os.File {
	t.Helper()
	dir := os.Getenv("FRESHET_SHARED")
	if dir == "" {
		t.Skip("FRESHET_SHARED is not set: it names the folder with oracles/nexmark")
	}
	f, err := os.Open(filepath.Join(dir, "oracles", "nexmark", name))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func oracleLines[T any](t *testing.T, name string) (all []T) {
	t.Helper()
	for d := json.NewDecoder(oracleFile(t, name)); d.More(); {
		var v T
		require.NoError(t, d.Decode(&v), name)
		all = append(all, v)
	}
	return all
}

// oracleEvents returns the persons, auctions and bids of the cases by time.
// Their states are in lower case.
func oracleEvents(t *testing.T) (events []auction.Event) {
	t.Helper()
	for _, p := range oracleLines[struct {
		ID                int64
		Name, City, State string
		At                time.Time `json:"date_time"`
	}](t, "person.jsonl") {
		events = append(events, auction.Event{Person: &auction.Person{ID: p.ID, Name: p.Name, City: p.City, State: strings.ToUpper(p.State), At: p.At}})
	}
	for _, a := range oracleLines[struct {
		ID, Seller, Category int64
		At                   time.Time `json:"date_time"`
		Expires              time.Time
	}](t, "auction.jsonl") {
		events = append(events, auction.Event{Auction: &auction.Auction{ID: a.ID, Seller: a.Seller, Category: a.Category, At: a.At, Expires: a.Expires}})
	}
	for _, b := range oracleLines[struct {
		Auction, Bidder, Price int64
		At                     time.Time `json:"date_time"`
	}](t, "bid.jsonl") {
		events = append(events, auction.Event{Bid: &auction.Bid{Auction: b.Auction, Bidder: b.Bidder, Price: b.Price, At: b.At}})
	}
	slices.SortStableFunc(events, func(a, b auction.Event) int { return a.Time().Compare(b.Time()) })
	return events
}

// checkOracle holds a query and its floor against the rows of a case, which
// are lines.
func checkOracle[R any](t *testing.T, q Query, line func(R) string) {
	t.Helper()
	events := oracleEvents(t)
	var want []string
	for s := bufio.NewScanner(oracleFile(t, q.Name+".expected.txt")); s.Scan(); {
		want = append(want, s.Text())
	}
	lines := func(rows []any) (all []string) {
		for _, r := range typed[R](t, rows) {
			all = append(all, line(r))
		}
		return all
	}
	for way, rows := range rowsByWay(t, q, events, delay) {
		requireRows(t, want, lines(rows), "%s: %s", q.Name, way)
	}
	requireRows(t, want, lines(q.byHand(events, delay)), "%s: floor", q.Name)
	t.Logf("%s: %d rows agree", q.Name, len(want))
}

func TestOracleQ3(t *testing.T) {
	checkOracle(t, q03, func(r LocalSeller) string {
		return fmt.Sprintf("%s\t%s\t%s\t%d", r.Name, r.City, strings.ToLower(r.State), r.Auction)
	})
}

func TestOracleQ5(t *testing.T) {
	checkOracle(t, q05, func(r HotItem) string { return fmt.Sprintf("%d\t%d", r.Auction, r.Bids) })
}

func TestOracleQ7(t *testing.T) {
	checkOracle(t, q07, func(b auction.Bid) string {
		return fmt.Sprintf("%d %d %d %s", b.Auction, b.Price, b.Bidder, b.At.Format("2006-01-02 15:04:05.999"))
	})
}
