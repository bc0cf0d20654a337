package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unsafe"
)

type csvDecoder[T any] struct {
	format csvFormat[T]
	first  bool  // whether the first record is still to come
	failed error // the header's, for every record that follows it
	row    csvRow
}

// A csvRow reads rows, whatever their type is.
type csvRow struct {
	fields fieldReader
	cells  []csvCell // by position in the file
	last   [8]byte   // what a short last cell is copied to
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
	d.row.fields.comma = d.format.comma
	header := d.first && d.format.header
	d.first = false
	if header {
		d.row.fields.reset(record)
		if d.failed = d.row.readHeader(&d.format.csvConfig, d.format.columns); d.failed != nil {
			return d.failed
		}
		return ErrSkip
	}
	if d.failed != nil {
		return d.failed
	}
	var zero T
	*v = zero
	return d.row.read(record, unsafe.Pointer(v))
}

func (r *csvRow) readHeader(config *csvConfig, columns []csvColumn) error {
	seen := make(map[string]bool)
	var names []string
	for r.fields.more {
		b, err := r.fields.next()
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		name := string(b)
		var cell csvCell
		for i := range columns {
			if c := &columns[i]; c.name == name {
				if seen[name] {
					return fmt.Errorf("header: two columns %s", name)
				}
				cell = c.reader()
			}
		}
		seen[name] = true
		names = append(names, name)
		r.cells = append(r.cells, cell)
	}
	for i := range columns {
		if name := columns[i].name; !seen[name] {
			return fmt.Errorf("header: no column %s among %s%s", name, shorten(fmt.Sprintf("%q", names), 500), config.hint(name, names))
		}
	}
	return nil
}

// hint says why a header may not have a column, or nothing.
func (f *csvConfig) hint(column string, names []string) string {
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

// read sets the fields of the struct that v points to.
func (r *csvRow) read(record []byte, v unsafe.Pointer) error {
	r.fields.reset(record)
	cell := 0
	for r.fields.more {
		n, err := r.readPlain(cell, v)
		if err != nil {
			return err
		}
		if cell = n; !r.fields.more {
			break
		}
		if cell == len(r.cells) {
			return r.wrongLength(cell)
		}
		b, err := r.fields.next()
		if err != nil {
			return fmt.Errorf("field %d: %w", cell+1, err)
		}
		if err := r.cells[cell].set(v, b); err != nil {
			return err
		}
		cell++
	}
	if cell < len(r.cells) {
		return r.wrongLength(cell)
	}
	return nil
}

// readPlain reads the cells from one on, eight bytes at a time, up to a quote or to where there are more than there should be, and returns which is next.
func (r *csvRow) readPlain(cell int, v unsafe.Pointer) (next int, err error) {
	record, from, comma := r.fields.record, r.fields.from, onesWord*uint64(r.fields.comma)
	for word := from; word < len(record); word += 8 {
		x := wordAt(record, word)
		if zeroBytes(x^onesWord*'"') != 0 {
			r.fields.goOn(from)
			return cell, nil
		}
		for stops := zeroBytes(x ^ comma); stops != 0; stops &= stops - 1 {
			if cell == len(r.cells) {
				r.fields.goOn(from)
				return cell, nil
			}
			end := word + bits.TrailingZeros64(stops)/8
			if err := r.cells[cell].set(v, record[from:end]); err != nil {
				return cell, err
			}
			cell, from = cell+1, end+1
		}
	}
	if cell == len(r.cells) {
		r.fields.goOn(from)
		return cell, nil
	}
	r.fields.more = false
	return cell + 1, r.cells[cell].set(v, r.short(record[from:]))
}

// short copies the last cell of a row to where more may be read behind it, if it is shorter than a word: numbers are read as words.
func (r *csvRow) short(cell []byte) []byte {
	record, n := r.fields.record, len(cell)
	if n >= 8 || len(record) < 8 {
		return cell
	}
	binary.LittleEndian.PutUint64(r.last[:], binary.LittleEndian.Uint64(record[len(record)-8:])>>(8*(8-n)))
	return r.last[:n]
}

// set sets the field of the column from what a cell holds.
func (c *csvCell) set(v unsafe.Pointer, b []byte) error {
	if c.column == nil || len(b) == 0 && c.column.omitEmpty {
		return nil
	}
	if err := c.parse(unsafe.Add(v, c.column.offset), b); err != nil {
		return &ColumnError{c.column.name, shorten(string(b), 100), err, c.column.kind}
	}
	return nil
}

// wrongLength counts the fields of the row whose first n have been read.
func (r *csvRow) wrongLength(n int) error {
	for ; r.fields.more; n++ {
		if _, err := r.fields.next(); err != nil {
			return fmt.Errorf("field %d: %w", n+1, err)
		}
	}
	return fmt.Errorf("row has %d fields, not %d", n, len(r.cells))
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
