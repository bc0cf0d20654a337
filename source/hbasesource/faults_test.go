package hbasesource_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

type item struct {
	Key string `hbase:"@row"`
	N   int    `hbase:"d:n"`
	M   string `hbase:"d:m"`
	At  int64  `hbase:"@time"`
}

func items(n int, key string) (all []item) {
	for i := range n {
		all = append(all, item{fmt.Sprintf(key, i), i, strings.Repeat("m", i%7), int64(1000 + i)})
	}
	return all
}

// started returns a stand-in with a table of items.
func started(t testing.TB, all []item, splits ...string) *hbasetest.Gateway {
	g := hbasetest.NewGateway()
	t.Cleanup(g.Close)
	g.Create("t", []string{"d"}, splits...)
	put(t, g, all)
	return g
}

func put(t testing.TB, g *hbasetest.Gateway, all []item) {
	t.Helper()
	p := stream.New("fill")
	p.From(source.Slice(all)).To(hbasesink.Puts(g.Client(), g.URL, "t", func(i item) string { return i.Key }))
	require.NoError(t, p.Run(t.Context()))
}

// read reads a source to its end, or to an error.
func read(t testing.TB, src stream.Source[item]) (all []item, err error) {
	t.Helper()
	readers, err := src.Open(&stream.SourceContext{Context: t.Context(), BatchSize: 512})
	if err != nil {
		return nil, err
	}
	for _, r := range readers {
		for err == nil {
			in := stream.NewIntake[item](100)
			err = r.Read(t.Context(), in)
			for _, v := range in.Batch().All() {
				all = append(all, v)
			}
		}
		if err == io.EOF {
			err = nil
		}
		if err = errors.Join(err, r.Close()); err != nil {
			return all, err
		}
	}
	return all, nil
}

// Answers that are lost, scanners that are forgotten, gateways that fail and scans that are cut lose no row and repeat none, however they
// fall; and no scanner is left behind but those that could not be told.
func TestFaults(t *testing.T) {
	for name, key := range map[string]string{"text": "k%03d", "binary": "\xff\x00%03d"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := items(40, key)
			var had faults
			var reads sync.WaitGroup // at once, as they wait before they try again
			for seed := range uint64(10) {
				g := faulty(t, all, seed, &had)
				reads.Go(func() {
					got, err := read(t, hbasesource.Table[item](&http.Client{Transport: g.Client().Transport}, g.URL, "t", hbasesource.AnswerCells(5)))
					assert.NoError(t, err)
					assert.Equal(t, all, got)
				})
			}
			reads.Wait()
			t.Logf("%d answers lost, %d times forgotten, %d failures, %d cuts", had.lost.Load(), had.forgotten.Load(), had.failed.Load(), had.cuts.Load())
			require.NotZero(t, had.lost.Load()*had.forgotten.Load()*had.failed.Load()*had.cuts.Load())
		})
	}
}

// faults counts what a gateway has done to those who ask it.
type faults struct{ lost, forgotten, failed, cuts atomic.Int64 }

// faulty returns a stand-in with a table, and with faults at random.
func faulty(t *testing.T, all []item, seed uint64, had *faults) *hbasetest.Gateway {
	g := started(t, all)
	var mu sync.Mutex // a request may come while the one whose answer was lost is still being ended
	rng := rand.New(rand.NewPCG(seed, 2))
	cut := false // regions are away: a scan ends, and whoever asks for a row is told
	g.Lose = func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		lose := strings.Contains(r.URL.Path, "/scanner/") && rng.IntN(6) == 0
		if lose {
			had.lost.Add(1)
		}
		return lose
	}
	g.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		scans := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/scanner/")
		switch {
		case cut && scans:
			w.WriteHeader(http.StatusNoContent)
			return true
		case cut && (strings.Contains(r.URL.Path, "/*") || strings.Contains(r.URL.Path, "/multiget")):
			cut = false
			http.Error(w, "Unavailable\r\norg.apache.hadoop.hbase.NotServingRegionException: t,,1 is not online", http.StatusServiceUnavailable)
			return true
		}
		switch rng.IntN(20) {
		case 0:
			had.forgotten.Add(1)
			g.Forget()
		case 1:
			had.failed.Add(1)
			w.WriteHeader(http.StatusBadGateway)
			return true
		case 2:
			if scans {
				had.cuts.Add(1)
				cut = true
				w.WriteHeader(http.StatusNoContent)
				return true
			}
		}
		return false
	}
	return g
}

func TestScannersAreLetGo(t *testing.T) {
	g := started(t, items(100, "k%03d"), "k05", "k08")
	_, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.AnswerCells(5)))
	require.NoError(t, err)
	require.Zero(t, g.Scanners(), "at the end")
	readers, err := hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.AnswerCells(5)).Open(&stream.SourceContext{Context: t.Context()})
	require.NoError(t, err)
	require.Len(t, readers, 3)
	for _, r := range readers {
		require.NoError(t, r.Read(t.Context(), stream.NewIntake[item](1)))
	}
	require.NotZero(t, g.Scanners())
	for _, r := range readers {
		require.NoError(t, r.Close())
	}
	require.Zero(t, g.Scanners(), "in the midst")
}

