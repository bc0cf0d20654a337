package hbasesink_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

type item struct {
	Key  string  `hbase:"@row"`
	N    int     `hbase:"d:n"`
	Big  []byte  `hbase:"d:big"`
	Note *string `hbase:"d:note"`
	Bad  *string `hbase:"zz:bad"`
	At   int64   `hbase:"@time"`
}

func (i item) key() string { return i.Key }

// A row is what is read of an item.
type row struct {
	Key  string  `hbase:"@row"`
	N    int     `hbase:"d:n"`
	Note *string `hbase:"d:note"`
	At   int64   `hbase:"@time"`
}

func (r row) String() string {
	if r.Note != nil {
		return fmt.Sprint(r.Key, "=", r.N, "@", r.At, " ", *r.Note)
	}
	return fmt.Sprint(r.Key, "=", r.N, "@", r.At)
}

func started(t testing.TB, more ...string) *hbasetest.Gateway {
	g := hbasetest.NewGateway()
	t.Cleanup(g.Close)
	g.Create("t", append(more, "d"))
	return g
}

// table returns what is in the table.
func table(t testing.TB, g *hbasetest.Gateway) (all []string) {
	t.Helper()
	out := sink.Collect[row]()
	p := stream.New("read")
	p.From(hbasesource.Table[row](g.Client(), g.URL, "t")).To(out)
	require.NoError(t, p.Run(t.Context()))
	for _, r := range out.Values() {
		all = append(all, r.String())
	}
	return all
}

func run[T any](t testing.TB, all []T, to stream.Sink[T], opts ...stream.Option) (*stream.Pipeline, error) {
	t.Helper()
	p := stream.New("shop")
	p.From(source.Slice(all)).To(to, append(opts, stream.Name("items"))...)
	return p, p.Run(t.Context(), stream.Shards(1))
}

func text(s string) *string { return &s }

// Rows that the gateway refuses, or that cannot be sent, are failures of their events, and all others are in: wherever they stand, and however
// many rows a request has.
func TestRefused(t *testing.T) {
	var all []item
	var want, refused []string
	for i := range 100 {
		x := item{Key: fmt.Sprintf("k%03d", i), N: i, At: int64(1 + i)}
		bad := true
		switch {
		case i == 0 || i == 50 || i == 51:
			x.Bad = text("no such family")
		case i == 99:
			x.Big = make([]byte, 11<<20)
		case i == 20:
			x.Key = ""
		case i == 21:
			x.Key = strings.Repeat("k", 32768)
		case i == 22:
			x.At = -1
		case i == 23:
			x.At = 0
		default:
			bad = false
			want = append(want, fmt.Sprintf("k%03d=%d@%d", i, i, 1+i))
		}
		if bad {
			refused = append(refused, fmt.Sprint(i))
		}
		all = append(all, x)
	}
	for _, batch := range []int{1, 7, 1000} {
		t.Run(fmt.Sprint(batch), func(t *testing.T) {
			g := started(t)
			p := stream.New("shop")
			var failures stream.Failures[item]
			p.From(source.Slice(all)).To(hbasesink.Puts(g.Client(), g.URL, "t", item.key, hbasesink.Batch(batch)), stream.Divert(&failures), stream.Name("items"))
			bad := sink.Collect[stream.Failed[item]]()
			failures.Stream().To(bad)
			require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
			require.Equal(t, want, table(t, g))
			var got []string
			for _, f := range bad.Values() {
				got = append(got, fmt.Sprint(f.Value.N))
				var e *hbasesink.WriteError
				require.ErrorAs(t, f.Err, &e)
				require.Equal(t, "items", e.Sink)
			}
			require.Equal(t, refused, got)
		})
	}
	g := started(t)
	_, err := run(t, all[:1], hbasesink.Puts(g.Client(), g.URL, "t", item.key))
	require.ErrorContains(t, err, `hbasesink: items: table t: row "k000": the gateway says 404: `)
	require.ErrorContains(t, err, "Column family zz does not exist in region; the table has no such family: add it, or mend the tag")
	_, err = run(t, all[23:24], hbasesink.Puts(g.Client(), g.URL, "t", item.key))
	require.ErrorContains(t, err, `row "k023": the event has no time: call EventTime, give a field the tag @time, or take ServerTime`)
}

