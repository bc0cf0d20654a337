package stream

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/record"
)

// How batches cross from one process to another: column by column. What is in a batch is
// known by its type when a run is made; nothing here is compiled for each type that flows.
//
// Values, keys and accumulators are stored as codec.Binary stores them, and where they are nothing but numbers without the keys of fields, as all workers of a job
// are the same program. Of a header travel event times, places in the source and late
// marks; when the batch was read does not, as clocks of runs begin when these do.

// A wire is an engine.Wire of batches of one type.
type wire struct {
	batch   reflect.Type // a pointer to it is what envelopes carry
	columns []column
}

// A column is a field of a batch.
type column struct {
	name   string
	offset uintptr
	kind   columnKind
	rows   *record.Rows   // of columnNumbers
	enc    record.Encoder // of columnValues
	dec    record.Decoder
}

type columnKind uint8

const (
	columnHeader columnKind = iota
	columnFixed             // of 8 bytes each
	columnLate
	columnNumbers // rows of nothing but numbers
	columnValues
)

// wireOf returns how batches that p points to cross. It is an error if their values cannot be stored.
func wireOf(p reflect.Type) (engine.Wire, error) {
	w := &wire{batch: p.Elem()}
	return w, w.add(p.Elem(), 0)
}

func (w *wire) add(t reflect.Type, at uintptr) error {
	for f := range t.Fields() {
		c := column{name: f.Name, offset: at + f.Offset}
		switch f.Type {
		case reflect.TypeFor[header]():
			c.kind = columnHeader
		case reflect.TypeFor[[]lateMark]():
			c.kind = columnLate
		default:
			if f.Type.Kind() == reflect.Struct {
				if err := w.add(f.Type, c.offset); err != nil {
					return err
				}
				continue
			}
			if f.Name == "hashes" || f.Name == "slices" || f.Name == "counts" {
				c.kind = columnFixed
				break
			}
			c.kind = columnValues
			plan, err := record.PlanOf(f.Type)
			if err != nil {
				return err
			}
			c.enc, c.dec = plan.NewEncoder(), plan.NewDecoder()
			if c.rows = record.RowsOf(f.Type); c.rows != nil {
				c.kind = columnNumbers
			}
		}
		w.columns = append(w.columns, c)
	}
	return nil
}

// of returns the batch that a parcel carries. A parcel is an envelope, whose first field is a pointer to its batch.
func (w *wire) of(p engine.Parcel) unsafe.Pointer {
	return *(*unsafe.Pointer)(reflect.ValueOf(p).UnsafePointer())
}

// sliceOf is a slice of any type, as the compiler lays it out.
type sliceOf struct {
	data     unsafe.Pointer
	len, cap int
}

func (w *wire) Append(b []byte, p engine.Parcel) (_ []byte, err error) {
	batch := w.of(p)
	for i := range w.columns {
		c := &w.columns[i]
		at := unsafe.Add(batch, c.offset)
		switch c.kind {
		case columnHeader:
			b = (*header)(at).appendTo(b)
		case columnLate:
			b = appendLate(b, *(*[]lateMark)(at))
		case columnFixed:
			b = appendFixed(b, *(*[]uint64)(at))
		case columnNumbers:
			b = c.rows.Append(b, at)
		case columnValues:
			if b, err = c.enc.Append(b, at); err != nil {
				return b, err
			}
		}
	}
	return b, nil
}

func (w *wire) Read(b []byte, p engine.Parcel) (err error) {
	batch := w.of(p)
	rows := -1
	for i := range w.columns {
		c := &w.columns[i]
		at := unsafe.Add(batch, c.offset)
		switch c.kind {
		case columnHeader:
			b, err = (*header)(at).readFrom(b)
		case columnLate:
			b, err = readLate(b, (*[]lateMark)(at))
		case columnFixed:
			b, err = readFixed(b, (*[]uint64)(at))
		case columnNumbers:
			b, err = c.rows.Read(b, at)
		case columnValues:
			b, err = c.read(b, at)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if c.kind >= columnNumbers || c.kind == columnFixed {
			n := (*sliceOf)(at).len
			if rows >= 0 && n != rows {
				return fmt.Errorf("%s: %d of %d rows", c.name, n, rows)
			}
			rows = n
		}
	}
	switch {
	case len(b) > 0:
		return errors.New("bytes behind the batch")
	case rows <= 0:
		return errors.New("no rows")
	}
	return w.fits(batch, rows)
}

// fits reports whether what the header and the late marks say is of so many rows.
func (w *wire) fits(batch unsafe.Pointer, rows int) error {
	for _, c := range w.columns {
		var late []lateMark
		switch at := unsafe.Add(batch, c.offset); c.kind {
		case columnHeader:
			h := (*header)(at)
			if len(h.seqs) != rows || h.times != nil && len(h.times) != rows {
				return errors.New("times or places of other rows")
			}
			late = h.late
		case columnLate:
			late = *(*[]lateMark)(at)
		}
		last := int32(-1)
		for _, m := range late {
			if m.row <= last || int(m.row) >= rows {
				return errors.New("late marks of other rows")
			}
			last = m.row
		}
	}
	return nil
}

func (c *column) read(b []byte, at unsafe.Pointer) ([]byte, error) {
	used, body, err := record.Split(b, true)
	if err == nil && used == 0 {
		err = errCutShort
	}
	if err != nil {
		return b, err
	}
	(*sliceOf)(at).len = 0 // its room is used again
	return b[used:], c.dec.Decode(body, at)
}

// Empty makes the batch one of no rows, and keeps the memory of its columns.
func (w *wire) Empty(p engine.Parcel) {
	batch := w.of(p)
	for _, c := range w.columns {
		at := unsafe.Add(batch, c.offset)
		if c.kind == columnHeader {
			h := (*header)(at)
			*h = h.emptied()
			continue
		}
		(*sliceOf)(at).len = 0
	}
}
