package codec

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unsafe"
)

type csvDecoder[T any] struct {
	format csvFormat[T]
	first  bool  // whether the first record is still to come
	failed error // the header's, for every record that follows it
	fields fieldReader
	cells  []csvCell // by position in the file
}

// A csvCell reads one column of one file.
type csvCell struct {
	column *csvColumn // nil where T does not know the column
	parse  parseFunc
}

func (d *csvDecoder[T]) Split(data []byte, atEOF bool) (int, []byte, error) {
	return splitCSV(data, d.format.comma, atEOF)
}

func (d *csvDecoder[T]) Decode(record []byte, v *T) error {
	if d.first {
		record = bytes.TrimPrefix(record, byteOrderMark)
	}
	if len(record) == 0 {
		return ErrSkip
	}
	d.fields.comma = d.format.comma
	d.fields.reset(record)
	header := d.first && d.format.header
	d.first = false
	if header {
		if d.failed = d.readHeader(); d.failed != nil {
			return d.failed
		}
		return ErrSkip
	}
	if d.failed != nil {
		return d.failed
	}
	var zero T
	*v = zero
	return d.readRow(unsafe.Pointer(v))
}

func (d *csvDecoder[T]) readHeader() error {
	seen := make(map[string]bool)
	var names []string
	for d.fields.more {
		b, err := d.fields.next()
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		name := string(b)
		var cell csvCell
		for i := range d.format.columns {
			if c := &d.format.columns[i]; c.name == name {
				if seen[name] {
					return fmt.Errorf("header: two columns %s", name)
				}
				cell = c.reader()
			}
		}
		seen[name] = true
		names = append(names, name)
		d.cells = append(d.cells, cell)
	}
	for i := range d.format.columns {
		if name := d.format.columns[i].name; !seen[name] {
			return fmt.Errorf("header: no column %s among %s%s", name, shorten(fmt.Sprintf("%q", names), 500), d.format.hint(name, names))
		}
	}
	return nil
}

// hint says why a header may not have a column, or nothing.
func (f csvFormat[T]) hint(column string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	if first := names[0]; strings.HasPrefix(first, "\xff\xfe") || strings.HasPrefix(first, "\xfe\xff") {
		return ": it is UTF-16, which Transcode reads"
	}
	for _, name := range names {
		if strings.EqualFold(strings.TrimSpace(name), column) {
			return fmt.Sprintf(": %q is another name, as case and spaces count", name)
		}
	}
	if len(names) > 1 {
		return ""
	}
	for _, comma := range ";\t|," {
		if strings.ContainsRune(names[0], comma) && byte(comma) != f.comma {
			return fmt.Sprintf(": its fields may be told apart by Comma(%q)", comma)
		}
	}
	if strings.Contains(names[0], "\r") {
		return ": its lines end in a carriage return alone"
	}
	return ""
}

func (d *csvDecoder[T]) readRow(v unsafe.Pointer) error {
	for i := range d.cells {
		cell := &d.cells[i]
		if !d.fields.more {
			return d.wrongLength(i)
		}
		b, err := d.fields.next()
		if err != nil {
			return fmt.Errorf("field %d: %w", i+1, err)
		}
		c := cell.column
		if c == nil || len(b) == 0 && c.omitEmpty {
			continue
		}
		if err := cell.parse(unsafe.Add(v, c.offset), b); err != nil {
			return &ColumnError{c.name, shorten(string(b), 100), err, c.kind}
		}
	}
	if d.fields.more {
		return d.wrongLength(len(d.cells))
	}
	return nil
}

// wrongLength counts the fields of the row whose first n have been read.
func (d *csvDecoder[T]) wrongLength(n int) error {
	for ; d.fields.more; n++ {
		if _, err := d.fields.next(); err != nil {
			return fmt.Errorf("field %d: %w", n+1, err)
		}
	}
	return fmt.Errorf("row has %d fields, not %d", n, len(d.cells))
}

// A ColumnError is the error of a cell that does not hold what its field
// needs.
type ColumnError struct {
	Column string
	Value  string // the cell, cut short where it is long
	Err    error  // strconv.ErrSyntax, strconv.ErrRange or the error of UnmarshalText

	kind string // "an int"
}

// Error says, for example, `column Quantity: "abc" is not an int`.
func (e *ColumnError) Error() string {
	return fmt.Sprintf("column %s: %s", e.Column, misfit(e.Value, e.kind, e.Err))
}

// Unwrap returns e.Err.
func (e *ColumnError) Unwrap() error { return e.Err }

func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "..."
}

// misfit says why a value is not of a kind.
func misfit(value, kind string, err error) string {
	switch {
	case errors.Is(err, strconv.ErrSyntax):
		return fmt.Sprintf("%q is not %s", value, kind)
	case errors.Is(err, strconv.ErrRange):
		return fmt.Sprintf("%q is out of the range of %s", value, kind)
	}
	return fmt.Sprintf("%q: %v", value, err)
}
