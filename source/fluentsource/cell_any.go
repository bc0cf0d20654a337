package fluentsource

import (
	"unsafe"

	"github.com/freshet-go/freshet/internal/forward"
)

// What values take beside their bytes, as the server's memory counts it.
const (
	mapSize  = 48
	mapEntry = 2 * (16 + 16 + 1) // of a map[string]any; tables are half full at worst
	anySize  = 16
)

// readAnyInto decodes into an any.
func readAnyInto(d *decoder, p unsafe.Pointer, b []byte, depth int) ([]byte, error) {
	v, rest, err := readAny(d, b, depth)
	if err == nil {
		*(*any)(p) = v
	}
	return rest, err
}

// readAny decodes what is there: nil, bool, int64, uint64 (above all int64), float64,
// string, []byte, time.Time, map[string]any, []any. An extension that is no time is its
// bytes.
func readAny(d *decoder, b []byte, depth int) (any, []byte, error) {
	if len(b) == 0 {
		return nil, nil, errShort
	}
	switch c := b[0]; {
	case c == 0xc0:
		return nil, b[1:], nil
	case c == 0xc2, c == 0xc3:
		return c == 0xc3, b[1:], nil
	case isNumber(c):
		n, rest, err := readNumber(b)
		if err != nil {
			return nil, nil, err
		}
		err = d.use(8)
		switch n.kind {
		case signed:
			return int64(n.bits), rest, err
		case unsigned:
			return n.bits, rest, err
		}
		return n.float(), rest, err
	case isText(c):
		text, rest, err := readText(b)
		if err != nil {
			return nil, nil, err
		}
		if err := d.use(anySize + len(text)); err != nil {
			return nil, nil, err
		}
		if c >= 0xc4 && c <= 0xc6 {
			return append([]byte{}, text...), rest, nil
		}
		return d.strings.Try(&d.trials[0], text), rest, nil
	case isMap(c):
		return readAnyMap(d, b, depth)
	case isArray(c):
		return readAnySlice(d, b, depth)
	}
	return readExtension(d, b)
}

func readAnyMap(d *decoder, b []byte, depth int) (map[string]any, []byte, error) {
	n, b, err := mapHead(b, depth)
	if err != nil {
		return nil, nil, err
	}
	if err := d.use(mapSize + n*mapEntry); err != nil {
		return nil, nil, err
	}
	m := make(map[string]any, n)
	for range n {
		key, after, err := mapKey(b)
		if err != nil {
			return nil, nil, err
		}
		if err := d.use(len(key)); err != nil {
			return nil, nil, err
		}
		v, after, err := readAny(d, after, depth-1)
		if err != nil {
			return nil, nil, err
		}
		m[d.strings.String(key)] = v
		b = after
	}
	return m, b, nil
}

func isArray(c byte) bool { return c >= 0x90 && c < 0xa0 || c == 0xdc || c == 0xdd }

func readAnySlice(d *decoder, b []byte, depth int) ([]any, []byte, error) {
	n, b, err := items(b, depth, 1)
	if err != nil {
		return nil, nil, err
	}
	if err := d.use(anySize + n*anySize); err != nil {
		return nil, nil, err
	}
	s := make([]any, n)
	for i := range s {
		if s[i], b, err = readAny(d, b, depth-1); err != nil {
			return nil, nil, err
		}
	}
	return s, b, nil
}

func readExtension(d *decoder, b []byte) (any, []byte, error) {
	size, _, _, err := head(b)
	if err != nil {
		return nil, nil, err
	}
	if uint64(len(b)) < size {
		return nil, nil, errShort
	}
	s := shapes[b[0]]
	at := int(s.size) // of the body; a fixed one is a part of the head
	if s.length == 0 {
		at = 2
	}
	body := b[at:size]
	if b[at-1] == 0 {
		if t, ok := forward.EventTime(body); ok {
			return t, b[size:], d.use(24)
		}
	}
	return append([]byte{}, body...), b[size:], d.use(24 + len(body))
}
