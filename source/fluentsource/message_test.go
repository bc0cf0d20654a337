package fluentsource

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

type hit struct {
	Tag    string         `fluent:"@tag"`
	At     time.Time      `fluent:"@time"`
	Meta   map[string]any `fluent:"@metadata"`
	Status int            `fluent:"status"`
	Path   string         `fluent:"path"`
	Pod    string         `fluent:"kubernetes.pod_name"`
}

var (
	noon = time.Date(2026, 11, 28, 12, 0, 0, 123456789, time.UTC)
	sec  = noon.Truncate(time.Second)
)

func hits(tag string, at time.Time, n int) (want []hit) {
	for i := range n {
		want = append(want, hit{Tag: tag, At: at, Status: 200 + i, Path: "/"})
	}
	return want
}

func record(i int) object { return object{"status", 200 + i, "path", "/"} }

func TestModes(t *testing.T) {
	packed := entries(list{noon, record(0)}, list{noon, record(1)})
	for name, c := range map[string]struct {
		msg  []byte
		want parcel[hit]
	}{
		"message":             {pack(list{"web", noon, record(0)}), parcel[hit]{Values: hits("web", noon, 1), Silent: true}},
		"message, options":    {pack(list{"web", noon, record(0), object{"chunk", "c1"}}), parcel[hit]{Values: hits("web", noon, 1), ID: "c1"}},
		"message, nil":        {pack(list{"web", noon, record(0), nil}), parcel[hit]{Values: hits("web", noon, 1), Silent: true}},
		"integer time":        {pack(list{"web", sec.Unix(), record(0)}), parcel[hit]{Values: hits("web", sec, 1), Silent: true}},
		"float time":          {pack(list{"web", float64(sec.Unix()) + 0.5, record(0)}), parcel[hit]{Values: hits("web", sec.Add(time.Second/2), 1), Silent: true}},
		"time as ext 8":       {pack(list{"web", raw(append([]byte{0xc7, 8, 0}, pack(noon)[2:]...)), record(0)}), parcel[hit]{Values: hits("web", noon, 1), Silent: true}},
		"forward":             {pack(list{"web", list{list{noon, record(0)}, list{noon, record(1)}}}), parcel[hit]{Values: hits("web", noon, 2), Silent: true}},
		"forward, none":       {pack(list{"web", list{}, object{"chunk", "c0"}}), parcel[hit]{ID: "c0"}},
		"forward, chunk":      {pack(list{"web", list{list{noon, record(0)}}, object{"size", 1, "chunk", "c2", "fluent_signal", 0}}), parcel[hit]{Values: hits("web", noon, 1), ID: "c2"}},
		"packed as bin":       {pack(list{"web", packed, object{"chunk", "c3", "compressed", "text"}}), parcel[hit]{Values: hits("web", noon, 2), ID: "c3"}},
		"packed as str":       {pack(list{"web", string(packed)}), parcel[hit]{Values: hits("web", noon, 2), Silent: true}},
		"packed as fixstr":    {pack(list{"web", string(entries(list{1, object{}}))}), parcel[hit]{Values: []hit{{Tag: "web", At: time.Unix(1, 0).UTC()}}, Silent: true}},
		"packed, none":        {pack(list{"web", []byte{}}), parcel[hit]{Silent: true}},
		"compressed":          {pack(list{"web", zipped(packed), object{"compressed", "gzip"}}), parcel[hit]{Values: hits("web", noon, 2), Silent: true}},
		"compressed, members": {pack(list{"web", zipped(packed[:7], packed[7:20], nil, packed[20:]), object{"compressed", "gzip"}}), parcel[hit]{Values: hits("web", noon, 2), Silent: true}},
		"compressed, none":    {pack(list{"web", zipped(nil), object{"compressed", "gzip", "chunk", "e"}}), parcel[hit]{ID: "e"}},
		"metadata": {pack(list{"web", list{list{list{noon, object{"k", "v"}}, record(0)}}}),
			parcel[hit]{Values: []hit{{Tag: "web", At: noon, Meta: map[string]any{"k": "v"}, Status: 200, Path: "/"}}, Silent: true}},
		"keys as bin":      {pack(list{"web", noon, raw(entries(raw{0x82}, []byte("status"), 200, []byte("path"), []byte("/")))}), parcel[hit]{Values: hits("web", noon, 1), Silent: true}},
		"metrics":          {pack(list{"web", entries(object{"a", 1}), object{"fluent_signal", 1, "chunk", "m"}}), parcel[hit]{ID: "m"}},
		"traces":           {pack(list{"web", []byte{0xc1, 0xc1}, object{"fluent_signal", 2, "chunk", "t"}}), parcel[hit]{ID: "t"}},
		"metrics, forward": {pack(list{"web", list{7, object{"a", list{}}, strings.Repeat("x", 6000)}, object{"fluent_signal", 1, "chunk", "m"}}), parcel[hit]{ID: "m"}},
		"rejects": {pack(list{"web", list{list{noon, record(0)}, list{noon, object{"status", "many"}}, list{noon, 7}, list{"x", record(1)}, list{noon, record(1)}}}),
			parcel[hit]{Values: hits("web", noon, 2), Silent: true, Rejected: []string{
				`field Status: "status" is "many", and not an int64`,
				"the record is 7, and not a map", `the time of the entry is "x", and not a time`,
			}}},
	} {
		t.Run(name, func(t *testing.T) {
			c.msg = append(append([]byte{0xc0}, c.msg...), pack(list{"next", 1, object{}})...) // a heartbeat before it, and another behind it
			next := parcel[hit]{Values: []hit{{Tag: "next", At: time.Unix(1, 0).UTC()}}, Silent: true}
			for _, size := range []int{16, 100, 32 << 10} {
				for _, r := range []io.Reader{bytes.NewReader(c.msg), &slowly{c.msg, rand.New(rand.NewPCG(1, 2))}} {
					got, _, err := parse[hit](r, size, budget, RecordSize(5000))
					require.Equal(t, io.EOF, err)
					require.Len(t, got, 2)
					if len(got[0].Values) == 0 {
						got[0].Values = nil
					}
					require.Equal(t, []parcel[hit]{c.want, next}, got)
				}
			}
			for cut := 2; cut < len(c.msg)-12; cut += max(1, len(c.msg)/100) {
				got, _, err := parse[hit](bytes.NewReader(c.msg[:cut]), 64, budget)
				require.Empty(t, got)
				require.Equal(t, io.ErrUnexpectedEOF, err, "cut at %d", cut)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	bomb := zipped(bytes.Repeat(pack(list{1, object{"path", strings.Repeat("x", 900_000)}}), 10))
	for name, c := range map[string]struct {
		msg  []byte
		says string
		is   error
	}{
		"JSON":             {[]byte(`["web",1,{}]`), "it is JSON", errJSON},
		"HTTP":             {[]byte("GET / HTTP/1.1\r\n\r\n"), "not a message", errMessage},
		"lumberjack":       {[]byte("2W\xff\xff\xff\xff"), "not a message", errMessage},
		"an integer":       {[]byte{1}, "not a message", errMessage},
		"no tag":           {pack(list{1, noon, object{}}), "its tag is 1", errMessage},
		"one value":        {pack(list{"web"}), "it has 1 values", errMessage},
		"five values":      {pack(list{"web", 1, object{}, nil, nil}), "it has 5 values", errMessage},
		"time alone":       {pack(list{"web", 1}), "not a message", errMessage},
		"much behind":      {pack(list{"web", list{}, nil, nil}), "it has 4 values", errMessage},
		"options":          {pack(list{"web", list{}, 7}), "its options are 7", errMessage},
		"chunk":            {pack(list{"web", list{}, object{"chunk", 7}}), "the chunk is 7", errMessage},
		"long chunk":       {pack(list{"web", list{}, object{"chunk", strings.Repeat("x", 300)}}), "300 bytes", errMessage},
		"zstd":             {pack(list{"web", []byte{}, object{"compressed", "zstd"}}), `compressed by "zstd"`, errMessage},
		"count bomb":       {raw{0x92, 0xa1, 'w', 0xdd, 0xff, 0xff, 0xff, 0xff}, "more than 1000000 entries", pushsource.ErrTooLarge},
		"array bomb":       {pack(list{"web", list{list{noon, raw{0x81, 0xa1, 'a', 0xdd, 0xff, 0xff, 0xff, 0xff}}}}), "too large", pushsource.ErrTooLarge},
		"map bomb":         {pack(list{"web", list{list{noon, raw{0xdf, 0xff, 0xff, 0xff, 0xff}}}}), "too large", pushsource.ErrTooLarge},
		"string bomb":      {pack(list{"web", list{list{noon, raw{0x81, 0xa1, 'a', 0xdb, 0xff, 0xff, 0xff, 0xff}}}}), "too large", pushsource.ErrTooLarge},
		"payload bomb":     {raw{0x92, 0xa1, 'w', 0xc6, 0xff, 0xff, 0xff, 0xff}, "too large", pushsource.ErrTooLarge},
		"tag bomb":         {raw{0x92, 0xdb, 0xff, 0xff, 0xff, 0xff}, "too large", pushsource.ErrTooLarge},
		"long tag":         {pack(list{strings.Repeat("x", 5000), list{}}), "too large: its tag", pushsource.ErrTooLarge},
		"options bomb":     {pack(list{"web", list{}, object{"x", strings.Repeat("x", 20000)}}), "too large: its options", pushsource.ErrTooLarge},
		"depth bomb":       {pack(list{"web", 1, raw(bytes.Repeat([]byte{0x91}, 100_000))}), "deeper than 32", depthError(32)},
		"depth, wanted":    {pack(list{"web", 1, object{"status", raw(bytes.Repeat([]byte{0x91}, 100_000))}}), "deeper than 32", depthError(32)},
		"depth in payload": {pack(list{"web", bytes.Repeat([]byte{0x91}, 100)}), "deeper than 32", depthError(32)},
		"gzip bomb":        {pack(list{"web", bomb, object{"compressed", "gzip"}}), "inflates to more than 250 times", pushsource.ErrTooLarge},
		"gzip cut":         {pack(list{"web", zipped(make([]byte, 100))[:20]}), "gzip of its payload is damaged", errInflate},
		"gzip damaged":     {pack(list{"web", append(zipped(entries(list{1, object{}})), 1, 2, 3)}), "gzip of its payload is damaged", errInflate},
		"not packed":       {pack(list{"web", []byte{0x92, 1, 0xc1}}), "not MessagePack", errNotMsgpack},
		"payload cut":      {pack(list{"web", []byte{0x92, 1, 0xda, 0}}), "the payload ends in an entry", errNotMsgpack},
		"no entry":         {pack(list{"web", list{list{noon, record(0)}, 7, list{noon, record(0)}}}), "not an entry", errEntry},
		"half an entry":    {pack(list{"web", list{list{noon}}}), "not an entry", errEntry},
		"packed numbers":   {pack(list{"web", make([]byte, 1<<20)}), "not an entry", errEntry},
		"0xc1":             {pack(list{"web", 1, object{"a", raw{0xc1}}}), "not MessagePack", errNotMsgpack},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{16, 32 << 10} {
				got, used, err := parse[Event](bytes.NewReader(append(c.msg, make([]byte, 64<<10)...)), size, budget)
				assert.Empty(t, got)
				require.ErrorIs(t, err, c.is)
				assert.ErrorContains(t, err, c.says)
				assert.Less(t, used, 4<<20)
			}
		})
	}
	_, _, err := parse[hit](bytes.NewReader(pack(list{"web", []byte{0x80}, object{"fluent_signal", 1}})), 64, budget, RefuseSignals())
	require.ErrorIs(t, err, pushsource.ErrRefused)
	assert.ErrorContains(t, err, "it sends metrics")
}

// TestLargeRecords has records at the edges of the buffer and of what is allowed.
func TestLargeRecords(t *testing.T) {
	for _, n := range []int{10, 90, 98, 99, 100, 101, 200, 999, 1000, 1001, 5000} {
		text := strings.Repeat("x", n)
		entry := pack(list{1, object{"path", text}})
		for _, msg := range [][]byte{
			pack(list{"web", list{raw(entry), raw(entry), list{noon, record(0)}}}),
			pack(list{"web", entries(raw(entry), raw(entry), list{noon, record(0)})}),
			pack(list{"web", zipped(entries(raw(entry), raw(entry), list{noon, record(0)}))}),
		} {
			for _, size := range []int{16, 100, 4096} {
				got, _, err := parse[hit](bytes.NewReader(msg), size, budget, RecordSize(1000))
				require.Equal(t, io.EOF, err)
				want := parcel[hit]{Silent: true, Values: hits("web", noon, 1)}
				h := hit{Tag: "web", At: time.Unix(1, 0).UTC(), Path: text}
				if len(entry) <= 1000 {
					want.Values = []hit{h, h, want.Values[0]}
				} else {
					says := "the entry is larger than 1000 bytes (fluentsource.RecordSize)"
					want.Rejected = []string{says, says}
				}
				require.Equal(t, []parcel[hit]{want}, got, "%d bytes, buffer %d", n, size)
			}
		}
	}
}

// TestUsed counts what a message of many small values takes.
func TestUsed(t *testing.T) {
	n := 300_000
	msg := pack(list{"web", list{list{1, object{"a", raw(append([]byte{0xdd, 0, byte(n >> 16), byte(n >> 8), byte(n)}, make([]byte, n)...))}}}})
	_, used, err := parse[Event](bytes.NewReader(msg), 32<<10, budget)
	require.Equal(t, io.EOF, err)
	assert.Greater(t, used, 24*n)
	_, used, err = parse[Event](bytes.NewReader(msg), 32<<10, 1<<20)
	require.ErrorIs(t, err, pushsource.ErrTooLarge)
	assert.Less(t, used, 8<<20)
}
