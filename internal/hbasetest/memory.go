package hbasetest

import (
	"bytes"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/freshet-go/freshet/internal/hbaserest"
)

// A memory is a table of the stand-in. As in HBase, a delete hides what is put later with an older time.
type memory struct {
	families map[string]int // versions that are kept
	splits   []string
	rows     map[string][]stored
	deleted  map[string][]gone
	clock    int64 // of cells that are put without a time
}

type stored struct {
	column string
	at     int64
	value  string
}

// gone is what was deleted of a row: a column, or a family, up to a time.
type gone struct {
	column string
	upto   int64
}

func family(column string) string {
	f, _, _ := strings.Cut(column, ":")
	return f
}

func (t *memory) put(key string, cells []hbaserest.Cell) {
	for _, c := range cells {
		x := stored{string(c.Column), c.Time, string(c.Value)}
		if c.Time == 0 {
			t.clock++
			x.at = t.clock
		}
		row := slices.DeleteFunc(t.rows[key], func(o stored) bool { return o.column == x.column && o.at == x.at })
		row = append(row, x)
		sort.Slice(row, func(i, k int) bool {
			return row[i].column < row[k].column || row[i].column == row[k].column && row[i].at > row[k].at
		})
		t.rows[key] = row
	}
}

func (t *memory) delete(key string, columns []string, upto int64) {
	if upto < 0 {
		t.clock++
		upto = t.clock
	}
	for _, c := range columns {
		t.deleted[key] = append(t.deleted[key], gone{c, upto})
	}
}

// read returns the cells of a row that can be seen.
func (t *memory) read(key string, columns [][]byte, versions int, since int64) (cells []hbaserest.Cell) {
	last, n := "", 0
	for _, x := range t.rows[key] {
		wanted := len(columns) == 0 || slices.ContainsFunc(columns, func(c []byte) bool {
			return string(c) == x.column || string(c) == family(x.column)
		})
		hidden := slices.ContainsFunc(t.deleted[key], func(d gone) bool {
			return x.at <= d.upto && (d.column == x.column || d.column == family(x.column))
		})
		if !wanted || hidden || x.at < since {
			continue
		}
		if x.column != last {
			last, n = x.column, 0
		}
		if n++; n <= min(versions, t.families[family(x.column)]) {
			cells = append(cells, hbaserest.Cell{Column: []byte(x.column), Time: x.at, Value: []byte(x.value)})
		}
	}
	return cells
}

// between returns the keys in [from, upto), in their order.
func (t *memory) between(from, upto []byte) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(t.rows)) {
		if bytes.Compare([]byte(key), from) >= 0 && (len(upto) == 0 || bytes.Compare([]byte(key), upto) < 0) {
			keys = append(keys, key)
		}
	}
	return keys
}