// An end that is never confirmed, and a scanner that is always forgotten, end the run and say why.
func TestNeverEnds(t *testing.T) {
	g := started(t, items(10, "k%03d"))
	g.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		cut := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/scanner/")
		if cut {
			w.WriteHeader(http.StatusNoContent)
		}
		return cut
	}
	_, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Retry(100*time.Millisecond)))
	require.ErrorIs(t, err, hbasesource.ErrCut)
	// So where all rows come, the last one again each time that it is looked for the end.
	g.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		asks := strings.HasSuffix(r.URL.Path, "/*")
		if asks {
			http.Error(w, "Unavailable\r\norg.apache.hadoop.hbase.NotServingRegionException: t,,1 is not online", http.StatusServiceUnavailable)
		}
		return asks
	}
	for _, src := range []stream.Source[item]{
		hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Retry(100*time.Millisecond)),
		hbasesource.Poll[item](g.Client(), g.URL, "t", hbasesource.Retry(100*time.Millisecond)),
	} {
		got, err := read(t, src)
		require.ErrorContains(t, err, "NotServingRegionException")
		require.Len(t, got, 9)
	}
	g.Fault = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			g.Forget()
		}
		return false
	}
	_, err = read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Retry(100*time.Millisecond)))
	require.ErrorContains(t, err, "the gateway does not know the scanner any more; several gateways behind one address")
	var at *source.ReadError
	require.ErrorAs(t, err, &at)
}

// What is wrong with a table is said when it is opened: scans would find nothing.
func TestMistakes(t *testing.T) {
	g := started(t, nil)
	_, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "nope", hbasesource.Retry(0)))
	require.ErrorContains(t, err, "TableNotFoundException: nope; create the table")
	type other struct {
		X int `hbase:"x:y"`
	}
	_, err = hbasesource.Table[other](g.Client(), g.URL, "t").Open(&stream.SourceContext{})
	require.ErrorContains(t, err, `table t has no family "x", of column "x:y": it has d`)
	for _, f := range []func(){
		func() { hbasesource.Table[int](g.Client(), g.URL, "t") },
		func() { hbasesource.Table[item](nil, g.URL, "t") },
		func() { hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Range("b", "a")) },
		func() { hbasesource.Poll[item](g.Client(), g.URL, "t", hbasesource.Salted(4)) },
		func() { hbasesource.Lookup[string, item](g.Client(), g.URL, "t", nil) },
		func() { hbasesource.Salted(0) }, func() { hbasesource.Salted(257) }, func() { hbasesource.Every(0) }, func() { hbasesource.Retry(-1) },
		func() { hbasesource.AnswerCells(0) },
	} {
		require.Panics(t, f)
	}
}

// A gateway whose rows are in no order, or not among those that were asked for, is not believed.
func TestWrongRows(t *testing.T) {
	g := started(t, items(10, "k%03d"))
	g.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		wrong := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/scanner/")
		if wrong {
			cells := []hbaserest.Cell{{Column: []byte("d:n"), Value: []byte("5")}}
			w.Write(hbaserest.AppendRow(hbaserest.AppendRow(nil, []byte("b"), cells), []byte("a"), cells))
		}
		return wrong
	}
	_, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t"))
	require.ErrorContains(t, err, `row "a" is not in its place`)
}

// A row may be larger than an answer, and no larger than MaxAnswer.
func TestWideRow(t *testing.T) {
	type wide struct {
		Cells map[string]string `hbase:"d:*"`
	}
	g := started(t, nil)
	v := wide{map[string]string{}}
	for i := range 1000 {
		v.Cells[fmt.Sprintf("%05d", i)] = "some text"
	}
	p := stream.New("fill")
	p.From(source.Slice([]wide{v, v})).To(hbasesink.Puts(g.Client(), g.URL, "t", func(wide) string { return "k" }, hbasesink.ServerTime()))
	require.NoError(t, p.Run(t.Context()))
	open := func(opts ...hbasesource.Option) (wide, error) {
		readers, err := hbasesource.Table[wide](g.Client(), g.URL, "t", append(opts, hbasesource.AnswerCells(30))...).Open(&stream.SourceContext{Context: t.Context()})
		require.NoError(t, err)
		defer readers[0].Close()
		in := stream.NewIntake[wide](10)
		if err := readers[0].Read(t.Context(), in); err != nil {
			return wide{}, err
		}
		return in.Batch().Value(0), nil
	}
	got, err := open()
	require.NoError(t, err)
	require.Equal(t, v, got)
	_, err = open(hbasesource.MaxAnswer(20_000))
	require.ErrorContains(t, err, `row "k" has more than 20000 bytes; see MaxAnswer`)
	_, err = open(hbasesource.MaxAnswer(100))
	require.ErrorContains(t, err, "the answer is too large; ask for fewer cells at once")
}

