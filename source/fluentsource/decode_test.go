package fluentsource

import (
	"bytes"
	"io"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type inner struct {
	Name string `fluent:"name"`
	Next *inner `fluent:"next"`
}

type embedded struct {
	Host string `fluent:"host"`
}

type all struct {
	embedded
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
	Addr    netip.Addr        `fluent:"addr"`
	Maybe   *int              `fluent:"maybe"`
	List    []string          `fluent:"list"`
	Numbers []int16           `fluent:"numbers"`
	Labels  map[string]string `fluent:"labels"`
	Counts  map[string]uint8  `fluent:"counts"`
	Any     any               `fluent:"any"`
	Inner   inner             `fluent:"inner"`
	Inners  []inner           `fluent:"inners"`
	Pod     string            `fluent:"k8s.pod"`
	Rest    map[string]any    `fluent:"@rest"`
	Ignored string
}

func TestDecode(t *testing.T) {
	seven := 7
	for name, c := range map[string]struct {
		record object
		want   all
	}{
		"text":              {object{"text", "x", "bytes", "y", "host", "h"}, all{Text: "x", Bytes: []byte("y"), embedded: embedded{"h"}}},
		"text as bin":       {object{"text", []byte("x"), "bytes", []byte("y")}, all{Text: "x", Bytes: []byte("y")}},
		"odd text":          {object{"text", "\xff"}, all{Text: "\xff"}},
		"bool":              {object{"bool", true}, all{Bool: true}},
		"bool as text":      {object{"bool", "true"}, all{Bool: true}},
		"ints":              {object{"int", -5, "int8", -128, "int16", math.MinInt16, "int32", math.MinInt32, "int64", math.MinInt64}, all{Int: -5, Int8: -128, Int16: math.MinInt16, Int32: math.MinInt32, Int64: math.MinInt64}},
		"uints":             {object{"uint", 5, "uint8", 255, "uint16", math.MaxUint16, "uint32", math.MaxUint32, "uint64", uint64(math.MaxUint64)}, all{Uint: 5, Uint8: 255, Uint16: math.MaxUint16, Uint32: math.MaxUint32, Uint64: math.MaxUint64}},
		"numbers as text":   {object{"int", "-5", "uint64", "18446744073709551615", "float64", "1.5", "uint8", "200"}, all{Int: -5, Uint64: math.MaxUint64, Float64: 1.5, Uint8: 200}},
		"whole floats":      {object{"int", 5.0, "uint8", 255.0, "int64", "7.0"}, all{Int: 5, Uint8: 255, Int64: 7}},
		"floats":            {object{"float32", float32(1.5), "float64", 2.5}, all{Float32: 1.5, Float64: 2.5}},
		"floats of ints":    {object{"float32", 3, "float64", uint64(math.MaxUint64)}, all{Float32: 3, Float64: math.MaxUint64}},
		"infinite":          {object{"float32", math.Inf(1), "float64", math.Inf(-1)}, all{Float32: float32(math.Inf(1)), Float64: math.Inf(-1)}},
		"times":             {object{"time", noon, "day", "2026-11-28"}, all{Time: noon, Day: noon.Truncate(24 * time.Hour)}},
		"time as text":      {object{"time", "2026-11-28T13:00:00.123456789+01:00"}, all{Time: noon}},
		"time as int":       {object{"time", sec.Unix()}, all{Time: sec}},
		"durations":         {object{"took", 1500, "wait", "1.5s"}, all{Took: 1500 * time.Millisecond, Wait: 1500 * time.Millisecond}},
		"duration, float":   {object{"took", 0.25}, all{Took: 250 * time.Microsecond}},
		"duration as text":  {object{"took", "2"}, all{Took: 2 * time.Millisecond}},
		"duration in words": {object{"took", "2s"}, all{Took: 2 * time.Second}},
		"address":           {object{"addr", "10.0.0.1"}, all{Addr: netip.MustParseAddr("10.0.0.1")}},
		"pointer":           {object{"maybe", 7}, all{Maybe: &seven}},
		"nil":               {object{"maybe", nil, "text", nil, "any", nil, "inner", nil, "int", nil, "list", nil}, all{}},
		"lists":             {object{"list", list{"a", nil, "b"}, "numbers", list{1, "2", 3.0}}, all{List: []string{"a", "", "b"}, Numbers: []int16{1, 2, 3}}},
		"empty list":        {object{"list", list{}}, all{List: []string{}}},
		"maps":              {object{"labels", object{"a", "b", "c", nil}, "counts", object{"x", 200}}, all{Labels: map[string]string{"a": "b", "c": ""}, Counts: map[string]uint8{"x": 200}}},
		"any": {object{"any", list{1, -1, uint64(math.MaxUint64), 1.5, float32(2.5), "s", []byte("b"), true, nil, noon, object{"k", list{}}, ext{5, []byte("e")}}},
			all{Any: []any{int64(1), int64(-1), uint64(math.MaxUint64), 1.5, 2.5, "s", []byte("b"), true, nil, noon, map[string]any{"k": []any{}}, []byte("e")}}},
		"inner":         {object{"inner", object{"name", "a", "next", object{"name", "b", "next", nil, "else", 1}}}, all{Inner: inner{"a", &inner{Name: "b"}}}},
		"inners":        {object{"inners", list{object{"name", "a"}, nil, object{}}}, all{Inners: []inner{{Name: "a"}, {}, {}}}},
		"path":          {object{"k8s", object{"pod", "p"}}, all{Pod: "p"}},
		"path as key":   {object{"k8s.pod", "p"}, all{Pod: "p"}},
		"rest":          {object{"k8s", object{"pod", "p", "ns", "n"}, "other", 1, "inner", object{"x", "y"}, "text", "t"}, all{Pod: "p", Text: "t", Rest: map[string]any{"other": int64(1), "k8s": map[string]any{"ns": "n"}, "inner": map[string]any{"x": "y"}}}},
		"last wins":     {object{"int", 1, "int", 2}, all{Int: 2}},
		"long key":      {object{strings.Repeat("k", 100), 1, "int", 2, "", 3}, all{Int: 2, Rest: map[string]any{strings.Repeat("k", 100): int64(1), "": int64(3)}}},
		"no field's":    {object{"Ignored", "x"}, all{Rest: map[string]any{"Ignored": "x"}}},
		"named special": {object{"@rest", 1}, all{Rest: map[string]any{"@rest": int64(1)}}},
		"nothing":       {object{}, all{}},
	} {
		t.Run(name, func(t *testing.T) {
			msg := pack(list{"t", list{list{1, c.record}, list{1, c.record}}})
			got, _, err := parse[all](bytes.NewReader(msg), 16, budget)
			require.Equal(t, io.EOF, err)
			require.Equal(t, []parcel[all]{{Values: []all{c.want, c.want}, Silent: true}}, got)
		})
	}
}

func TestMisfits(t *testing.T) {
	for _, c := range []struct {
		record object
		says   string
	}{
		{object{"text", 1}, `field Text: "text" is 1, and not a string`},
		{object{"bytes", true}, `field Bytes: "bytes" is true, and not bytes`},
		{object{"bool", "maybe"}, `field Bool: "bool" is "maybe", and not a bool`},
		{object{"bool", 1}, `field Bool: "bool" is 1, and not a bool`},
		{object{"int8", 128}, `field Int8: "int8" is 128, which is out of the range of an int8`},
		{object{"int8", "-129"}, `field Int8: "int8" is "-129", which is out of the range of an int8`},
		{object{"int", uint64(math.MaxUint64)}, `field Int: "int" is 18446744073709551615, which is out of the range of an int64`},
		{object{"uint", -1}, `field Uint: "uint" is -1, which is out of the range of a uint64`},
		{object{"uint8", 256}, `field Uint8: "uint8" is 256, which is out of the range of a uint8`},
		{object{"int", 1.5}, `field Int: "int" is 1.5, and not an int64: it has a fraction`},
		{object{"int", math.NaN()}, `field Int: "int" is NaN, and not an int64: it has a fraction`},
		{object{"int", math.Inf(1)}, `field Int: "int" is +Inf, which is out of the range of an int64`},
		{object{"int", ""}, `field Int: "int" is "", and not an int64`},
		{object{"int", list{}}, `field Int: "int" is an array, and not an int64`},
		{object{"float64", "1e999"}, `field Float64: "float64" is "1e999", which is out of the range of a number`},
		{object{"float32", 1e300}, `field Float32: "float32" is 1e+300, which is out of the range of a float32`},
		{object{"time", "noon"}, `field Time: "time" is "noon", and not a time as RFC 3339`},
		{object{"time", 1e30}, `field Time: "time" is 1e+30, which is out of the range of a time`},
		{object{"time", ext{0, []byte{0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}}}, `field Time: "time" is an extension, and not a time`},
		{object{"day", "28.11.2026"}, `field Day: "day" is "28.11.2026", and not a time as "2006-01-02"`},
		{object{"wait", 5}, `field Wait: "wait" is 5, and not a duration such as "1.5s"; a number needs a tag unit`},
		{object{"took", 1e300}, `field Took: "took" is 1e+300, which is out of the range of a duration`},
		{object{"took", math.MaxInt64}, `field Took: "took" is 9223372036854775807, which is out of the range of a duration`},
		{object{"addr", "10.0.0.256"}, `field Addr: "addr" is "10.0.0.256", and not a netip.Addr: ParseAddr("10.0.0.256"): IPv4 field has value >255`},
		{object{"maybe", "x"}, `field Maybe: "maybe" is "x", and not an int64`},
		{object{"list", "x"}, `field List: "list" is "x", and not an array`},
		{object{"list", list{1}}, `field List: "list" is 1, and not a string`},
		{object{"labels", list{1}}, `field Labels: "labels" is an array, and not a map`},
		{object{"counts", object{"a", 256}}, `field Counts: "counts" is 256, which is out of the range of a uint8`},
		{object{"inner", 1}, `field Inner.Name: "inner" is 1, and not a map`},
		{object{"inner", object{"name", 1}}, `field Inner.Name: "inner.name" is 1, and not a string`},
		{object{"inner", object{"next", object{"name", 1}}}, `field Name: "name" is 1, and not a string`},
		{object{"k8s", "x"}, `field Pod: "k8s" is "x", and not a map`},
		{object{"k8s.pod", 1}, `field Pod: "k8s.pod" is 1, and not a string`},
		{object{"text", strings.Repeat("é", 100), "int", strings.Repeat("é", 100)}, `field Int: "int" is "` + strings.Repeat("é", 30) + `"..., and not an int64`},
		{object{1, 2}, `a key of the record is no string`},
	} {
		t.Run(c.says, func(t *testing.T) {
			msg := pack(list{"t", list{list{1, object{"text", "before"}}, list{1, c.record}, list{1, object{"text", "behind"}}}})
			for _, size := range []int{16, 4096} {
				got, _, err := parse[all](bytes.NewReader(msg), size, budget)
				require.Equal(t, io.EOF, err)
				require.Equal(t, []parcel[all]{{Values: []all{{Text: "before"}, {Text: "behind"}}, Silent: true, Rejected: []string{c.says}}}, got)
			}
		})
	}
}

// TestEvent has Event hold what msgp reads of the same bytes.
func TestEvent(t *testing.T) {
	got := one[Event](t, pack(list{"web", noon, object{"a", 1, "b", object{"c", list{"d"}}}}))
	assert.Equal(t, []Event{{"web", noon, map[string]any{"a": int64(1), "b": map[string]any{"c": []any{"d"}}}}}, got.Values)
}

// TestNoSharing overwrites the buffer that values were decoded from.
func TestNoSharing(t *testing.T) {
	p, err := compile(reflect.TypeFor[all]())
	require.NoError(t, err)
	d := p.decoder(32)
	d.reserve = func(int) error { return nil }
	record := object{"text", strings.Repeat("t", 300), "bytes", "b", "list", list{"l"}, "labels", object{"k", "v"}, "any", list{"x", []byte("y")}, "rest", "r", "addr", "fe80::1%eth0"}
	b := pack(list{1, record})
	var got, want all
	_, err = p.entry(d, pointer(&want), "t", bytes.Clone(b))
	require.NoError(t, err)
	_, err = p.entry(d, pointer(&got), "t", b)
	require.NoError(t, err)
	for i := range b {
		b[i] = 'z'
	}
	assert.Equal(t, want, got)
}

// TestAllocations: once warm, only strings that are new are allocated.
func TestAllocations(t *testing.T) {
	p, err := compile(reflect.TypeFor[hit]())
	require.NoError(t, err)
	d := p.decoder(32)
	d.reserve = func(int) error { return nil }
	b := pack(list{noon, object{"status", "200", "path", "/", "other", object{"x", list{1, 2}}, "kubernetes", object{"pod_name", "p"}}})
	var h hit
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		h = hit{}
		if _, err := p.entry(d, pointer(&h), "web", b); err != nil {
			t.Error(err)
		}
	}))
	assert.Equal(t, hit{"web", noon, nil, 200, "/", "p"}, h)
}
