package hbasetest_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

// many are rows whose keys begin with all letters.
func many(n int, behind string) (all []order) {
	for i := range n {
		all = append(all, order{Key: fmt.Sprintf("%c%05d%s", 'a'+i*26/n, i, behind), Number: int64(i), Shop: fmt.Sprint("s", i%7), Cents: float64(i), At: int64(1 + i)})
	}
	return all
}

// Regions that move and split, and a gateway that restarts and forgets its scanners, lose no row of a source or a sink and repeat none. Each
// row has one version, whatever was sent twice.
func TestMoving(t *testing.T) {
	s := hbasetest.Start(t)
	from, to := s.Table("i", "r"), s.Table("i", "r")
	all := many(2500, "\xff")
	h := client(t)
	run(t, hbasesink.Puts(h, s.URL, from, order.key), all)
	var done, each atomic.Bool
	ended := make(chan error, 1)
	go func() {
		p := stream.New("copy")
		p.From(hbasesource.Table[order](h, s.URL, from, hbasesource.AnswerCells(300), hbasesource.Timeout(answers), hbasesource.Retry(patience))).
			Tap(func(o order) {
				if o.Number%4 == 0 {
					time.Sleep(4 * time.Millisecond) // so that it goes on meanwhile
				}
				for o.Number%100 == 99 && !each.Load() && t.Context().Err() == nil {
					time.Sleep(time.Millisecond) // some of each kind have to happen before the end
				}
			}).
			To(hbasesink.Puts(h, s.URL, to, order.key, hbasesink.Timeout(answers), hbasesink.Retry(patience)))
		ended <- p.Run(t.Context(), stream.BatchSize(100))
		done.Store(true)
	}()
	moves, splits, restarts := 0, 0, 0
	for i := 0; !done.Load(); i++ {
		key := fmt.Sprintf("%c%05d", 'a'+i*7%26, i*1600%2500)
		switch i % 4 {
		case 2, 3:
			if s.Try("move %s %s", []string{from, to}[i%2], key) == nil {
				moves++
			}
		case 1:
			if s.Try("split %s %s", []string{from, to}[i/4%2], key) == nil {
				splits++
			}
		case 0:
			s.Do("gateway restart")
			restarts++
		}
		each.Store(moves*splits*restarts > 0)
	}
	require.NoError(t, <-ended)
	t.Logf("%d moves, %d splits, %d restarts of the gateway", moves, splits, restarts)
	require.NotZero(t, moves*splits*restarts)
	once(t, s.URL, to, all)
}

// once checks that a table has these rows, each cell in one version.
func once(t *testing.T, url, table string, all []order) {
	t.Helper()
	require.Equal(t, all, read(t, hbasesource.Table[order](client(t), url, table, hbasesource.Ranges(1), hbasesource.Retry(patience))))
	type versions struct {
		Key   string                        `hbase:"@row"`
		Shops []hbasesource.Version[string] `hbase:"a:shop,versions"`
	}
	for _, v := range read(t, hbasesource.Table[versions](client(t), url, table, hbasesource.Versions(3), hbasesource.Retry(patience))) {
		require.Len(t, v.Shops, 1, "%q", v.Key)
	}
}

// A region that is away ends a scan of the gateway as if there were no more rows. It is waited for.
func TestOffline(t *testing.T) {
	s := hbasetest.Start(t)
	for name, behind := range map[string]string{"text": "", "binary": "\xff"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := s.Table("i", "r")
			all := many(600, behind)
			h := client(t)
			run(t, hbasesink.Puts(h, s.URL, table, order.key), all)
			s.Do("offline %s m", table)
			readers, err := hbasesource.Table[order](h, s.URL, table, hbasesource.Ranges(1), hbasesource.Retry(0)).Open(&stream.SourceContext{Context: t.Context()})
			require.NoError(t, err)
			for err == nil {
				err = readers[0].Read(t.Context(), stream.NewIntake[order](1000))
			}
			require.NoError(t, readers[0].Close())
			var at *source.ReadError
			require.ErrorAs(t, err, &at, "it says that the rows have ended")

			online := make(chan error, 1)
			timer := time.AfterFunc(300*time.Millisecond, func() { online <- s.Try("online %s m", table) })
			defer timer.Stop()
			got := read(t, hbasesource.Table[order](h, s.URL, table, hbasesource.Ranges(1), hbasesource.AnswerCells(100)))
			require.NoError(t, <-online)
			require.Equal(t, all, got)
		})
	}
}

