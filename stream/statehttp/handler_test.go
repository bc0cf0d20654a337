package statehttp_test

import (
	"encoding/json/v2"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/statehttp"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

type move struct {
	Product string
	Pieces  int
}

func (m move) product() string { return m.Product }
func (m move) pieces() int     { return m.Pieces }

// asked returns the answer to a request.
func asked(t *testing.T, h http.Handler, method, target string) (code int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, nil))
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.True(t, json.Unmarshal(w.Body.Bytes(), new(any)) == nil, w.Body)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// counted starts a pipeline that counts what it is given by key.
func counted[K comparable](t *testing.T, v *stream.View[K, int64], all ...K) *streamtest.Driver {
	t.Helper()
	p := stream.New("count")
	in := streamtest.NewInput[K]()
	p.From(in).KeyBy(func(k K) K { return k }).Running(window.Count[K](), stream.Expose(v)).To(sink.Discard[stream.KeyValue[K, int64]]())
	d := streamtest.Start(t, p, streamtest.Shards(3))
	in.Push(all...)
	d.Settle()
	return d
}

func TestStrings(t *testing.T) {
	var v stream.View[string, int64]
	h := statehttp.Handler(&v, statehttp.Limit(3))
	code, body := asked(t, h, "GET", "/?key=tea")
	require.Equal(t, 500, code, "no operator exposes it yet")
	require.Contains(t, body, "Expose")
	d := counted(t, &v, "tea", "bowl", "tea", "cup", "dish", `<b>"`, "", "\xff")
	for target, want := range map[string]string{
		"/?key=tea":          `200 {"key":"tea","value":2}`,
		"/?key=":             `200 {"key":"","value":1}`,
		"/?key=%3Cb%3E%22":   `200 {"key":"<b>\"","value":1}`,
		"/?key=%ff":          "200 {\"key\":\"\ufffd\",\"value\":1}",
		"/?from=u":           "200 {\"items\":[{\"key\":\"\ufffd\",\"value\":1}],\"more\":false}",
		"/?key=pot":          `404 {"error":"nothing is held for this key"}`,
		"/":                  `200 {"items":[{"key":"","value":1},{"key":"<b>\"","value":1},{"key":"bowl","value":1}],"more":true}`,
		"/?from=bowl&to=tea": `200 {"items":[{"key":"bowl","value":1},{"key":"cup","value":1},{"key":"dish","value":1}],"more":false}`,
		"/?from=cup&to=u":    `200 {"items":[{"key":"cup","value":1},{"key":"dish","value":1},{"key":"tea","value":2}],"more":false}`,
		"/?from=z&to=zz":     `200 {"items":[],"more":false}`,
	} {
		code, body := asked(t, h, "GET", target)
		require.Equal(t, want, fmt.Sprint(code, " ", body), target)
	}
	code, _ = asked(t, h, "POST", "/?key=tea")
	require.Equal(t, 405, code)
	d.Kill()
	code, body = asked(t, h, "GET", "/?key=tea")
	require.Equal(t, `503 {"error":"stream: running: view: the pipeline is not running"}`, fmt.Sprint(code, " ", body))
	code, _ = asked(t, h, "GET", "/")
	require.Equal(t, 503, code)
}

type day struct{ Year, Day int }

func (d *day) UnmarshalText(b []byte) error {
	if string(b) == "panic" {
		panic("at the day")
	}
	_, err := fmt.Sscanf(string(b), "%d-%d", &d.Year, &d.Day)
	return err
}

