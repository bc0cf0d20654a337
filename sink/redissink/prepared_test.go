package redissink

import (
	"bytes"
	"slices"
	"testing"
)

// What was prepared is read as it was written, and whatever else stands there is read or refused.
func FuzzPrepared(f *testing.F) {
	c := new(commands)
	c.begin("HSET", "order:1")
	c.string("number")
	c.int(1)
	c.begin("PEXPIRE", "order:1")
	c.int(1000)
	c.join()
	rows := appendPreparedRow(nil, 2, -7, []byte("value"))
	f.Add(appendPrepared(nil, 3, 9, true, rows, c))
	f.Add(appendPrepared(nil, 3, 9, false, nil, c))
	f.Add(appendPrepared(nil, 0, 0, true, appendPreparedRow(rows, 1<<40, 0, nil), c))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, rows, err := parsePrepared(data)
		if err != nil {
			return
		}
		if len(rows) != len(c.list) {
			t.Fatalf("%d rows of %d commands", len(rows), len(c.list))
		}
		var again []byte
		for from := 0; from < len(rows); {
			to := from + 1
			for to < len(rows) && rows[to] == rows[from] {
				to++
			}
			if rows[from].hasValue() {
				again = appendPreparedRow(again, to-from, rows[from].at, rows[from].value)
			}
			from = to
		}
		values := data[0] == preparedValues
		d, rowsAgain, err := parsePrepared(appendPrepared(nil, 0, 0, values, again, c))
		if err != nil || len(d.list) != len(c.list) || !bytes.Equal(d.text, c.text) || !slices.Equal(d.ends, c.ends) || !slices.Equal(d.list, c.list) {
			t.Fatalf("%+v, %v, want %+v", d, err, c)
		}
		for i, row := range rowsAgain {
			if row.at != rows[i].at || !bytes.Equal(row.value, rows[i].value) {
				t.Fatalf("command %d is of %+v, want %+v", i, row, rows[i])
			}
		}
	})
}
