package codec

import (
	"bytes"
	"fmt"
	"unsafe"
)

type csvEncoder[T any] struct {
	format  csvFormat[T]
	header  bool // whether it is still to be written
	v       T    // here, so that taking its address allocates nothing
	scratch []byte
}

func (e *csvEncoder[T]) Append(dst []byte, v T) ([]byte, error) {
	e.v = v
	out, err := e.appendRow(dst)
	var zero T
	e.v = zero
	if err != nil {
		return dst, err
	}
	e.header = false
	return out, nil
}

func (e *csvEncoder[T]) appendRow(dst []byte) ([]byte, error) {
	if e.header {
		start := len(dst)
		for i := range e.format.columns {
			cell := len(dst)
			dst = append(dst, e.format.columns[i].name...)
			dst = e.endCell(dst, cell)
		}
		dst = e.endRow(dst, start)
	}
	start := len(dst)
	for i := range e.format.columns {
		c := &e.format.columns[i]
		cell := len(dst)
		p := unsafe.Add(unsafe.Pointer(&e.v), c.offset)
		if !c.omitEmpty || !c.isZero(p) {
			var err error
			if dst, err = c.append(dst, p); err != nil {
				return nil, fmt.Errorf("column %s: %w", c.name, err)
			}
		}
		dst = e.endCell(dst, cell)
	}
	return e.endRow(dst, start), nil
}

// endCell puts the cell that starts at dst[start] in quotes where it needs
// them, and a comma behind it.
func (e *csvEncoder[T]) endCell(dst []byte, start int) []byte {
	if !e.needsQuotes(dst[start:]) {
		return append(dst, e.format.comma)
	}
	e.scratch = append(e.scratch[:0], dst[start:]...)
	dst = append(dst[:start], '"')
	for _, c := range e.scratch {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"', e.format.comma)
}

// needsQuotes also says so of a byte order mark, which a reader would drop
// from the start of the file, and of a space, which some readers trim.
func (e *csvEncoder[T]) needsQuotes(cell []byte) bool {
	for _, c := range cell {
		if c == e.format.comma || c == '"' || c == '\n' || c == '\r' {
			return true
		}
	}
	return len(cell) > 0 && (cell[0] == ' ' || cell[len(cell)-1] == ' ' || bytes.HasPrefix(cell, byteOrderMark))
}

// endRow makes the last comma a line end. A row of one empty cell would be a
// blank line, so it is given quotes.
func (e *csvEncoder[T]) endRow(dst []byte, start int) []byte {
	dst = dst[:len(dst)-1]
	if len(dst) == start {
		dst = append(dst, `""`...)
	}
	return append(dst, '\n')
}