// What is no row's fault ends the run, whatever is to be done about rows.
func TestEnds(t *testing.T) {
	g := started(t)
	to := func(opts ...hbasesink.Option) stream.Sink[item] {
		return hbasesink.Puts(g.Client(), g.URL, "t", item.key, append(opts, hbasesink.Retry(50*time.Millisecond))...)
	}
	for status, want := range map[int]string{
		401: "the gateway wants to know who asks", 403: "the user may not do this", 503: "tried for ", 405: "the gateway says 405",
	} {
		g.Fault = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				w.WriteHeader(status)
			}
			return r.Method == http.MethodPut
		}
		_, err := run(t, []item{{Key: "k", At: 1}}, to(), stream.SkipFailures())
		require.ErrorContains(t, err, want)
	}
	g.Fault = nil
	_, err := run(t, []item{{Key: "k", At: 1}}, hbasesink.Puts(g.Client(), g.URL, "nope", item.key))
	require.ErrorContains(t, err, "TableNotFoundException: nope; create the table")
	type other struct {
		X int `hbase:"x:y"`
	}
	_, err = run(t, []other{{}}, hbasesink.Puts(g.Client(), g.URL, "t", func(other) string { return "k" }))
	require.ErrorContains(t, err, `has no family "x"`)
}

// Answers that are lost are asked for again, and the rows are there once.
func TestLost(t *testing.T) {
	g := started(t)
	n := 0
	g.Lose = func(r *http.Request) bool { n++; return n%3 == 0 }
	var all []item
	var want []string
	for i := range 50 {
		all = append(all, item{Key: fmt.Sprintf("k%03d", i), N: i, At: int64(1 + i)})
		want = append(want, fmt.Sprintf("k%03d=%d@%d", i, i, 1+i))
	}
	_, err := run(t, all, hbasesink.Puts(g.Client(), g.URL, "t", item.key, hbasesink.Batch(7)))
	require.NoError(t, err)
	g.Lose = nil
	require.Equal(t, want, table(t, g))
}

// changes of rows, of which some meet in a batch.
func changes() []stream.Change[item] {
	at := func(key string, n int, at int64, note *string) item { return item{Key: key, N: n, At: at, Note: note} }
	a1, a2, a3 := at("a", 1, 1, text("new")), at("a", 2, 2, nil), at("a", 3, 4, text("again"))
	b1, c1 := at("b", 1, 1, nil), at("c", 1, 2, text("was b"))
	d := at("d", 1, 1, nil)
	return []stream.Change[item]{
		{Kind: stream.Insert, After: a1}, {Kind: stream.Insert, After: b1}, {Kind: stream.Insert, After: d},
		{Kind: stream.Update, After: a2, Before: a1, HasBefore: true},
		{Kind: stream.Update, After: c1, Before: b1, HasBefore: true},
		{Kind: stream.Delete, Before: at("d", 1, 2, nil), HasBefore: true},
		{Kind: stream.Delete, Before: at("a", 2, 3, nil), HasBefore: true},
		{Kind: stream.Insert, After: a3},
	}
}

// A table follows changes, and ends the same if they come again, from wherever.
func TestChanges(t *testing.T) {
	for _, batch := range []int{1, 3, 1000} {
		for from := range len(changes()) {
			g := started(t, "zz")
			to := hbasesink.Changes(g.Client(), g.URL, "t", item.key, hbasesink.Batch(batch))
			all := changes()
			_, err := run(t, append(slices.Clone(all), all[from:]...), to)
			require.NoError(t, err)
			require.Equal(t, []string{"a=3@4 again", "c=1@2 was b"}, table(t, g))
		}
	}
	g := started(t)
	_, err := run(t, []stream.Change[item]{{Kind: stream.Delete}}, hbasesink.Changes(g.Client(), g.URL, "t", item.key))
	require.ErrorContains(t, err, "a delete without the row as it was has no key")
}

// An update whose row is refused leaves the row as it was.
func TestRefusedChange(t *testing.T) {
	g := started(t, "zz")
	old, now := item{Key: "a", N: 1, At: 1}, item{Key: "b", N: 2, At: 2, Big: make([]byte, 11<<20)}
	_, err := run(t, []stream.Change[item]{{Kind: stream.Insert, After: old}, {Kind: stream.Update, After: now, Before: old, HasBefore: true}},
		hbasesink.Changes(g.Client(), g.URL, "t", item.key), stream.SkipFailures())
	require.NoError(t, err)
	require.Equal(t, []string{"a=1@1"}, table(t, g))
}

