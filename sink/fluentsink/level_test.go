package fluentsink

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

// TestRow has records whose keys are always there be the same, byte by byte, as by hand.
func TestRow(t *testing.T) {
	p, err := compile(reflect.TypeFor[hit]())
	require.NoError(t, err)
	require.True(t, p.record.fixed)
	for _, n := range []int{0, 1, 31, 32, 255, 256, math.MaxUint16, math.MaxUint16 + 1} {
		for _, status := range []int{0, 127, 128, math.MaxInt16 + 1, math.MaxInt, -1, -33, math.MinInt} {
			h := hit{time.Unix(1e9, 5), strings.Repeat("h", n), "", strings.Repeat("ü", n), status, strings.Repeat("p", n)}
			got, err := p.append([]byte("before"), unsafe.Pointer(&h), time.Time{})
			require.NoError(t, err)
			require.Equal(t, byHand([]byte("before"), &h), got, "%d bytes, status %d", n, status)
		}
	}
}

// TestRowOrNot has levels be rows only where no key can be absent.
func TestRowOrNot(t *testing.T) {
	at := time.Unix(1e9, 5)
	type inner struct {
		A int   `fluent:"a"`
		B *bool `fluent:"b"`
	}
	yes := true
	for _, c := range []struct {
		event any // a pointer
		row   bool
		want  any
	}{
		{&struct {
			At time.Time `fluent:"@time"`
		}{at}, true, map[string]any{}},
		{&struct {
			A int64   `fluent:"x.a"`
			B float64 `fluent:"y.z.b"`
			C string  `fluent:"x.c"`
		}{1, 2.5, "c"}, true, map[string]any{"x": map[string]any{"a": int64(1), "c": "c"}, "y": map[string]any{"z": map[string]any{"b": 2.5}}}},
		{&struct {
			A int  `fluent:"x.a"`
			B *int `fluent:"y.b"`
		}{1, nil}, false, map[string]any{"x": map[string]any{"a": int64(1)}}},
		{&struct {
			A int            `fluent:"x.a"`
			R map[string]any `fluent:"@rest"`
		}{1, map[string]any{"x": 2, "r": "s"}}, false, map[string]any{"x": map[string]any{"a": int64(1)}, "r": "s"}},
		{&struct {
			In inner `fluent:"in"`
		}{inner{1, &yes}}, false, map[string]any{"in": map[string]any{"a": int64(1), "b": true}}},
	} {
		v := reflect.ValueOf(c.event)
		p, err := compile(v.Type().Elem())
		require.NoError(t, err)
		assert.Equal(t, c.row, p.record.fixed, "%v", v.Type())
		entry, err := p.append(nil, v.UnsafePointer(), at)
		require.NoError(t, err)
		got, rest, err := msgp.ReadIntfBytes(entry[1+forward.EventTimeSize:])
		require.NoError(t, err)
		assert.Empty(t, rest)
		assert.Equal(t, c.want, got)
	}
}
