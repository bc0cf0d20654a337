package binlogsource

import (
	"errors"
	"fmt"
	"reflect"
	"time"
	"unsafe"
)

// A plan is how the columns of a row become the fields of a T, and its key.
type plan struct {
	table string
	steps []step
	keys  int // columns of the key
	v     value
}

// A step is a column of a row.
type step struct {
	column *column
	set    setFunc // nil where no field wants the column
	offset uintptr
	field  string
	key    int // which part of the key it is; -1 if none
	zone   *time.Location
}

// put puts a value into the field.
func (s *step) put(to unsafe.Pointer, v *value) error {
	if s.zone != nil && v.kind == isTime && s.column.kind != ofTimestamp {
		y, m, d := v.t.Date()
		v.t = time.Date(y, m, d, v.t.Hour(), v.t.Minute(), v.t.Second(), v.t.Nanosecond(), s.zone).UTC()
	}
	return s.set(unsafe.Add(to, s.offset), v)
}

// A ColumnError is the error of a column that does not fit its field.
type ColumnError struct {
	Table  string
	Column string
	Field  string
	Err    error
}

func (e *ColumnError) Error() string {
	return fmt.Sprintf("table %s: column %s for field %s: %v", e.Table, e.Column, e.Field, e.Err)
}

func (e *ColumnError) Unwrap() error { return e.Err }

var errNoColumn = errors.New("the table has no such column (a field may do without it by the tag `missing:\"zero\"`)")

// planOf has fields be set from columns. Key names the columns of the key, which are among them.
func planOf(table string, columns []column, fields []field, key []string) (*plan, error) {
	p := &plan{table: table, steps: make([]step, len(columns)), keys: len(key)}
	for i := range columns {
		p.steps[i] = step{column: &columns[i], key: -1}
	}
	at := func(name string) *step {
		if c := find(columns, name); c != nil {
			for i := range p.steps {
				if p.steps[i].column == c {
					return &p.steps[i]
				}
			}
		}
		return nil
	}
	for _, f := range fields {
		s := at(f.column)
		if s == nil {
			if f.optional {
				continue
			}
			return nil, &ColumnError{table, f.column, f.name, errNoColumn}
		}
		set, err := setOf(f.typ, s.column)
		if err != nil {
			return nil, &ColumnError{table, f.column, f.name, err}
		}
		s.set, s.offset, s.field = set, f.offset, f.name
		if f.typ.Kind() != reflect.String && f.typ.Kind() != reflect.Slice {
			s.zone = f.zone
		}
	}
	for i, name := range key {
		at(name).key = i
	}
	return p, nil
}

// row reads one image of a row. To is nil where it is only to be skipped; key, if there is one,
// is filled. An error that is wrapped in a *ColumnError is of a value, and n is right; after any other one the bytes are no row.
func (p *plan) row(data []byte, present []byte, to unsafe.Pointer, key []keyPart) (n int, err error) {
	n = (len(p.steps) + 7) / 8
	if len(data) < n {
		return 0, errShort
	}
	nulls := data[:n]
	v := &p.v
	for i := range p.steps {
		s := &p.steps[i]
		if present[i>>3]&(1<<(i&7)) == 0 {
			return 0, errImage
		}
		if nulls[i>>3]&(1<<(i&7)) != 0 {
			v.kind = isNull
		} else {
			took, err := s.column.read(s.column, data[n:], v)
			if err != nil {
				return 0, fmt.Errorf("column %s at byte %d of its row: %w", s.column.name, n, err)
			}
			n += took
		}
		if to == nil {
			continue
		}
		if s.key >= 0 && key != nil {
			key[s.key] = keyPartOf(v)
		}
		if s.set != nil {
			if wrong := s.put(to, v); wrong != nil && err == nil {
				err = &ColumnError{p.table, s.column.name, s.field, wrong}
			}
		}
	}
	return n, err
}

var errImage = errors.New("the row in the log has not all columns: want binlog_row_image=FULL, in all sessions")
