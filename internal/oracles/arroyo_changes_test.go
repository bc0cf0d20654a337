package oracles_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec/debezium"
	"github.com/freshet-go/freshet/window"
)

// A told change is one of a golden.
type told[R any] struct {
	Before *R     `json:"before"`
	After  *R     `json:"after"`
	Op     string `json:"op"`
}

// requireArroyoTable holds the changes of a table against those of a golden: what stands at the end has to
// be the same, as a multiset of texts.
func requireArroyoTable[R, G any](t *testing.T, golden string, query func(arroyoQuery) stream.Stream[stream.Change[R]], ours func(R) string, theirs func(G) string) {
	t.Helper()
	count := map[string]int{}
	for _, c := range readRows[told[G]](t, shared(t, "oracles", "arroyo", "golden", golden+".json")) {
		if c.Before != nil {
			count[theirs(*c.Before)]--
		}
		if c.After != nil {
			count[theirs(*c.After)]++
		}
	}
	want := standing(t, count)
	dir, agree := shared(t, "oracles", "arroyo", "inputs"), 0
	for _, split := range []int64{1 << 30, 1 << 15} {
		build := plan[stream.Change[R]](func(p pipeline) stream.Stream[stream.Change[R]] { return query(arroyoQuery{p, dir, split}) })
		for way, got := range build.ways(t, golden) {
			count := map[string]int{}
			for _, c := range got.rows() {
				if c.HasBefore {
					count[ours(c.Before)]--
				}
				if c.Kind != stream.Delete {
					count[ours(c.After)]++
				}
			}
			agree = requireAgreement(t, want, standing(t, count), "%s %s, split by %d bytes", golden, way, split)
			require.Zero(t, got.dropped, "%s %s: events dropped", golden, way)
		}
	}
	t.Logf("%s: %d of %d rows that stand at the end agree, %s", golden, agree, len(want), allWays)
}

// standing returns the rows that are left of changes.
func standing(t *testing.T, count map[string]int) (rows []string) {
	for r, n := range count {
		require.GreaterOrEqual(t, n, 0, r)
		for range n {
			rows = append(rows, r)
		}
	}
	return rows
}

// An arroyoOrder is a row of aggregate_updates.json.
type arroyoOrder struct {
	ID       int     `json:"id"`
	Customer string  `json:"customer_name"`
	Product  string  `json:"product_name"`
	Quantity int     `json:"quantity"`
	Price    float64 `json:"price"`
	Date     int64   `json:"order_date"`
	Status   string  `json:"status"`
}

func (q arroyoQuery) orders() stream.Table[int, arroyoOrder] {
	files := source.Files(os.DirFS(q.dir), "aggregate_updates.json", debezium.Format[arroyoOrder](), source.SplitSize(q.split))
	return stream.TableOf(q.p.From(files).EventTime(debezium.Event[arroyoOrder].Time).
		Map(debezium.Event[arroyoOrder].Row).
		KeyBy(func(c stream.Change[arroyoOrder]) int { return c.Row().ID }))
}

func textOf[R any](r R) string { return fmt.Sprint(r) }

func TestArroyoDebeziumPassThrough(t *testing.T) {
	requireArroyoTable(t, "debezium_pass_through", func(q arroyoQuery) stream.Stream[stream.Change[arroyoOrder]] {
		return q.orders().Changes()
	}, func(o arroyoOrder) string {
		o.Date /= 1e6 // the golden has seconds
		return textOf(o)
	}, textOf[arroyoOrder])
}