func TestOtherKeys(t *testing.T) {
	var ints stream.View[int8, int64]
	counted(t, &ints, 3, -4, 3)
	h := statehttp.Handler(&ints)
	for target, want := range map[string]string{
		"/?key=3":       `200 {"key":3,"value":2}`,
		"/?key=300":     `400 {"error":"key: strconv.ParseInt: parsing \"300\": value out of range"}`,
		"/?key=x":       `400 {"error":"key: strconv.ParseInt: parsing \"x\": invalid syntax"}`,
		"/?from=-9":     `200 {"items":[{"key":-4,"value":1},{"key":3,"value":2}],"more":false}`,
		"/?from=a&to=b": `400 {"error":"from: strconv.ParseInt: parsing \"a\": invalid syntax\nto: strconv.ParseInt: parsing \"b\": invalid syntax"}`,
	} {
		code, body := asked(t, h, "GET", target)
		require.Equal(t, want, fmt.Sprint(code, " ", body), target)
	}
	var uints stream.View[uint16, int64]
	counted(t, &uints, 5)
	code, body := asked(t, statehttp.Handler(&uints), "GET", "/?key=5")
	require.Equal(t, `200 {"key":5,"value":1}`, fmt.Sprint(code, " ", body))
	var bools stream.View[bool, int64]
	counted(t, &bools, true)
	code, body = asked(t, statehttp.Handler(&bools), "GET", "/?key=true")
	require.Equal(t, `200 {"key":true,"value":1}`, fmt.Sprint(code, " ", body))
	var days stream.View[day, int64]
	counted(t, &days, day{2026, 1})
	h = statehttp.Handler(&days)
	for target, want := range map[string]string{
		"/?key=2026-1": `200 {"key":{"Year":2026,"Day":1},"value":1}`,
		"/?key=panic":  `400 {"error":"key: UnmarshalText panics: at the day"}`,
		"/?from=1-1":   `400 {"error":"from: keys of this type have no order"}`,
		"/":            `200 {"items":[{"key":{"Year":2026,"Day":1},"value":1}],"more":false}`,
	} {
		code, body := asked(t, h, "GET", target)
		require.Equal(t, want, fmt.Sprint(code, " ", body), target)
	}
	require.Panics(t, func() { statehttp.Handler(new(stream.View[float64, int64])) })
	require.Panics(t, func() { statehttp.Handler(&ints, nil) })
	require.Panics(t, func() { statehttp.Limit(0) })
	require.Panics(t, func() { statehttp.Timeout(0) })
}

// A value that JSON has no words for is an error, of its own entry among others; a shard that waits is one after Timeout.
func TestFailures(t *testing.T) {
	var v stream.View[string, float64]
	reached, goOn := make(chan struct{}), make(chan struct{})
	p := stream.New("nan")
	p.From(source.Slice([]move{{"tea", 1}, {"pot", 2}})).KeyBy(move.product).
		Running(window.MapReduce(func(move) float64 { return math.NaN() }, func(_, b float64) float64 { return b }), stream.Expose(&v)).
		Tap(func(kv stream.KeyValue[string, float64]) {
			if kv.Key == "pot" {
				close(reached)
				<-goOn
			}
		}).To(sink.Discard[stream.KeyValue[string, float64]]())
	ended := make(chan error)
	go func() { ended <- p.Run(t.Context(), stream.Shards(1)) }()
	<-reached
	code, body := asked(t, statehttp.Handler(&v, statehttp.Timeout(10*time.Millisecond)), "GET", "/?key=tea")
	require.Equal(t, 503, code)
	require.Contains(t, body, "deadline exceeded")
	close(goOn)
	require.NoError(t, <-ended)

	var of stream.View[string, complex128] // which JSON knows no numbers for
	in := streamtest.NewInput[move]()
	p = stream.New("complex")
	p.From(in).KeyBy(move.product).Running(window.MapReduce(func(move) complex128 { return 1i }, func(_, b complex128) complex128 { return b }), stream.Expose(&of)).
		To(sink.Discard[stream.KeyValue[string, complex128]]())
	d := streamtest.Start(t, p)
	in.Push(move{"tea", 1})
	d.Settle()
	for target, want := range map[string]int{"/?key=tea": 500, "/": 200} {
		code, body := asked(t, statehttp.Handler(&of), "GET", target)
		require.Equal(t, want, code)
		require.Contains(t, body, `"error":"`)
		require.Contains(t, body, "complex128")
	}
}
