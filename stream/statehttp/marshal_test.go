package statehttp_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/statehttp"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

type (
	celsius float64
	grade   float64
	unlucky int
)

// MarshalText is how a grade is written.
func (g grade) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "grade %v", float64(g)), nil }

// MarshalText fails for one number.
func (u unlucky) MarshalText() ([]byte, error) {
	if u == 13 {
		return nil, errors.New("not this number")
	}
	return fmt.Append(nil, int(u)), nil
}

func (u *unlucky) UnmarshalText(text []byte) error {
	_, err := fmt.Sscan(string(text), (*int)(u))
	return err
}

type reading struct {
	Sensor string             `json:"sensor"`
	Room   unlucky            `json:"room"`
	Mean   float64            `json:"mean"`
	Warm   celsius            `json:"warm"`
	Mark   grade              `json:"mark"`
	Short  float32            `json:"short"`
	Others map[string]float64 `json:"others,omitzero"`
}

func (r reading) sensor() string { return r.Sensor }
func (r reading) room() unlucky  { return r.Room }

// latest starts a pipeline that holds the last reading of each key.
func latest[K comparable](t *testing.T, v *stream.View[K, reading], key func(reading) K, all ...reading) {
	t.Helper()
	p := stream.New("readings")
	in := streamtest.NewInput[reading]()
	p.From(in).KeyBy(key).Running(window.Last[reading](), stream.Expose(v)).To(sink.Discard[stream.KeyValue[K, reading]]())
	d := streamtest.Start(t, p, streamtest.Shards(2))
	in.Push(all...)
	d.Settle()
}

// Floats that JSON has no numbers for are written as strings, wherever they stand; one that says itself how it is written says so.
func TestNonFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	var v stream.View[string, reading]
	latest(t, &v, reading.sensor, reading{Sensor: "a", Mean: 1.5, Short: 0.25},
		reading{Sensor: "b", Mean: nan, Warm: celsius(-inf), Mark: grade(nan), Short: float32(inf), Others: map[string]float64{"x": inf, "y": 2}})
	h := statehttp.Handler(&v)
	a := `{"key":"a","value":{"sensor":"a","room":"0","mean":1.5,"warm":0,"mark":"grade 0","short":0.25}}`
	code, body := asked(t, h, "GET", "/?to=b")
	require.Equal(t, `200 {"items":[`+a+`],"more":false}`, fmt.Sprint(code, " ", body))
	code, body = asked(t, h, "GET", "/")
	require.Equal(t, 200, code)
	b := `{"key":"b","value":{"sensor":"b","room":"0","mean":"NaN","warm":"-Infinity","mark":"grade NaN","short":"Infinity","others":{`
	require.True(t, strings.HasPrefix(body, `{"items":[`+a+`,`+b), body)
	require.Contains(t, body, `"x":"Infinity"`)
	require.Contains(t, body, `"y":2`)
	code, body = asked(t, h, "GET", "/?key=b")
	require.Equal(t, 200, code)
	require.True(t, strings.HasPrefix(body, b), body)
}

// A value that cannot be written is an error of its own entry, and so is a key.
func TestEntriesThatFail(t *testing.T) {
	var v stream.View[string, reading]
	latest(t, &v, reading.sensor, reading{Sensor: "a", Room: 1}, reading{Sensor: "b", Room: 13}, reading{Sensor: "c", Room: 2})
	h := statehttp.Handler(&v)
	code, body := asked(t, h, "GET", "/")
	require.Equal(t, 200, code)
	require.Regexp(t, `^{"items":\[{"key":"a","value":{.*"room":"1".*}},{"key":"b","error":".*not this number"},{"key":"c","value":{.*"room":"2".*}}\],"more":false}$`, body)
	code, body = asked(t, h, "GET", "/?key=b")
	require.Equal(t, 500, code)
	require.Regexp(t, `^{"error":".*not this number"}$`, body)

	var w stream.View[unlucky, reading]
	latest(t, &w, reading.room, reading{Sensor: "a", Room: 1}, reading{Sensor: "b", Room: 13})
	code, body = asked(t, statehttp.Handler(&w), "GET", "/")
	require.Equal(t, 200, code)
	require.Contains(t, body, `{"key":"1","value":{"sensor":"a",`)
	require.Regexp(t, `,{"error":".*not this number"}\]`, body)
}
