package sqlsink

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var testRows = [][]any{
	{},
	{nil},
	{int64(0), int64(-1), int64(math.MinInt64), int64(math.MaxInt64)},
	{0.0, math.Copysign(0, -1), math.Inf(1), math.SmallestNonzeroFloat64},
	{true, false, true},
	{[]byte{}, []byte{0, 1}, "", "ä\x00\xff"},
	{time.Unix(0, 0).UTC(), time.Time{}, time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("CET", 3600))},
	{uint64(math.MaxUint64), uint64(0)},
	{time.Date(2026, 7, 1, 12, 0, 0, 0, time.FixedZone("", -1801)), time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)},
}

func decodeRows(data []byte) (rows [][]any, err error) {
	d := newRowDecoder(data)
	for {
		args, ok := d.next()
		if !ok {
			return rows, d.End()
		}
		rows = append(rows, append([]any{}, args...))
	}
}

func encodeRows(rows [][]any) (data []byte) {
	if len(rows) > 0 {
		data = appendHead(nil, rowsVersion, 3, "INSERT")
	}
	for _, args := range rows {
		data = appendArguments(data, args)
	}
	return data
}

// sameRows compares times by what drivers send of them.
func sameRows(t *testing.T, want, got [][]any) {
	require.Len(t, got, len(want))
	for i := range want {
		require.Len(t, got[i], len(want[i]))
		for j := range want[i] {
			switch w := want[i][j].(type) {
			case time.Time:
				g := got[i][j].(time.Time)
				assert.True(t, w.Equal(g))
				assert.Equal(t, w.String(), g.String())
			case float64:
				assert.Equal(t, math.Float64bits(w), math.Float64bits(got[i][j].(float64)))
			default:
				assert.Equal(t, want[i][j], got[i][j])
			}
		}
	}
}

func TestRows(t *testing.T) {
	data := encodeRows(testRows)
	got, err := decodeRows(data)
	require.NoError(t, err)
	sameRows(t, testRows, got)
	for n := range data {
		if rows, err := decodeRows(data[:n]); err == nil {
			assert.Less(t, len(rows), len(testRows), "cut at %d", n)
		}
	}
	var texts [][]any // that share blocks, fill one, or are larger
	for _, n := range []int{0, 1, textBlock - 1, 3, textBlock, textBlock + 1, 0, 2, textBlock / 2, textBlock / 2, 3 * textBlock, 1} {
		texts = append(texts, []any{strings.Repeat(string(rune('a'+len(texts))), n), int64(n)})
	}
	got, err = decodeRows(encodeRows(texts))
	require.NoError(t, err)
	sameRows(t, texts, got)
	_, err = decodeRows([]byte{valueVersion + 1, 0})
	assert.EqualError(t, err, "sink: damaged data of a checkpoint: version 7, want 5")
}

func FuzzRows(f *testing.F) {
	f.Add(encodeRows(testRows))
	for _, row := range testRows {
		f.Add(appendArguments(appendHead(nil, rowsVersion, 1<<40, "INSERT"), row))
	}
	for _, row := range testRows { // as the first version had them
		f.Add(appendArguments([]byte{rowsVersion1}, row))
	}
	f.Add([]byte{})
	f.Add([]byte{rowsVersion, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := decodeRows(data)
		if err != nil || len(rows) == 0 {
			return
		}
		again, err := decodeRows(encodeRows(rows))
		require.NoError(t, err)
		sameRows(t, rows, again)
	})
}
