package fluentsink

import (
	"fmt"
	"unsafe"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

// A level is a map of the record.
type level struct {
	fields []field
	rest   uintptr // of a map[string]any whose keys belong to it as well
	keeps  bool

	// Where all keys are there whatever the value is, the level is a row: all between two values is known beforehand.
	// Levels below it are in the row.
	fixed bool
	row   []field
	end   []byte // behind the last value
}

// A field is a key of a level.
type field struct {
	key    []byte // as it is sent; in a row, all that stands before the value
	plain  string
	name   string // of the struct's field, for errors
	offset uintptr
	cell   cell
	sub    *level // instead of a cell: a map of fields of the same struct
}

// append appends the map of the struct at p.
func (l *level) append(b []byte, p unsafe.Pointer) (_ []byte, err error) {
	if l.fixed {
		return l.appendRow(b, p)
	}
	b = msgp.AppendMapHeader(b, uint32(l.count(p)))
	for i := range l.fields {
		f := &l.fields[i]
		if f.sub != nil {
			if f.sub.count(p) == 0 {
				continue
			}
			b = append(b, f.key...)
			b, err = f.sub.append(b, p)
		} else if at := unsafe.Add(p, f.offset); !f.cell.absent(at) {
			b, err = f.append(append(b, f.key...), at)
		}
		if err != nil {
			return b, err
		}
	}
	if l.keeps {
		for key, v := range *(*map[string]any)(unsafe.Add(p, l.rest)) {
			if l.has(key) {
				continue
			}
			if b, err = appendAny(msgp.AppendString(b, key), v); err != nil {
				return b, fmt.Errorf("%q of %s: %w", key, forward.Rest, err)
			}
		}
	}
	return b, nil
}

// appendRow is append of a level that is a row.
func (l *level) appendRow(b []byte, p unsafe.Pointer) (_ []byte, err error) {
	for i := range l.row {
		f := &l.row[i]
		if b, err = f.append(append(b, f.key...), unsafe.Add(p, f.offset)); err != nil {
			return b, err
		}
	}
	return append(b, l.end...), nil
}

// append appends the value at p.
func (f *field) append(b []byte, p unsafe.Pointer) (_ []byte, err error) {
	switch f.cell.kind {
	case asString:
		return appendString(b, *(*string)(p)), nil
	case asInt:
		return msgp.AppendInt(b, *(*int)(p)), nil
	case asInt64:
		return msgp.AppendInt64(b, *(*int64)(p)), nil
	case asFloat64:
		return msgp.AppendFloat64(b, *(*float64)(p)), nil
	}
	if b, err = f.cell.put(b, p); err != nil {
		return b, fmt.Errorf("field %s: %w", f.name, err)
	}
	return b, nil
}

// appendString is msgp.AppendString, quicker where s is short.
func appendString(b []byte, s string) []byte {
	if len(s) > 31 {
		return msgp.AppendString(b, s)
	}
	return append(append(b, 0xa0|byte(len(s))), s...)
}

// count returns how many keys are there.
func (l *level) count(p unsafe.Pointer) (n int) {
	for i := range l.fields {
		f := &l.fields[i]
		if f.sub != nil && f.sub.count(p) > 0 || f.sub == nil && !f.cell.absent(unsafe.Add(p, f.offset)) {
			n++
		}
	}
	if l.keeps {
		for key := range *(*map[string]any)(unsafe.Add(p, l.rest)) {
			if !l.has(key) {
				n++
			}
		}
	}
	return n
}

// has reports whether a field has a key: it goes before one of the rest.
func (l *level) has(key string) bool {
	for i := range l.fields {
		if l.fields[i].plain == key {
			return true
		}
	}
	return false
}

// settle makes a level a row, if it is one.
func (l *level) settle() {
	l.fixed = !l.keeps
	for i := range l.fields {
		if f := &l.fields[i]; f.sub == nil {
			l.fixed = l.fixed && !f.cell.optional
		} else {
			f.sub.settle()
			l.fixed = l.fixed && f.sub.fixed
		}
	}
	if !l.fixed {
		return
	}
	l.end = msgp.AppendMapHeader(nil, uint32(len(l.fields)))
	for _, f := range l.fields {
		l.end = append(l.end, f.key...)
		fields := []field{f}
		if f.sub != nil {
			l.end = append(l.end, f.sub.row[0].key...)
			fields = f.sub.row
		}
		l.row = append(l.row, fields...)
		l.row[len(l.row)-len(fields)].key = l.end
		l.end = nil
	}
}