// Behind the last row there is a region whose first one has more than an answer may have, in a column that nobody asks for. Whether the region
// is there is found out all the same.
func TestLargeRowWhereRegionBegins(t *testing.T) {
	s := hbasetest.Start(t)
	all := many(200, "\xff")
	table := s.Table("~")
	h := client(t)
	run(t, hbasesink.Puts(h, s.URL, table, order.key), all)
	c, err := hbaserest.New(h, s.URL, table, nil, answers, 1<<20)
	require.NoError(t, err)
	picture := hbaserest.Cell{Column: []byte("b:picture"), Time: 2000, Value: make([]byte, 1<<19)}
	require.NoError(t, c.Put(t.Context(), hbaserest.AppendRow(nil, []byte("~"), []hbaserest.Cell{picture})))
	require.Equal(t, all, read(t, hbasesource.Table[order](h, s.URL, table, hbasesource.Ranges(1), hbasesource.MaxAnswer(1<<18))))
}

// A batch of which rows are refused has all others, and each refused one is a failure of its event.
func TestRefused(t *testing.T) {
	s := hbasetest.Start(t)
	table := s.Table("m")
	type row struct {
		order
		Bad *string `hbase:"zz:bad"`
		Big []byte  `hbase:"b:big"`
	}
	var all []row
	var good []order
	no := "no such family"
	for i, o := range many(1000, "\xff") {
		r := row{order: o}
		switch i {
		case 3, 500, 501, 999:
			r.Bad = &no
		default:
			good = append(good, o)
		}
		all = append(all, r)
	}
	p := stream.New("shop")
	var failures stream.Failures[row]
	p.From(source.Slice(all)).To(hbasesink.Puts(client(t), s.URL, table, func(r row) string { return r.Key }), stream.Divert(&failures), stream.Name("rows"))
	bad := sink.Collect[stream.Failed[row]]()
	failures.Stream().To(bad)
	require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.BatchSize(1000)))
	var numbers []int64
	for _, f := range bad.Values() {
		numbers = append(numbers, f.Value.Number)
	}
	require.Equal(t, []int64{3, 500, 501, 999}, numbers)
	require.ErrorContains(t, bad.Values()[0].Err, "NoSuchColumnFamilyException")
	once(t, s.URL, table, good)

	w, err := hbasesink.Puts(client(t), s.URL, table, func(r row) string { return r.Key }).Open(&stream.SinkContext{Context: t.Context(), Name: "rows"})
	require.NoError(t, err)
	in := stream.NewIntake[row](1)
	in.Append(row{order: good[0], Big: make([]byte, 10<<20+1)})
	require.ErrorContains(t, w.Write(t.Context(), in.Batch()), "KeyValue size too large")
}

