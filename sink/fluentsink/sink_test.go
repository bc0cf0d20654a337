package fluentsink_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

type sale struct {
	ID     int     `fluent:"id"`
	Shop   string  `fluent:"shop.name"`
	Amount float64 `fluent:"amount"`
}

func sales(n int) (events []stream.Event[sale]) {
	for i := range n {
		events = append(events, stream.Event[sale]{Value: sale{i, fmt.Sprintf("shop %d", i%7), float64(i) / 4}, Time: stream.Time(i * 1e9)})
	}
	return events
}

func TestSink(t *testing.T) {
	for name, opts := range map[string][]fluentsink.Option{
		"plain":  nil,
		"gzip":   {fluentsink.Gzip(), fluentsink.ChunkSize(100), fluentsink.InFlight(1)},
		"secure": {fluentsink.SharedKey("secret"), fluentsink.User("ann", "pw"), fluentsink.ChunkSize(1)},
	} {
		t.Run(name, func(t *testing.T) {
			var secure []fluentsource.Option
			if name == "secure" {
				secure = []fluentsource.Option{fluentsource.SharedKey("secret"), fluentsource.User("ann", "pw")}
			}
			var away atomic.Bool
			open := func(t testing.TB, addr string) stream.Sink[sale] {
				dial := func(ctx context.Context) (net.Conn, error) {
					if away.Load() {
						return nil, errors.New("nobody there")
					}
					return new(net.Dialer).DialContext(ctx, "tcp", addr)
				}
				return fluentsink.New[sale](addr, "shop.sales", append(opts, fluentsink.Dial(dial), fluentsink.Retry(10*time.Millisecond))...)
			}
			sinktest.Suite[sale]{
				Events: sales(100),
				Sink: func(t testing.TB) (stream.Sink[sale], func() []sale) {
					s := serve[sale](t, pushsource.Server{}, secure...)
					return open(t, s.Addr), func() []sale { return s.End() }
				},
				Broken: func(t testing.TB) stream.Sink[sale] {
					return fluentsink.New[sale]("127.0.0.1:1", "t", fluentsink.Retry(0))
				},
				Outage: func(t testing.TB) (stream.Sink[sale], func(), func() []sale) {
					s := serve[sale](t, pushsource.Server{}, secure...)
					away.Store(true)
					return open(t, s.Addr), func() { away.Store(false) }, func() []sale { return s.End() }
				},
				RealTime: true,
			}.Run(t)
		})
	}
}

type part struct {
	Name string `fluent:"name"`
	Next *part  `fluent:"next"`
}

type everything struct {
	Tag     string            `fluent:"@tag"`
	At      time.Time         `fluent:"@time"`
	Meta    map[string]any    `fluent:"@metadata"`
	Text    string            `fluent:"text"`
	Bytes   []byte            `fluent:"bytes"`
	Bool    bool              `fluent:"bool"`
	Int     int               `fluent:"int"`
	Int8    int8              `fluent:"int8"`
	Int16   int16             `fluent:"int16"`
	Int32   int32             `fluent:"int32"`
	Int64   int64             `fluent:"int64"`
	Uint    uint              `fluent:"uint"`
	Uint8   uint8             `fluent:"uint8"`
	Uint16  uint16            `fluent:"uint16"`
	Uint32  uint32            `fluent:"uint32"`
	Uint64  uint64            `fluent:"uint64"`
	Float32 float32           `fluent:"float32"`
	Float64 float64           `fluent:"float64"`
	Time    time.Time         `fluent:"time"`
	Day     time.Time         `fluent:"day" layout:"2006-01-02"`
	Took    time.Duration     `fluent:"took" unit:"ms"`
	Wait    time.Duration     `fluent:"wait"`
	Addr    netip.Addr        `fluent:"net.addr"`
	Port    *uint16           `fluent:"net.port"`
	List    []string          `fluent:"list"`
	Labels  map[string]string `fluent:"labels"`
	Any     any               `fluent:"any"`
	Part    part              `fluent:"part"`
	Parts   []part            `fluent:"parts"`
	Rest    map[string]any    `fluent:"@rest"`
}

