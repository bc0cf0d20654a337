package binlogsource

import (
	"cmp"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"slices"
	"unsafe"
)

// A chunk is rows of a table, as they were somewhere from low to high. Where both are the same it is
// known where.
//
// The stream of changes is read up to high before the rows are given. Until then changes of rows that
// have been given before are given, and others are left out, as what they have led to is in the chunk
// or in a later one. So each row comes once, as it was at high, and then each of its changes. Rows that
// change between low and high are put right: whatever their state was when they were read, the changes since low,
// each of which has the whole row, end in the one at high. That is DBLog's window: Andreakis and
// Papapanagiotou, "DBLog: A Watermark Based Change-Data-Capture Framework", 2020, where such rows
// are left to the stream.
type chunk struct {
	table     string
	rows      gathered
	columns   []*column // of the key; none of a table that is read as a whole
	keys      []keyPart // of the rows, one after the other
	low, high position
	to        []keyPart     // the key of the last row that was read
	last      bool          // there are no rows behind it
	err       error         // the table could not be read; the stream up to high may say why
	bad       map[int]error // rows that have not become a T
	order     []int         // of the rows, once some have changed; nil for that in which they were read
	changed   map[string]int
	given     int
}

// gone is the place of a row that was deleted within the window.
const gone = -1

// key returns that of a row.
func (c *chunk) key(i int) []keyPart {
	n := len(c.keys) / c.rows.len()
	return c.keys[i*n : (i+1)*n : (i+1)*n]
}

// selected adds a row of a result.
func (p *plan) selected(values []driver.Value, c *chunk) error {
	to := c.rows.add()
	base := len(c.keys)
	for range p.keys {
		c.keys = append(c.keys, keyPart{})
	}
	v := &p.v
	for i := range p.steps {
		s := &p.steps[i]
		err := s.column.fromDriver(values[i], v)
		if err == nil && s.key >= 0 {
			c.keys[base+s.key] = keyPartOf(v)
		}
		if err == nil && s.set != nil {
			err = s.put(to, v)
		}
		if err != nil {
			if s.key >= 0 && s.set == nil {
				return fmt.Errorf("column %s: %w", s.column.name, err)
			}
			c.isBad(c.rows.len()-1, &ColumnError{c.table, s.column.name, s.field, err})
		}
	}
	return nil
}

func (c *chunk) isBad(i int, err error) {
	if c.bad == nil {
		c.bad = map[int]error{}
	}
	c.bad[i] = err
}

// has reports whether a key is among those that the chunk was read for: behind after, up to its last.
func (c *chunk) has(order []*column, key, after []keyPart) bool {
	return (len(after) == 0 || compareKeys(order, key, after) > 0) && (c.last || compareKeys(order, key, c.to) <= 0)
}

// put makes a row what it is after a change; from is nil where it is gone. The error is of
// a row that has not become a T.
func (c *chunk) put(key []keyPart, from unsafe.Pointer, bad error) {
	if c.changed == nil {
		c.changed = map[string]int{}
		for i := range c.rows.len() {
			c.changed[text(c.key(i))] = i
		}
	}
	at, known := c.changed[text(key)]
	if from == nil {
		if known {
			c.changed[text(key)] = gone
		}
		return
	}
	if !known || at == gone {
		at = c.rows.len()
		c.rows.add()
		c.keys = append(c.keys, key...)
		c.changed[text(key)] = at
	}
	c.rows.set(at, from)
	delete(c.bad, at)
	if bad != nil {
		c.isBad(at, bad)
	}
}

// text returns a key as one for a map.
func text(key []keyPart) string {
	var b []byte
	for _, k := range key {
		b = binary.AppendVarint(b, k.I)
		b = binary.AppendUvarint(b, k.U)
		b = binary.AppendUvarint(b, uint64(len(k.B)))
		b = append(b, k.B...)
	}
	return string(b)
}

// settle brings the rows into their order, those that are gone left out.
func (c *chunk) settle(order []*column) {
	if c.changed == nil || c.order != nil {
		return
	}
	c.order = []int{}
	for _, i := range c.changed {
		if i != gone {
			c.order = append(c.order, i)
		}
	}
	slices.SortFunc(c.order, func(a, b int) int {
		return cmp.Or(compareKeys(order, c.key(a), c.key(b)), cmp.Compare(a, b))
	})
}

// count is how many rows are to be given.
func (c *chunk) count() int {
	if c.order != nil {
		return len(c.order)
	}
	return c.rows.len()
}

// row returns which row is the ith to be given.
func (c *chunk) row(i int) int {
	if c.order != nil {
		return c.order[i]
	}
	return i
}
