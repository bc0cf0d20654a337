package oracles_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

type nexmarkPerson struct {
	ID    int       `json:"id"`
	Name  string    `json:"name"`
	City  string    `json:"city"`
	State string    `json:"state"`
	At    time.Time `json:"date_time"`
}

type nexmarkAuction struct {
	ID       int       `json:"id"`
	Seller   int       `json:"seller"`
	Category int       `json:"category"`
	At       time.Time `json:"date_time"`
}

type nexmarkBid struct {
	Auction int       `json:"auction"`
	Bidder  int       `json:"bidder"`
	Price   int       `json:"price"`
	At      time.Time `json:"date_time"`
}

func nexmarkInput[T any](t *testing.T, p pipeline, name string, at func(T) time.Time) stream.Stream[T] {
	return p.From(source.Files(os.DirFS(shared(t, "oracles", "nexmark")), name, codec.JSON[T]())).EventTime(at)
}

func nexmarkBids(t *testing.T, p pipeline) stream.Stream[nexmarkBid] {
	return nexmarkInput(t, p, "bid.jsonl", func(b nexmarkBid) time.Time { return b.At })
}

// requireNexmark holds a query against the rows of a file, in every way, with
// everything in one batch and event by event.
func requireNexmark[R comparable](t *testing.T, name string, row func(line string) R, query plan[R]) {
	t.Helper()
	text, err := os.ReadFile(shared(t, "oracles", "nexmark", name+".expected.txt"))
	require.NoError(t, err)
	var want []R
	for line := range strings.Lines(string(text)) {
		want = append(want, row(strings.TrimSpace(line)))
	}
	agree := 0
	for _, batch := range []int{512, 1} {
		for way, got := range query.ways(t, name, stream.BatchSize(batch)) {
			agree = requireAgreement(t, want, got.rows(), "%s %s in batches of %d", name, way, batch)
		}
	}
	t.Logf("%s: %d of %d rows agree, %s", name, agree, len(want), allWays)
}

// Q3 joins without a window. So nothing may be forgotten before the end, and
// all three joins that can be told so have to agree: one that pairs what comes
// over an interval of all time, one in the one window of all time, and one
// that a caller has written.
func TestNexmarkQ3(t *testing.T) {
	const forever = time.Duration(math.MaxInt64)
	type match = stream.Match[nexmarkPerson, nexmarkAuction]
	row := func(m match) string {
		return strings.Join([]string{m.Left.Name, m.Left.City, m.Left.State, strconv.Itoa(m.Right.ID)}, "\t")
	}
	joins := map[string]func(stream.Keyed[int, nexmarkPerson], stream.Keyed[int, nexmarkAuction]) stream.Stream[string]{
		"IntervalJoin": func(persons stream.Keyed[int, nexmarkPerson], auctions stream.Keyed[int, nexmarkAuction]) stream.Stream[string] {
			return persons.IntervalJoin(auctions, -forever, forever, stream.Inner, row)
		},
		"WindowJoin": func(persons stream.Keyed[int, nexmarkPerson], auctions stream.Keyed[int, nexmarkAuction]) stream.Stream[string] {
			return persons.WindowJoin(auctions, window.Global(), stream.Inner, row).
				Map(func(p stream.Pane[int, string]) string { return p.Value })
		},
		"Connect": func(persons stream.Keyed[int, nexmarkPerson], auctions stream.Keyed[int, nexmarkAuction]) stream.Stream[string] {
			return persons.Connect(auctions, func(*stream.OperatorContext) (stream.CoProcessor[int, nexmarkPerson, nexmarkAuction, string], error) {
				return &sellerJoin{map[int]nexmarkPerson{}, map[int][]nexmarkAuction{}, row}, nil
			})
		},
	}
	for name, join := range joins {
		t.Run(name, func(t *testing.T) {
			requireNexmark(t, "q3", func(line string) string { return line }, func(p pipeline) stream.Stream[string] {
				persons := nexmarkInput(t, p, "person.jsonl", func(x nexmarkPerson) time.Time { return x.At }).
					Filter(func(x nexmarkPerson) bool { return x.State == "or" || x.State == "id" || x.State == "ca" }).
					KeyBy(func(x nexmarkPerson) int { return x.ID })
				auctions := nexmarkInput(t, p, "auction.jsonl", func(a nexmarkAuction) time.Time { return a.At }).
					Filter(func(a nexmarkAuction) bool { return a.Category == 10 }).
					KeyBy(func(a nexmarkAuction) int { return a.Seller })
				return join(persons, auctions)
			})
		})
	}
}