// With the server's time the order of the events counts.
func TestServerTime(t *testing.T) {
	g := started(t, "zz")
	var all []stream.Change[item]
	for _, c := range changes() {
		c.Before.At, c.After.At = 0, 0
		all = append(all, c)
	}
	_, err := run(t, all, hbasesink.Changes(g.Client(), g.URL, "t", item.key, hbasesink.ServerTime()))
	require.NoError(t, err)
	var got []string
	for _, r := range table(t, g) {
		got = append(got, r[:3])
	}
	require.Equal(t, []string{"a=3", "c=1"}, got)
}

// A row is inserted once: by this event, whose answer may be lost, or it is a failure.
func TestCheckAndPuts(t *testing.T) {
	g := started(t)
	isNew := func(item) hbasesink.Check { return hbasesink.Check{Column: "d:n"} }
	to := hbasesink.CheckAndPuts(g.Client(), g.URL, "t", item.key, isNew)
	var n atomic.Int64
	g.Lose = func(r *http.Request) bool { return n.Add(1)%4 == 0 }
	var all []item
	for i := range 40 {
		all = append(all, item{Key: fmt.Sprintf("k%03d", i%30), N: i, At: int64(1 + i)})
	}
	p, err := run(t, all, to, stream.SkipFailures())
	require.NoError(t, err)
	s, _ := p.Stats().Operator("items")
	require.EqualValues(t, 10, s.Failed)
	p, err = run(t, all, to, stream.SkipFailures())
	require.NoError(t, err)
	s, _ = p.Stats().Operator("items")
	require.EqualValues(t, 10, s.Failed, "in a replay the same ones fail")
	g.Lose = nil
	require.Len(t, table(t, g), 30)
	require.Equal(t, "k009=9@10", table(t, g)[9])

	_, err = run(t, []item{{Key: "k000", N: 5, At: 100}}, to)
	require.ErrorIs(t, err, hbasesink.ErrCheckFailed)
	from9 := hbasesink.CheckAndPuts(g.Client(), g.URL, "t", item.key, func(item) hbasesink.Check { return hbasesink.Check{Column: "d:n", Value: []byte("9")} })
	_, err = run(t, []item{{Key: "k009", N: 5, At: 100}}, from9)
	require.NoError(t, err)
	require.Equal(t, "k009=5@100", table(t, g)[9])
	_, err = run(t, []item{{Key: "k", At: 1}}, hbasesink.CheckAndPuts(g.Client(), g.URL, "t", item.key, func(item) hbasesink.Check { return hbasesink.Check{Column: "d:other"} }))
	require.ErrorContains(t, err, `the column "d:other" is checked and not put`)
}

// No secret of an address is in an error.
func TestSecrets(t *testing.T) {
	g := started(t)
	g.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		user, password, ok := r.BasicAuth()
		http.Error(w, fmt.Sprint(user, " ", password, " ", ok), http.StatusForbidden)
		return true
	}
	_, err := run(t, []item{{Key: "k", At: 1}}, hbasesink.Puts(g.Client(), strings.Replace(g.URL, "//", "//user:hunter2@", 1), "t", item.key))
	require.ErrorContains(t, err, "user *** true")
	require.NotContains(t, err.Error(), "hunter2")
	_, err = run(t, []item{{Key: "k", At: 1}}, hbasesink.Puts(g.Client(), "http://user:hunter2@127.0.0.1:1", "t", item.key, hbasesink.Retry(0)))
	require.ErrorContains(t, err, "refused")
	require.NotContains(t, err.Error(), "hunter2")
}

func TestMistakes(t *testing.T) {
	g := started(t)
	for _, f := range []func(){
		func() { hbasesink.Puts[int](g.Client(), g.URL, "t", func(int) string { return "" }) },
		func() { hbasesink.Puts[item](g.Client(), g.URL, "t", nil) },
		func() { hbasesink.Puts(nil, g.URL, "t", item.key) },
		func() { hbasesink.Puts(g.Client(), "gateway", "t", item.key) },
		func() { hbasesink.CheckAndPuts(g.Client(), g.URL, "t", item.key, nil) },
		func() {
			hbasesink.CheckAndPuts(g.Client(), g.URL, "t", item.key, func(item) hbasesink.Check { return hbasesink.Check{} }, hbasesink.ServerTime())
		},
		func() { hbasesink.Batch(0) }, func() { hbasesink.AtOnce(0) }, func() { hbasesink.Retry(-1) }, func() { hbasesink.Timeout(0) },
		func() { hbasesink.Salted("k", 0) }, func() { hbasesink.Salted("k", 257) },
	} {
		require.Panics(t, f)
	}
	require.True(t, errors.Is(&hbasesink.WriteError{Err: hbasesink.ErrCheckFailed}, hbasesink.ErrCheckFailed))
}