// TestEveryType has what is sent come back.
func TestEveryType(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 123456789, time.UTC)
	port := uint16(80)
	full := everything{
		"web", noon, map[string]any{"k": "v"}, "text", []byte("bytes"), true, math.MinInt, math.MinInt8, math.MinInt16, math.MinInt32, math.MinInt64,
		math.MaxUint, math.MaxUint8, math.MaxUint16, math.MaxUint32, math.MaxUint64, 1.5, math.Pi, noon, noon.Truncate(24 * time.Hour),
		1500 * time.Microsecond, time.Minute, netip.MustParseAddr("::1"), &port, []string{"a", ""}, map[string]string{"a": "b"},
		[]any{int64(1), uint64(math.MaxUint64), "x", []byte("y"), nil, 1.5, true, noon, map[string]any{"z": []any{}}},
		part{"a", &part{"b", nil}}, []part{{Name: "c"}, {}}, map[string]any{"other": "o", "net": "no, it is a field's"},
	}
	empty := everything{Tag: "web", At: time.Unix(-3, 0).UTC(), // -1 and -2 are marks of Fluent Bit's groups
		Time: noon, Day: full.Day, Addr: full.Addr}
	s := serve[everything](t, pushsource.Server{})
	require.NoError(t, forward(t, fluentsink.New[everything](s.Addr, ""), full, empty))
	s.End()
	delete(full.Rest, "net")
	assert.Equal(t, []everything{full, empty}, s.Got.Values())
}

// TestTagsAndTimes has an event go under a tag of its own, and take its time from the stream.
func TestTagsAndTimes(t *testing.T) {
	type own struct {
		Tag string    `fluent:"@tag"`
		At  time.Time `fluent:"@time"`
		N   int       `fluent:"n"`
	}
	s := serve[own](t, pushsource.Server{})
	at := time.Unix(1000, 5).UTC()
	p := stream.New("forward")
	p.From(given([]own{{"a", at, 1}, {"b", at, 2}, {"", time.Time{}, 3}, {"a", at, 4}})).
		EventTime(func(o own) time.Time { return time.Unix(int64(o.N), 7) }).
		To(fluentsink.New[own](s.Addr, "default"))
	require.NoError(t, p.Run(t.Context()))
	s.End()
	assert.Equal(t, []own{{"a", at, 1}, {"a", at, 4}, {"b", at, 2}, {"default", time.Unix(3, 7).UTC(), 3}}, s.Got.Values())
	assert.EqualValues(t, 3, s.Source.Stats().Parcels)
}

// TestUnsendable is an event of which no record can be made: others are sent.
func TestUnsendable(t *testing.T) {
	type loose struct {
		N int `fluent:"n"`
		V any `fluent:"v"`
	}
	s := serve[loose](t, pushsource.Server{})
	loop := map[string]any{}
	loop["loop"] = loop
	p := stream.New("forward")
	p.From(given([]loose{{1, nil}, {2, make(chan int)}, {3, loop}, {4, "x"}})).
		To(fluentsink.New[loose](s.Addr, "t"), stream.SkipFailures())
	require.NoError(t, p.Run(t.Context()))
	s.End()
	assert.Equal(t, []loose{{1, nil}, {4, "x"}}, s.Got.Values())
}

func TestMistakes(t *testing.T) {
	for says, f := range map[string]func(){
		"int is not a struct":  func() { fluentsink.New[int]("a:1", "t") },
		"no tag, and no field": func() { fluentsink.New[sale]("a:1", "") },
		"field C: a record cannot": func() {
			fluentsink.New[struct {
				C chan int `fluent:"c"`
			}]("a:1", "t")
		},
		"the key is empty":  func() { fluentsink.SharedKey("") },
		"the name is empty": func() { fluentsink.User("", "") },
		"ChunkSize(0)":      func() { fluentsink.ChunkSize(0) },
		"Retry(-1ns)":       func() { fluentsink.Retry(-1) },
		"AckTimeout(0s)":    func() { fluentsink.AckTimeout(0) },
	} {
		t.Run(says, func(t *testing.T) {
			defer func() { assert.Contains(t, recover(), says) }()
			f()
		})
	}
}

// TestEventsWithoutTag has events that go under no tag be refused, and the others be sent: a server refuses a chunk with an empty tag
// for ever.
func TestEventsWithoutTag(t *testing.T) {
	type own struct {
		Tag string `fluent:"@tag"`
		N   int    `fluent:"n"`
	}
	s := serve[own](t, pushsource.Server{})
	p := stream.New("forward")
	p.From(given([]own{{"a", 1}, {"", 2}, {"a", 3}})).To(fluentsink.New[own](s.Addr, ""), stream.SkipFailures())
	require.NoError(t, p.Run(t.Context()))
	s.End()
	assert.Equal(t, []own{{"a", 1}, {"a", 3}}, s.Got.Values())
}