// A sellerJoin joins persons, of which there is one for each key, with their
// auctions, whichever comes first.
type sellerJoin struct {
	persons  map[int]nexmarkPerson
	auctions map[int][]nexmarkAuction
	row      func(stream.Match[nexmarkPerson, nexmarkAuction]) string
}

func (j *sellerJoin) ProcessLeft(in *stream.KeyedBatch[int, nexmarkPerson], out *stream.Emitter[string]) error {
	for row, person := range in.All() {
		j.persons[in.Key(row)] = person
		for _, auction := range j.auctions[in.Key(row)] {
			out.Emit(j.row(stream.Match[nexmarkPerson, nexmarkAuction]{Left: person, Right: auction}), in.Time(row))
		}
	}
	return nil
}

func (j *sellerJoin) ProcessRight(in *stream.KeyedBatch[int, nexmarkAuction], out *stream.Emitter[string]) error {
	for row, auction := range in.All() {
		j.auctions[in.Key(row)] = append(j.auctions[in.Key(row)], auction)
		if person, ok := j.persons[in.Key(row)]; ok {
			out.Emit(j.row(stream.Match[nexmarkPerson, nexmarkAuction]{Left: person, Right: auction}), in.Time(row))
		}
	}
	return nil
}

func (j *sellerJoin) Save(w *stream.StateWriter) error {
	return errors.Join(w.PutKeyed("persons", maps.All(j.persons)), w.PutKeyed("auctions", maps.All(j.auctions)))
}

func (j *sellerJoin) Restore(r *stream.StateReader) error {
	persons, err := r.Keyed[int, nexmarkPerson]("persons")
	if err != nil {
		return err
	}
	for _, p := range persons {
		j.persons[p.Key] = p.Value
	}
	auctions, err := r.Keyed[int, []nexmarkAuction]("auctions")
	for _, a := range auctions {
		j.auctions[a.Key] = a.Value
	}
	return err
}

// Q5 has two stages: the bids of each auction, and in what then is one window
// of the slide's length, the auctions that have the most.
func TestNexmarkQ5(t *testing.T) {
	type bids = stream.Pane[int, int64]
	type row struct {
		Auction int
		Bids    int64
	}
	parse := func(line string) (r row) {
		_, err := fmt.Sscan(line, &r.Auction, &r.Bids)
		require.NoError(t, err)
		return r
	}
	requireNexmark(t, "q5", parse, func(p pipeline) stream.Stream[row] {
		return nexmarkBids(t, p).
			KeyBy(func(b nexmarkBid) int { return b.Auction }).
			Window(window.Sliding(10*time.Second, 2*time.Second)).
			Count().
			Window(window.Tumbling(2 * time.Second)).
			Aggregate(window.Collect[bids]()).
			FlatMap(func(p stream.Pane[stream.NoKey, []bids], emit func(row)) {
				most := int64(0)
				for _, b := range p.Value {
					most = max(most, b.Value)
				}
				for _, b := range p.Value {
					if b.Value == most {
						emit(row{b.Key, b.Value})
					}
				}
			})
	})
}

// Q7 joins the highest price of each window with the bids that hold it. The
// window's end counts as in it, so the bids are not those of the window: they
// are those of an interval around the pane, which stands at the last moment
// of its window.
func TestNexmarkQ7(t *testing.T) {
	type highest = stream.Pane[stream.NoKey, int]
	const size = 10 * time.Second
	requireNexmark(t, "q7", func(line string) string { return line }, func(p pipeline) stream.Stream[string] {
		price := func(b nexmarkBid) int { return b.Price }
		bids := nexmarkBids(t, p)
		return bids.
			Window(window.Tumbling(size)).
			Aggregate(window.Max(price)).
			KeyBy(func(p highest) int { return p.Value }).
			IntervalJoin(bids.KeyBy(price), 1-size, 1, stream.Inner, func(m stream.Match[highest, nexmarkBid]) string {
				b := m.Right
				return fmt.Sprintf("%d %d %d %s", b.Auction, b.Price, b.Bidder, b.At.Format("2006-01-02 15:04:05.999"))
			})
	})
}
