package hbasetest_test

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

func TestMain(m *testing.M) { os.Exit(hbasetest.Main(m)) }

type order struct {
	Key    string  `hbase:"@row"`
	Number int64   `hbase:"a:number,bytes"`
	Shop   string  `hbase:"a:shop"`
	Paid   bool    `hbase:"b:paid"`
	Cents  float64 `hbase:"b:cents,bytes"`
	At     int64   `hbase:"@time"`
}

func (o order) key() string { return o.Key }

// Keys have bytes that are no UTF-8 and no text.
func orders(n int) (all []order) {
	for i := range n {
		all = append(all, order{
			Key: fmt.Sprintf("%c%c\x00\xff/%03d", 'a'+i*26/n, i%7, i), Number: int64(i), Shop: fmt.Sprint("s", i%5), Paid: i%2 == 0, Cents: float64(i) / 8, At: int64(1000 + i),
		})
	}
	slices.SortFunc(all, func(a, b order) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// client returns a client whose connections end with the test.
func client(t testing.TB) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// brief returns a client that keeps no connections: the suites count goroutines.
func brief() *http.Client { return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} }

// A place is a real gateway, or the stand-in.
type place struct {
	url   string
	table func(splits ...string) string
}

func places(t *testing.T) map[string]place {
	server := hbasetest.Start(t)
	gateway := hbasetest.NewGateway()
	t.Cleanup(gateway.Close)
	n := 0
	return map[string]place{
		"HBase": {server.URL, server.Table},
		"stand-in": {gateway.URL, func(splits ...string) string {
			n++
			name := fmt.Sprint("t", n)
			gateway.Create(name, []string{"a", "b"}, splits...)
			return name
		}},
	}
}

// fill puts orders, and cells that are older, into a table.
func fill(t testing.TB, url, table string, all []order) {
	t.Helper()
	c, err := hbaserest.New(client(t), url, table, nil, time.Minute, 1<<20)
	require.NoError(t, err)
	run(t, hbasesink.Puts(client(t), url, table, order.key), all)
	var set []byte
	for _, o := range all {
		if o.Number%3 == 0 {
			set = hbaserest.AppendRow(set, []byte(o.Key), []hbaserest.Cell{{Column: []byte("a:shop"), Time: o.At - 500, Value: []byte("old")}})
		}
	}
	require.NoError(t, c.Put(t.Context(), set))
}

func run[T any](t testing.TB, to stream.Sink[T], all []T, opts ...stream.Option) {
	t.Helper()
	w, err := to.Open(&stream.SinkContext{Context: t.Context(), Name: "orders"})
	require.NoError(t, err)
	in := stream.NewIntake[T](len(all))
	in.Append(all...)
	require.NoError(t, w.Write(t.Context(), in.Batch()))
	require.NoError(t, w.Close())
}

// read reads a source to its end.
func read[T any](t testing.TB, src stream.Source[T]) (all []T) {
	t.Helper()
	readers, err := src.Open(&stream.SourceContext{Context: t.Context(), BatchSize: 512})
	require.NoError(t, err)
	for _, r := range readers {
		for {
			in := stream.NewIntake[T](512)
			err := r.Read(t.Context(), in)
			for _, v := range in.Batch().All() {
				all = append(all, v)
			}
			if err != nil {
				require.ErrorIs(t, err, io.EOF)
				break
			}
		}
		require.NoError(t, r.Close())
	}
	return all
}

var long = flag.Bool("long", false, "run the suite of Poll on HBase, too, and not only on the stand-in")

func TestTableSuite(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			all := orders(map[string]int{"HBase": 9, "stand-in": 30}[name])
			table, faulty := p.table("g", "t"), p.table()
			fill(t, p.url, table, all)
			var good []order
			var faults []string
			for _, o := range all {
				if o.Number%9 == 4 {
					faults = append(faults, fmt.Sprintf("%s row %q", faulty, o.Key))
				} else {
					good = append(good, o)
				}
			}
			fill(t, p.url, faulty, all)
			c, err := hbaserest.New(client(t), p.url, faulty, nil, time.Minute, 1<<20)
			require.NoError(t, err)
			for _, o := range all {
				if o.Number%9 == 4 {
					require.NoError(t, c.Put(t.Context(), hbaserest.AppendRow(nil, []byte(o.Key), []hbaserest.Cell{{Column: []byte("a:number"), Time: o.At + 1, Value: []byte("many")}})))
				}
			}
			h := brief()
			suite := sourcetest.Suite[order]{
				Source: func(testing.TB) stream.Source[order] {
					return hbasesource.Table[order](h, p.url, table, hbasesource.AnswerCells(7))
				},
				Want: all, RealTime: true,
				Faulty: func(testing.TB) stream.Source[order] {
					return hbasesource.Table[order](h, p.url, faulty, hbasesource.AnswerCells(30))
				},
				FaultyWant: good, Faults: faults,
			}
			suite.Run(t)
			if name == "HBase" && !*long {
				return
			}
			suite.Faulty = nil
			suite.Source = func(testing.TB) stream.Source[order] {
				return hbasesource.Poll[order](h, p.url, table, hbasesource.AnswerCells(11), hbasesource.Every(20*time.Millisecond))
			}
			suite.Endless = true
			t.Run("poll", suite.Run)
		})
	}
}

func events(n int) (all []stream.Event[order]) {
	for _, o := range orders(n) {
		o.At = 0 // the event's
		all = append(all, stream.Event[order]{Value: o, Time: stream.Time((o.Number + 1) * 1_000_000)})
	}
	return all
}

func TestPutsSuite(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			h := brief()
			reached := func(t testing.TB, table string) func() []order {
				return func() []order {
					all := read(t, hbasesource.Table[order](h, p.url, table))
					for i := range all {
						if all[i].At != all[i].Number+1 {
							t.Errorf("%+v: its cells have another time than its event", all[i])
						}
						all[i].At = 0
					}
					return all
				}
			}
			sinktest.Suite[order]{
				Events: events(60), RealTime: true,
				Sink: func(t testing.TB) (stream.Sink[order], func() []order) {
					table := p.table("n")
					return hbasesink.Puts(h, p.url, table, order.key, hbasesink.Batch(25)), reached(t, table)
				},
				Broken: func(testing.TB) stream.Sink[order] {
					return hbasesink.Puts(h, "http://127.0.0.1:1", "t", order.key, hbasesink.Retry(0))
				},
				Outage: func(t testing.TB) (stream.Sink[order], func(), func() []order) {
					table := p.table()
					down := true
					broken := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						if down && r.Method == http.MethodPut {
							return nil, &net{}
						}
						return h.Transport.RoundTrip(r)
					})}
					return hbasesink.Puts(broken, p.url, table, order.key, hbasesink.Retry(0)), func() { down = false }, reached(t, table)
				},
			}.Run(t)
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// net is an error of the network.
type net struct{}

func (*net) Error() string   { return "the network is down" }
func (*net) Timeout() bool   { return false }
func (*net) Temporary() bool { return true }