func TestRanges(t *testing.T) {
	all := items(100, "k%03d")
	g := started(t, all, "k010", "k020", "k050", "k090")
	got, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Prefix("k04"), hbasesource.Ranges(3)))
	require.NoError(t, err)
	require.Equal(t, all[40:50], got)
	for n := range 6 {
		readers, err := hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Ranges(n+1), hbasesource.Range("k005", "k095")).Open(&stream.SourceContext{Context: t.Context()})
		require.NoError(t, err)
		require.Len(t, readers, min(n+1, 5))
		got, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Ranges(n+1), hbasesource.Range("k005", "k095")))
		require.NoError(t, err)
		require.Equal(t, all[5:95], got)
	}
	got, err = read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Prefix("\xff")))
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestSalted(t *testing.T) {
	g := started(t, nil)
	all := items(100, "k%03d")
	p := stream.New("fill")
	p.From(source.Slice(all)).To(hbasesink.Puts(g.Client(), g.URL, "t", func(i item) string { return hbasesink.Salted(i.Key, 256) }))
	require.NoError(t, p.Run(t.Context()))
	for _, opt := range []hbasesource.Option{hbasesource.Range("k020", "k030"), hbasesource.Prefix("k02")} {
		got, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Salted(256), opt))
		require.NoError(t, err)
		for i := range got {
			got[i].Key = hbasesource.Unsalted(got[i].Key)
		}
		require.ElementsMatch(t, all[20:30], got)
	}
}

// Keys that are reversed spread numbers over regions; each is found by its number, and is that again when it has been read.
func TestReversed(t *testing.T) {
	g := started(t, nil, "3", "7")
	all := items(30, "2%03d")
	var stored []item
	for _, i := range all {
		i.Key = hbasesink.Reversed(i.Key)
		stored = append(stored, i)
	}
	put(t, g, stored)
	got, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t"))
	require.NoError(t, err)
	for i := range got {
		got[i].Key = hbasesink.Reversed(got[i].Key)
	}
	require.ElementsMatch(t, all, got)
	for _, bounds := range [][2]string{{"", "3"}, {"3", "7"}, {"7", ""}} {
		part, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Range(bounds[0], bounds[1])))
		require.NoError(t, err)
		require.Greater(t, len(part), 8, "a region has its part of numbers that were counted up")
	}
	find := hbasesource.Lookup[int, item](g.Client(), g.URL, "t", func(n int) string { return hbasesink.Reversed(fmt.Sprintf("2%03d", n)) })
	found, err := find(t.Context(), 17)
	require.NoError(t, err)
	require.Equal(t, stored[17], found)
}

func TestLookup(t *testing.T) {
	g := started(t, items(3, "k%03d\xff"))
	find := hbasesource.Lookup[int, item](g.Client(), g.URL, "t", func(n int) string { return fmt.Sprintf("k%03d\xff", n) }, hbasesource.Retry(time.Second))
	fails := 2
	g.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if fails--; fails >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return fails >= 0
	}
	v, err := find(t.Context(), 2)
	require.NoError(t, err)
	require.Equal(t, 2, v.N)
	_, err = find(t.Context(), 9)
	require.ErrorIs(t, err, hbasesource.ErrMissing)
	_, err = hbasesource.Lookup[int, item](g.Client(), g.URL, "nope", func(n int) string { return "k" })(t.Context(), 1)
	require.ErrorContains(t, err, "create the table")
	require.False(t, errors.Is(err, hbasesource.ErrMissing))
}

// Behind the last row there is a region whose first one has more than an answer may have, in a column that nobody has asked for.
func TestLargeRowWhereRegionBegins(t *testing.T) {
	const large = "\xff500"
	all := items(10, "\xff%03d")
	g := started(t, all, large)
	c, err := hbaserest.New(g.Client(), g.URL, "t", nil, 10*time.Second, 1<<20)
	require.NoError(t, err)
	picture := hbaserest.Cell{Column: []byte("d:picture"), Time: 2000, Value: make([]byte, 1<<18)}
	require.NoError(t, c.Put(t.Context(), hbaserest.AppendRow(nil, []byte(large), []hbaserest.Cell{picture})))
	asked := 0
	g.Seen = func(r *http.Request) {
		if strings.Contains(r.URL.Path, "/multiget") {
			asked++
		}
	}
	got, err := read(t, hbasesource.Table[item](g.Client(), g.URL, "t", hbasesource.Ranges(1), hbasesource.MaxAnswer(1<<16)))
	require.NoError(t, err)
	require.Equal(t, all, got)
	require.NotZero(t, asked, "no region was asked for a row")
}
