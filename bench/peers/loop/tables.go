package main

import "maps"

// mapOf is what one writes first.
type mapOf map[int64]int64

func mapSums() mapOf { return mapOf{} }

func (m mapOf) add(key, amount int64) { m[key] += amount }
func (m mapOf) clear()                { clear(m) }
func (m mapOf) each(f func(key, sum int64)) {
	for k, v := range maps.All(m) {
		f(k, v)
	}
}

// An openTable is a hash table with open addressing: a key and its sum are 16
// bytes in one place, found by one multiplication and mostly one look.
type openTable struct {
	cells []cell
	shift uint  // a hash's upper bits are a place
	free  int   // how many keys fit before it grows
	zero  *cell // the key 0, which in cells means that there is none
	none  cell
}

type cell struct{ key, sum int64 }

func openSums() *openTable { return newTable(10) }

func newTable(bits uint) *openTable {
	return &openTable{cells: make([]cell, 1<<bits), shift: 64 - bits, free: 7 << bits / 8}
}

func (t *openTable) add(key, amount int64) {
	if key == 0 {
		t.zero = &t.none
		t.none.sum += amount
		return
	}
	mask := uint64(len(t.cells) - 1)
	for i := uint64(key) * 0x9e3779b97f4a7c15 >> t.shift; ; i = (i + 1) & mask {
		c := &t.cells[i&mask]
		if c.key == key {
			c.sum += amount
			return
		}
		if c.key == 0 {
			if t.free == 0 {
				t.grow()
				t.add(key, amount)
				return
			}
			t.free--
			*c = cell{key, amount}
			return
		}
	}
}

func (t *openTable) grow() {
	larger := newTable(64 - t.shift + 1)
	for _, c := range t.cells {
		if c.key != 0 {
			larger.add(c.key, c.sum)
		}
	}
	t.cells, t.shift, t.free = larger.cells, larger.shift, larger.free
}

func (t *openTable) each(f func(key, sum int64)) {
	if t.zero != nil {
		f(0, t.zero.sum)
	}
	for _, c := range t.cells {
		if c.key != 0 {
			f(c.key, c.sum)
		}
	}
}

func (t *openTable) clear() {
	clear(t.cells)
	t.free = 7 * len(t.cells) / 8
	t.zero, t.none = nil, cell{}
}
