// Package shop is the program that the proofs of recovery kill. Their test binary is it, where it is called with one of these:
//
//	shop write DIR SEED EVENTS   writes input files
//	shop plain IN OUT            runs the pipeline undisturbed
//	shop run DIR SHARDS [PLACE]  runs it with checkpoints; it dies at a place, "name#n"
//	shop burn                    keeps a processor busy
package shop

import (
	"database/sql"
	"fmt"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// An order and a visit are what the shop has written to files.
type order struct {
	ID       int    `json:"id"`
	Customer int    `json:"customer"`
	Cents    int64  `json:"cents"`
	At       int64  `json:"at"` // milliseconds
	Note     string `json:"note"`
}

func (o order) customer() int   { return o.Customer }
func (o order) cents() int64    { return o.Cents }
func (o order) time() time.Time { return time.UnixMilli(o.At) }

type visit struct {
	Customer int   `json:"customer"`
	At       int64 `json:"at"`
}

func (v visit) customer() int   { return v.Customer }
func (v visit) time() time.Time { return time.UnixMilli(v.At) }

// A result is a row of any kind: what it is about, and what it says.
type result struct {
	Of    string `json:"of"`
	Value string `json:"value"`
}

// shop is the pipeline that is killed: files in, windows of several kinds, a join,
// state and timers, and transactional sinks.
func shop(in, out string, db *sql.DB) *stream.Pipeline {
	p := stream.New("shop")
	dir := os.DirFS(in)
	orders := p.From(source.Files(dir, "orders-*.jsonl", codec.JSON[order](), source.SplitSize(200_000)), stream.Name("orders")).
		EventTime(order.time, stream.Disorder(2*time.Second))
	visits := p.From(source.Files(dir, "visits-*.jsonl", codec.JSON[visit]()), stream.Name("visits")).
		EventTime(visit.time, stream.Disorder(2*time.Second))
	keyed, seen := orders.KeyBy(order.customer), visits.KeyBy(visit.customer)

	files := func(name string, s stream.Stream[result], opts ...sink.FilesOption) {
		s.To(sink.Files(out, name+"-*.jsonl", codec.JSON[result](), opts...), stream.Name(name+" files"))
	}
	pane := func(kind string) func(stream.Pane[int, int64]) result {
		return func(p stream.Pane[int, int64]) result {
			return result{fmt.Sprint(kind, " of ", p.Key, " until ", p.End.UnixMilli(), " ", p.Timing, " ", p.Index), fmt.Sprint(p.Value)}
		}
	}
	sums := keyed.Window(window.Tumbling(5*time.Second), stream.Name("revenue")).Aggregate(window.Sum(order.cents)).Map(pane("revenue"))
	most := keyed.Window(window.Sliding(20*time.Second, 4*time.Second)).Aggregate(window.Max(order.cents)).Map(pane("highest"))
	files("windows", sums.Merge(most), sink.RollSize(20_000))

	sessions := seen.Window(window.Session(4 * time.Second)).Count().Map(pane("session"))
	rows(db, "sessions", sessions)

	bought := seen.IntervalJoin(keyed, 0, 3*time.Second, stream.LeftOuter, func(m stream.Match[visit, order]) result {
		if !m.HasRight {
			return result{fmt.Sprint("visit of ", m.Left.Customer, " at ", m.Left.At), "nothing"}
		}
		return result{fmt.Sprint("visit of ", m.Left.Customer, " at ", m.Left.At), fmt.Sprint("order ", m.Right.ID)}
	})
	files("bought", bought, sink.RollEvery(time.Minute))

	inTime, late := orders.SplitLate() // a late one comes when it comes, which a balance would show
	rows(db, "late", late.Map(func(o order) result { return result{fmt.Sprint("order ", o.ID), "late"} }))
	balance := inTime.KeyBy(order.customer).Process(func(c *stream.KeyContext[int, tally, result], o order) error {
		c.State().Sum += int(o.Cents)
		c.SetTimer(c.Time().Add(time.Second))
		c.Emit(result{fmt.Sprint("order ", o.ID), fmt.Sprint("balance ", c.State().Sum)})
		return nil
	}, func(c *stream.KeyContext[int, tally, result]) error {
		c.State().Timers++
		c.Emit(result{fmt.Sprint("timer of ", c.Key(), " at ", c.Time().UnixMilli()), fmt.Sprint(*c.State())})
		return nil
	}, stream.InOrder())
	rows(db, "balance", balance)
	return p
}

type tally struct{ Sum, Timers int }