func TestArroyoDebeziumAggregate(t *testing.T) {
	type row struct {
		ID string `json:"id"`
		C  int64  `json:"c"`
		D  int64  `json:"d"`
		Q  int    `json:"q"`
	}
	customers := window.Multiset(func(o arroyoOrder) string { return o.Customer })
	totals := window.Struct(
		window.Field(window.Count[arroyoOrder](), func(r *row, n int64) { r.C = n }),
		window.Field(customers.Distinct(), func(r *row, n int64) { r.D = n }),
		window.Field(window.Sum(func(o arroyoOrder) int { return o.Quantity + 5 }), func(r *row, n int) { r.Q = n + 10 }))
	requireArroyoTable(t, "debezium_agg", func(q arroyoQuery) stream.Stream[stream.Change[row]] {
		return q.orders().
			GroupBy(func(_ int, o arroyoOrder) string { return "p_" + o.Product }).
			Aggregate(totals).
			MapValues(func(id string, r row) row { r.ID = id; return r }).
			Changes()
	}, textOf[row], textOf[row])
}

func TestArroyoUpdatingInnerJoin(t *testing.T) {
	type row struct {
		Left  int `json:"left_count"`
		Right int `json:"right_count"`
	}
	requireArroyoTable(t, "updating_inner_join", func(q arroyoQuery) stream.Stream[stream.Change[row]] {
		counter := func(i impulse) int { return i.Counter }
		all := q.impulses(0)
		odd := all.Filter(func(i impulse) bool { return i.Counter%2 == 1 })
		return stream.LatestTable(all.KeyBy(counter)).
			Join(stream.LatestTable(odd.KeyBy(counter)), stream.Inner, func(m stream.Match[impulse, impulse]) row {
				return row{m.Left.Counter, m.Right.Counter}
			}).Changes()
	}, textOf[row], textOf[row])
}

// The other side of the join has no key that its condition names: rows are grouped by what it does, and each of a group
// is a row of the result.
func TestArroyoUpdatingFullJoin(t *testing.T) {
	type row struct {
		Left  *int `json:"left_counter"`
		Mod   *int `json:"counter_mod_2"`
		Right *int `json:"right_count"`
	}
	show := func(r row) string {
		value := func(n *int) string {
			if n == nil {
				return "null"
			}
			return fmt.Sprint(*n)
		}
		return value(r.Left) + " " + value(r.Mod) + " " + value(r.Right)
	}
	type parity struct{ Mod, Count int }
	requireArroyoTable(t, "updating_full_join", func(q arroyoQuery) stream.Stream[stream.Change[string]] {
		first := q.impulses(0).Filter(func(i impulse) bool { return i.Counter < 3 })
		left := stream.LatestTable(first.KeyBy(func(i impulse) int { return i.Counter }))
		mods := window.MultisetFunc(func(p parity) parity { return p }, func(a, b parity) int { return a.Mod - b.Mod })
		right := first.KeyBy(func(i impulse) int { return i.Counter % 2 }).
			AggregateTable(window.Count[impulse]()).
			MapValues(func(mod int, n int64) parity { return parity{mod, int(n)} }).
			GroupBy(func(_ int, p parity) int { return p.Count }).
			Aggregate(mods.Tallies())
		return left.Join(right, stream.FullOuter, func(m stream.Match[impulse, []window.Tally[parity]]) string {
			var r row
			if m.HasLeft {
				r.Left = &m.Left.Counter
			}
			if !m.HasRight {
				return show(r)
			}
			if len(m.Right) > 1 {
				return "two" // for a while
			}
			r.Mod, r.Right = &m.Right[0].Value.Mod, &m.Right[0].Value.Count
			return show(r)
		}).Changes()
	}, func(s string) string { return s }, show)
}

func TestArroyoFilterUpdatingAggregates(t *testing.T) {
	type row struct {
		Subtasks int64 `json:"subtasks"`
	}
	requireArroyoTable(t, "filter_updating_aggregates", func(q arroyoQuery) stream.Stream[stream.Change[row]] {
		return q.impulses(time.Second).
			KeyBy(func(impulse) stream.NoKey { return stream.NoKey{} }).
			AggregateTable(window.Distinct(func(i impulse) int { return i.Subtask })).
			Filter(func(_ stream.NoKey, n int64) bool { return n >= 1 }).
			MapValues(func(_ stream.NoKey, n int64) row { return row{n} }).
			Changes()
	}, textOf[row], textOf[row])
}
