package hbaserest

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// cellsOf returns what a CellSet has, as rows.
func cellsOf(b []byte) (rows []Row, err error) {
	err = ParseCells(b, func(key []byte, c Cell) error {
		if n := len(rows); n == 0 || !bytes.Equal(rows[n-1].Key, key) {
			rows = append(rows, Row{Key: key})
		}
		rows[len(rows)-1].Cells = append(rows[len(rows)-1].Cells, c)
		return nil
	})
	return rows, err
}

// An answer of HBase 2.6.1, as it came, with the row's key in each cell too.
var answered = []byte("\n\x18\n\x02k1\x12\x12\n\x02k1\x12\x03a:x\x18\x05\"\x05hello\n\x12\n\x02k2\x12\f\x12\x03a:y\x18\x06\"\x03bye")

func TestParseCells(t *testing.T) {
	rows, err := cellsOf(answered)
	require.NoError(t, err)
	require.Equal(t, []Row{
		{[]byte("k1"), []Cell{{[]byte("a:x"), 5, []byte("hello")}}},
		{[]byte("k2"), []Cell{{[]byte("a:y"), 6, []byte("bye")}}},
	}, rows)
	for n := range len(answered) {
		if _, err := cellsOf(answered[:n]); err != nil {
			require.ErrorIs(t, err, errProtobuf, "%d bytes", n)
		} else if n != 0 && n != 26 {
			t.Errorf("%d bytes are taken for an answer", n)
		}
	}
	for what, b := range map[string]string{
		"a row is a number":        "\x08\x05",
		"a key is a number":        "\n\x02\x08\x05",
		"a cell is a number":       "\n\x05\n\x01k\x10\x05",
		"a time is bytes":          "\n\x0f\n\x01k\x12\x0a\x12\x03a:x\x1a\x03xyz",
		"a time before 1970":       "\n\x15\n\x01k\x12\x10\x12\x03a:x\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"no column":                "\n\x09\n\x01k\x12\x04\x18\x05\"\x00",
		"no key":                   "\n\x09\x12\x07\x12\x03a:x\x18\x05",
		"an empty key":             "\n\x0b\n\x00\x12\x07\x12\x03a:x\x18\x05",
		"the key comes afterwards": "\n\x0c\x12\x07\x12\x03a:x\x18\x05\n\x01k",
		"a length without end":     "\n\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
		"a row of four GiB":        "\n\xff\xff\xff\xff\x0f\n\x01k",
		"JSON":                     `{"Row":[{"key":"azE="}]}`,
		"HTML":                     "<html><body>502 Bad Gateway</body></html>",
	} {
		_, err := cellsOf([]byte(b))
		require.ErrorIs(t, err, errProtobuf, what)
	}
	stop := errors.New("enough")
	require.ErrorIs(t, ParseCells(answered, func([]byte, Cell) error { return stop }), stop)
}

func TestAppendRow(t *testing.T) {
	cells := []Cell{{[]byte("a:"), 0, nil}, {[]byte("a:\x00\xff"), math.MaxInt64 - 1, bytes.Repeat([]byte("x"), 70_000)}}
	set := AppendRow(nil, []byte("\x00\xff"), cells)
	set = AppendRow(set, []byte("k"), []Cell{{[]byte("b:y"), ServerTime, []byte("v")}})
	rows, err := cellsOf(set)
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Equal(t, cells[1], rows[0].Cells[1])
	require.Zero(t, rows[1].Cells[0].Time, "one that the server gives is not sent")
}

// Whatever a gateway sends is cells or an error, and cells that are written again are the same.
func FuzzParseCells(f *testing.F) {
	f.Add(answered)
	f.Add([]byte{})
	f.Add([]byte("\n\xff\xff\xff\xff\x0f"))
	f.Add([]byte("\x12\x00\n\x09\n\x01k\x12\x04\x18\x05\"\x00"))
	f.Add(AppendRow(nil, []byte("k"), []Cell{{[]byte("a:x"), 1, []byte("v")}, {[]byte("a:x"), 0, nil}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := cellsOf(b)
		if err != nil {
			require.ErrorIs(t, err, errProtobuf)
			return
		}
		var again []byte
		for _, row := range rows {
			again = AppendRow(again, row.Key, row.Cells)
		}
		if len(rows) == 0 {
			return
		}
		twice, err := cellsOf(again)
		require.NoError(t, err)
		require.Len(t, twice, len(rows))
		for i := range rows {
			require.Len(t, twice[i].Cells, len(rows[i].Cells))
			for k, c := range rows[i].Cells {
				if d := twice[i].Cells[k]; !bytes.Equal(c.Column, d.Column) || !bytes.Equal(c.Value, d.Value) || c.Time != d.Time && c.Time != ServerTime {
					t.Fatalf("%v, and %v when it is written and read again", c, d)
				}
			}
		}
	})
}
