package sqldb

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/prepared"
)

// A Row is where the columns of a row go: into the fields of a struct. One
// goroutine uses it.
type Row struct {
	Dests  []any  // for Rows.Scan
	Err    error  // of the first column that did not fit
	Hashes bool   // or Hash is not known
	hashed []byte // the columns, if Hashes
	bad    string // the column that Err is of

	base  unsafe.Pointer
	cells []dest
}

type dest struct {
	row   *Row
	field *Field
}

// NewRow returns the row of a result with these columns. A column that no field takes is an error, and so
// is a field that has no column. Of names what they are columns of.
func NewRow(fields []Field, typ, of string, columns []string) (*Row, error) {
	r := &Row{cells: make([]dest, len(columns))}
	left := map[string]*Field{}
	for i := range fields {
		left[fields[i].Column] = &fields[i]
	}
	var untaken []string
	for i, column := range columns {
		f := left[column]
		if f == nil {
			untaken = append(untaken, column)
			continue
		}
		delete(left, column)
		r.cells[i] = dest{r, f}
		r.Dests = append(r.Dests, &r.cells[i])
	}
	if len(untaken) > 0 {
		return nil, fmt.Errorf("no field of %s takes the column %s of %s: it has fields for %s",
			typ, strings.Join(untaken, ", "), of, Shorten(strings.Join(Columns(fields), ", "), 500))
	}
	return r, Without(left, fields, of, columns)
}

// Without returns an error if a field has no column.
func Without(left map[string]*Field, fields []Field, of string, columns []string) error {
	for _, f := range fields {
		if left[f.Column] != nil {
			return fmt.Errorf("field %s wants the column %s, which %s has not: it has %s", f.Name, f.Column, of, Shorten(strings.Join(columns, ", "), 500))
		}
	}
	return nil
}

// Into says which struct the next row goes into.
func (r *Row) Into(p unsafe.Pointer) { r.base, r.Err, r.hashed = p, nil, r.hashed[:0] }

// Hash returns what tells the row from others, but for one chance in 2^64.
func (r *Row) Hash() uint64 {
	sum := sha256.Sum256(r.hashed)
	return binary.LittleEndian.Uint64(sum[:])
}

// Scan puts a column into its field. What does not fit is kept for Row.Err, so that the
// other columns are read, too.
func (d *dest) Scan(src any) error {
	r := d.row
	if r.Hashes {
		r.hashed = appendHashed(r.hashed, src)
	}
	if err := d.field.scan(d.field.at(r.base), src); err != nil && r.Err == nil {
		r.Err, r.bad = d.field.misfit(src, err), d.field.Column
	}
	return nil
}

// misfit is the error of a value that does not fit the field.
func (f *Field) misfit(src any, err error) error {
	if src == nil && errors.Is(err, errNull) {
		return fmt.Errorf("column %s is NULL, and field %s (%v) cannot hold that: make it a pointer or a sql.Null", f.Column, f.Name, f.Type)
	}
	text, e := toString(src)
	if e != nil {
		return fmt.Errorf("column %s: field %s (%v): %w", f.Column, f.Name, f.Type, err)
	}
	return fmt.Errorf("column %s: field %s (%v): %q: %w", f.Column, f.Name, f.Type, Shorten(text, 100), err)
}

// Text shows the values of a row.
func Text(columns []string, values []any) string {
	var b strings.Builder
	for i, column := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		if text, err := toString(values[i]); err == nil {
			fmt.Fprintf(&b, "%s=%s", column, Shorten(text, 200))
		} else {
			fmt.Fprintf(&b, "%s=NULL", column)
		}
	}
	return b.String()
}

// appendHashed appends a column as it is hashed. A number is its text, as one driver gives it as the
// other.
func appendHashed(b []byte, src any) []byte {
	switch v := src.(type) {
	case nil:
		return append(b, 0)
	case string:
		return prepared.AppendBytes(append(b, 1), v)
	case []byte:
		return prepared.AppendBytes(append(b, 1), v)
	case time.Time:
		return binary.AppendVarint(binary.AppendVarint(append(b, 2), v.Unix()), int64(v.Nanosecond()))
	}
	s, _ := toString(src) // all that drivers give
	return prepared.AppendBytes(append(b, 1), s)
}

// BadKey reports whether the field that did not fit, Err, is one of keys.
func (r *Row) BadKey(keys []string) bool { return slices.Contains(keys, r.bad) }
