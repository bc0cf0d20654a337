package sink_test

import (
	"bytes"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
)

type base struct{ ID int }

type wide struct {
	base
	Text   string
	Float  float64
	Ptr    *int
	Wait   time.Duration
	Inner  struct{ A, B int8 }
	Addr   netip.Addr
	List   []int
	Secret string `table:"-"`
	Named  bool   `table:"ok"`
	hidden int
}

func TestTableCells(t *testing.T) {
	var b bytes.Buffer
	seven, none := 7, netip.IPv6Unspecified()
	rows := []wide{
		{Text: "plain", Float: 1.5, Ptr: &seven, Wait: time.Second, Addr: netip.MustParseAddr("1.2.3.4"), List: []int{1, 2}, Named: true, hidden: 1},
		{base: base{12}, Addr: none, Text: "esc\x1b[31m\n", Float: math.NaN(), Inner: struct{ A, B int8 }{-1, 100}},
		{Text: "äöü", Addr: none, Float: 1.0 / 3},
		{Text: strings.Repeat("long", 20), Addr: none, Float: 1e300},
	}
	write(sink.Table[wide](&b, sink.MaxWidth(12)), rows...)
	assert.Equal(t, strings.TrimPrefix(`
ID  Text           Float  Ptr  Wait   A    B  Addr     List   ok
 0  plain            1.5    7    1s   0    0  1.2.3.4  [1 2]  true
12  esc\x1b[31m…     NaN         0s  -1  100  ::       []     false
 0  äöü           0.3333         0s   0    0  ::       []     false
 0  longlonglon…  1e+300         0s   0    0  ::       []     false
`, "\n"), b.String())
}

func TestTableEvery(t *testing.T) {
	var b bytes.Buffer
	write(sink.Table[int](&b, sink.Every(2)), 1, 20, 300000, 4)
	assert.Equal(t, "value\n    1\n   20\n300000\n     4\n", b.String())
}

func TestTableSuite(t *testing.T) {
	sinktest.Suite[string]{
		Events: events(100),
		Sink: func(testing.TB) (stream.Sink[string], func() []string) {
			var b bytes.Buffer
			return sink.Table[string](&b), func() (got []string) {
				for line := range strings.Lines(b.String()) {
					if line != "value\n" {
						got = append(got, strings.TrimSuffix(line, "\n"))
					}
				}
				return got
			}
		},
		Broken: func(testing.TB) stream.Sink[string] { return sink.Table[string](brokenWriter{}) },
		Outage: func(testing.TB) (stream.Sink[string], func(), func() []string) {
			w := &faultyWriter{most: 10}
			return sink.Table[string](w), func() { w.up.Store(true) }, func() []string { return strings.Split(w.String(), "\n") }
		},
	}.Run(t)
}