// Changes, checks, polls and lookups as the real gateway has them.
func TestKinds(t *testing.T) {
	s := hbasetest.Start(t)
	table := s.Table("m")
	h := client(t)
	a, b, c := many(3, "\x00\xff")[0], many(3, "\x00\xff")[1], many(3, "\x00\xff")[2]
	now := time.Now().UnixMilli()
	a.At, b.At, c.At = now-3, now-2, now-1
	a2 := a
	a2.Shop, a2.At = "changed", now
	changes := hbasesink.Changes(h, s.URL, table, order.key)
	all := []stream.Change[order]{
		{Kind: stream.Insert, After: a}, {Kind: stream.Insert, After: b}, {Kind: stream.Insert, After: c},
		{Kind: stream.Update, After: a2, Before: a, HasBefore: true}, {Kind: stream.Delete, Before: b, HasBefore: true},
	}
	for range 2 {
		run(t, changes, all)
		require.Equal(t, []order{a2, c}, read(t, hbasesource.Table[order](h, s.URL, table)))
	}

	isNew := hbasesink.CheckAndPuts(h, s.URL, table, order.key, func(order) hbasesink.Check { return hbasesink.Check{Column: "a:shop"} })
	d := order{Key: "d\xff", Shop: "new", At: now}
	for range 2 {
		run(t, isNew, []order{d}) // a replay is none that fails
	}
	w, err := isNew.Open(&stream.SinkContext{Context: t.Context(), Name: "d"})
	require.NoError(t, err)
	in := stream.NewIntake[order](3)
	in.Append(d, a, order{Key: "e", Shop: "new", At: now})
	err = w.Write(t.Context(), in.Batch())
	require.ErrorIs(t, err, hbasesink.ErrCheckFailed)
	var row *stream.RowError
	require.ErrorAs(t, err, &row)
	require.Equal(t, 1, row.Row)

	// Filters are the region servers': one of keys, one of values.
	prefix := hbasesource.Filter(`{"type":"PrefixFilter","value":"` + base64.StdEncoding.EncodeToString([]byte(a2.Key)) + `"}`)
	require.Equal(t, []order{a2}, read(t, hbasesource.Table[order](h, s.URL, table, prefix)))
	old := hbasesource.Filter(`{"type":"SingleColumnValueFilter","op":"NOT_EQUAL","family":"YQ==","qualifier":"c2hvcA==","comparator":{"type":"BinaryComparator","value":"bmV3"}}`)
	require.Equal(t, []order{a2, c}, read(t, hbasesource.Table[order](h, s.URL, table, old)), "those whose shop is not new")
	require.Empty(t, read(t, hbasesource.Table[order](h, s.URL, table, prefix, hbasesource.Range("c", ""))))

	find := hbasesource.Lookup[string, order](h, s.URL, table, func(key string) string { return key })
	got, err := find(t.Context(), a2.Key)
	require.NoError(t, err)
	require.Equal(t, a2, got)
	_, err = find(t.Context(), b.Key)
	require.ErrorIs(t, err, hbasesource.ErrMissing)
	_, err = hbasesource.Lookup[string, order](h, s.URL, "nope", func(key string) string { return key })(t.Context(), "k")
	require.ErrorContains(t, err, "create the table")

	type odd struct {
		All map[string]string `hbase:"b:*"`
		Odd string            `hbase:"a:o/d"`
		At  int64             `hbase:"@time"`
	}
	o := odd{map[string]string{"": "empty", "x,/\xff": "binary"}, "odd", now}
	run(t, hbasesink.Puts(h, s.URL, table, func(odd) string { return "odd" }), []odd{o})
	require.Equal(t, []odd{o}, read(t, hbasesource.Table[odd](h, s.URL, table, hbasesource.Prefix("odd"))))
	v, err := hbasesource.Lookup[string, odd](h, s.URL, table, func(key string) string { return key })(t.Context(), "odd")
	require.NoError(t, err)
	require.Equal(t, o, v)

	polled := make(chan order, 100)
	ctx, cancel := context.WithCancel(t.Context())
	p := stream.New("poll")
	p.From(hbasesource.Poll[order](h, s.URL, table, hbasesource.Every(50*time.Millisecond), hbasesource.Filter(`{"type":"PrefixFilter","value":"`+"YQ=="+`"}`))).
		Tap(func(o order) { polled <- o }).To(sink.Discard[order]())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx) }()
	require.Equal(t, a2, <-polled)
	a2.Paid, a2.At = true, time.Now().UnixMilli()
	run(t, hbasesink.Puts(h, s.URL, table, order.key), []order{a2, c})
	require.Equal(t, a2, <-polled)
	cancel()
	<-ended
	require.Empty(t, polled)
}

// A table that is not there, and a family that it lacks, are told when a source or a sink is opened.
func TestMissing(t *testing.T) {
	s := hbasetest.Start(t)
	table := s.Table()
	type other struct {
		X int `hbase:"x:y"`
	}
	h := client(t)
	_, err := hbasesource.Table[other](h, s.URL, table).Open(&stream.SourceContext{})
	require.ErrorContains(t, err, `has no family "x", of column "x:y": it has a, b`)
	_, err = hbasesource.Table[order](h, s.URL, "nope").Open(&stream.SourceContext{})
	require.ErrorContains(t, err, "TableNotFoundException: nope; create the table")
	_, err = hbasesink.Puts(h, s.URL, "nope", order.key).Open(&stream.SinkContext{})
	require.ErrorContains(t, err, "TableNotFoundException: nope; create the table")
	_, err = hbasesource.Table[order](h, s.URL, table, hbasesource.Filter("{")).Open(&stream.SourceContext{})
	require.NoError(t, err)
	require.Empty(t, read(t, hbasesource.Table[order](h, s.URL, table)))
	require.False(t, strings.Contains(table, " "))
}
