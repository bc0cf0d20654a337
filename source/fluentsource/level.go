package fluentsource

import (
	"errors"
	"unsafe"
)

// A level is a map of the record some of whose keys are wanted.
type level struct {
	number int // in the plan
	fields []field
	index  map[string]int
	rest   uintptr // of the map[string]any for what is left, if keeps
	keeps  bool
}

// A field is a key of a level.
type field struct {
	key    string
	name   string // of the struct's field, for errors
	path   string // the key with those above it
	offset uintptr
	decode cell
	sub    *level // instead of decode: a map whose keys are fields of the same struct
}

var errKey = errors.New("a key of the record is no string")

// read decodes a map into the struct at p. What is left goes to rest, if it is not nil.
func (l *level) read(d *decoder, p unsafe.Pointer, b []byte, depth int, rest *map[string]any) ([]byte, error) {
	n, b, err := mapHead(b, depth)
	if err != nil {
		return nil, err
	}
	if l.keeps {
		rest = (*map[string]any)(unsafe.Add(p, l.rest))
	}
	for i := range n {
		var at int
		var name string
		if s := d.expected(l.number, i); len(b) > len(s.whole) && s.whole != "" && string(b[:len(s.whole)]) == s.whole {
			at, name, b = s.field, s.key, b[len(s.whole):]
		} else {
			key, after, err := mapKey(b)
			if err != nil {
				return nil, err
			}
			at, name = l.find(d, i, b[:len(b)-len(after)], key)
			b = after
		}
		switch {
		case at < 0 && rest == nil:
			b, err = skip(b, depth-1)
		case at < 0:
			b, err = l.leave(d, rest, name, b, depth)
		case isNil(b):
			b = b[1:]
		default:
			f := &l.fields[at]
			if f.sub != nil {
				b, err = f.sub.within(d, p, b, depth-1, rest, f)
			} else {
				b, err = f.decode(d, unsafe.Add(p, f.offset), b, depth-1)
			}
			if m, ok := err.(*misfit); ok {
				err = &FieldError{Field: f.name, Key: f.path, Err: m}
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// find returns the number of the field that wants a key, or -1, and the key. whole is the key as it
// is sent.
func (l *level) find(d *decoder, i int, whole, key []byte) (at int, name string) {
	at, ok := l.index[string(key)]
	if !ok {
		at = -1
	}
	order := d.orders[l.number]
	now := seen{field: -1} // in place of a long key
	if len(whole) <= longestKept {
		now.whole = d.strings.String(whole)
		now.key, now.field = now.whole[len(whole)-len(key):], at
	}
	switch {
	case i < len(order):
		order[i] = now
	case i == len(order) && i < mostOrder:
		d.orders[l.number] = append(order, now)
	}
	if now.whole == "" {
		return at, string(key)
	}
	return at, now.key
}

// leave puts a value that no field wants into rest.
func (l *level) leave(d *decoder, rest *map[string]any, name string, b []byte, depth int) ([]byte, error) {
	v, b, err := readAny(d, b, depth-1)
	if err != nil {
		return nil, err
	}
	if err := d.use(mapEntry + len(name)); err != nil {
		return nil, err
	}
	if *rest == nil {
		*rest = make(map[string]any)
	}
	(*rest)[name] = v
	return b, nil
}

// within decodes a map inside one, whose keys are fields of the same struct. What no field
// wants of it is a map in rest.
func (l *level) within(d *decoder, p unsafe.Pointer, b []byte, depth int, rest *map[string]any, f *field) ([]byte, error) {
	if !isMap(b[0]) {
		return nil, unfit(b, "a map", nil)
	}
	var left map[string]any
	to := &left
	if rest == nil {
		to = nil
	}
	b, err := l.read(d, p, b, depth, to)
	if err == nil && left != nil {
		if *rest == nil {
			*rest = make(map[string]any)
		}
		(*rest)[f.key] = left
	}
	return b, err
}

func isMap(c byte) bool { return c >= 0x80 && c < 0x90 || c == 0xde || c == 0xdf }

// mapHead reads how many pairs a map has, each of which is at least two bytes of b.
func mapHead(b []byte, depth int) (n int, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, errShort
	}
	if !isMap(b[0]) {
		return 0, nil, unfit(b, "a map", nil)
	}
	return items(b, depth, 2)
}

// items reads the head of a map or an array, of items of so many values each.
func items(b []byte, depth int, values uint64) (n int, rest []byte, err error) {
	if depth <= 0 {
		return 0, nil, errDeep
	}
	size, count, _, err := head(b)
	if err != nil {
		return 0, nil, err
	}
	if uint64(len(b)) < size || count > uint64(len(b))-size {
		return 0, nil, errShort
	}
	return int(count / values), b[size:], nil
}

// mapKey reads a key. Behind it there is at least a byte of its value.
func mapKey(b []byte) (key, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, errShort
	}
	if !isText(b[0]) {
		if _, err := skip(b, mostDepth); err != nil {
			return nil, nil, err
		}
		return nil, nil, errKey
	}
	key, rest, err = readText(b)
	if err == nil && len(rest) == 0 {
		err = errShort
	}
	return key, rest, err
}
