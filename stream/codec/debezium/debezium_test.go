package debezium_test

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/codec/debezium"
	"github.com/freshet-go/freshet/window"
)

type order struct {
	ID    int    `json:"id"`
	Shop  string `json:"shop"`
	Cents int64  `json:"cents"`
}

var message = codec.Message(debezium.Format[order]())

func TestReads(t *testing.T) {
	at := time.UnixMilli(1734568154752).UTC()
	for text, want := range map[string]debezium.Event[order]{
		`{"before":null,"after":{"id":1,"cents":5},"op":"c","ts_ms":1734568154752,"transaction":null}`: {
			Change: stream.Change[order]{Kind: stream.Insert, After: order{ID: 1, Cents: 5}}, At: at},
		`{"before":{"id":1},"after":{"id":1,"cents":6},"op":"u","source":{"connector":"postgresql","name":"a","db":"d","schema":"public","table":"orders","ts_ms":1734568154752,"lsn":3},"ts_ms":1}`: {
			Change: stream.Change[order]{Kind: stream.Update, After: order{ID: 1, Cents: 6}, Before: order{ID: 1}, HasBefore: true}, At: at,
			Source: debezium.Source{Connector: "postgresql", Name: "a", DB: "d", Schema: "public", Table: "orders"}},
		`{"before":null,"after":{"id":1},"op":"u"}`:     {Change: stream.Change[order]{Kind: stream.Update, After: order{ID: 1}}},
		`{"before":{"id":1},"after":null,"op":"d"}`:     {Change: stream.Change[order]{Kind: stream.Delete, Before: order{ID: 1}, HasBefore: true}},
		`{"before":{"id":1},"after":{"id":2},"op":"r"}`: {Change: stream.Change[order]{Kind: stream.Read, After: order{ID: 2}}},
		`{"schema":{"type":"struct","fields":[]},"payload":{"after":{"id":1},"op":"c","source":{"ts_ms":1,"ts_us":2,"ts_ns":1734568154752000000}}}`: {
			Change: stream.Change[order]{Kind: stream.Insert, After: order{ID: 1}}, At: at},
		`{"after":{"id":1},"op":"c","source":{"ts_ms":1,"ts_us":1734568154752000}}`: {
			Change: stream.Change[order]{Kind: stream.Insert, After: order{ID: 1}}, At: at},
	} {
		var got debezium.Event[order]
		require.NoError(t, message.Decode([]byte(text), &got), text)
		require.Equal(t, want, got, text)
	}
}

func TestRefuses(t *testing.T) {
	d := debezium.Format[order]().NewDecoder()
	for text, want := range map[string]string{
		`{"op":"c"}`:                              "debezium: there is no row after the change",
		`{"op":"u","before":{"id":1}}`:            "debezium: there is no row after the change",
		`{"op":"d","after":{"id":1}}`:             "debezium: the delete does not say which row it was: have the database log rows as they were",
		`{"op":"t"}`:                              "debezium: the table was truncated, which is no change of a row",
		`{"op":"x","after":{"id":1}}`:             `debezium: op "x" is no kind of a change`,
		`{"after":{"id":1}}`:                      `debezium: op "" is no kind of a change`,
		`{"op":"m","message":{"prefix":"hello"}}`: codec.ErrSkip.Error(),
		`null`: codec.ErrSkip.Error(),
		``:     codec.ErrSkip.Error(),
	} {
		var got debezium.Event[order]
		require.EqualError(t, d.Decode([]byte(text), &got), want, text)
	}
	var got debezium.Event[order]
	require.Error(t, d.Decode([]byte(`{"op":"c","after":{"id":"one"}}`), &got))
	_, err := debezium.Format[order]().NewEncoder().Append(nil, debezium.Event[order]{})
	require.EqualError(t, err, "debezium: ChangeKind(0) is no kind of a change")
}

// What is written is read as it was, on one line that any reader of JSON takes.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint8(1), true, int64(5), "oslo", int64(-3), int64(1))
	f.Add(uint8(2), false, int64(5), "", int64(0), int64(0))
	f.Add(uint8(2), true, int64(5), "a\nb", int64(1<<40), int64(1734568154752))
	f.Add(uint8(3), true, int64(5), "ø", int64(9), int64(-1))
	f.Add(uint8(4), true, int64(5), "\xff", int64(9), int64(-1))
	f.Fuzz(func(t *testing.T, kind uint8, had bool, id int64, shop string, cents, millis int64) {
		kind = kind%4 + 1
		millis %= 1e13
		e := debezium.Event[order]{Change: stream.Change[order]{Kind: stream.ChangeKind(kind)}, Source: debezium.Source{Table: shop}}
		if e.Change.Kind != stream.Delete {
			e.Change.After = order{int(id), shop, cents}
		}
		if e.Change.Kind == stream.Delete || e.Change.Kind == stream.Update && had {
			e.Change.Before, e.Change.HasBefore = order{int(id), shop + "'", cents + 1}, true
		}
		if millis != 0 {
			e.At = time.UnixMilli(millis).UTC()
		}
		text, err := message.Append(nil, e)
		require.NoError(t, err)
		require.NotContains(t, string(text), "\n")
		require.NoError(t, json.Unmarshal(text, new(map[string]any)))
		var got debezium.Event[order]
		require.NoError(t, message.Decode(text, &got), "%s", text)
		if want := e; got.Change.Row().Shop == want.Change.Row().Shop { // else it was no UTF-8
			require.Equal(t, want, got)
		}
	})
}

// The totals of shops, as orders are changed and cancelled, in the form in which the orders came.
func Example() {
	files := fstest.MapFS{"orders.json": {Data: []byte(`
{"before":null,"after":{"id":1,"shop":"oslo","cents":450},"op":"c","ts_ms":1000}
{"before":null,"after":{"id":2,"shop":"oslo","cents":300},"op":"c","ts_ms":2000}
{"before":{"id":1,"shop":"oslo","cents":450},"after":{"id":1,"shop":"oslo","cents":400},"op":"u","ts_ms":3000}
{"before":{"id":2,"shop":"oslo","cents":300},"after":null,"op":"d","ts_ms":4000}
`)}}
	type total struct {
		Shop  string `json:"shop"`
		Cents int64  `json:"cents"`
	}
	p := stream.New("totals")
	changes := p.From(source.Files(files, "orders.json", debezium.Format[order]())).
		EventTime(debezium.Event[order].Time).
		Map(debezium.Event[order].Row)
	orders := stream.TableOf(changes.KeyBy(func(c stream.Change[order]) int { return c.Row().ID }))
	orders.GroupBy(func(_ int, o order) string { return o.Shop }).
		Aggregate(window.Sum(func(o order) int64 { return o.Cents })).
		MapValues(func(shop string, cents int64) total { return total{shop, cents} }).
		Changes().
		Map(func(c stream.Change[total]) debezium.Event[total] { return debezium.Event[total]{Change: c} }).
		To(sink.Writer(os.Stdout, debezium.Format[total]()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"before":null,"after":{"shop":"oslo","cents":450},"op":"c"}
	// {"before":{"shop":"oslo","cents":450},"after":{"shop":"oslo","cents":750},"op":"u"}
	// {"before":{"shop":"oslo","cents":750},"after":{"shop":"oslo","cents":700},"op":"u"}
	// {"before":{"shop":"oslo","cents":700},"after":{"shop":"oslo","cents":400},"op":"u"}
}
