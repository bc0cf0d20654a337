package codec

import (
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"
	"unsafe"
)

type logfmtEncoder[T any] struct {
	columns []csvColumn
	v       T // here, so that taking its address allocates nothing
	scratch []byte
}

func (e *logfmtEncoder[T]) Append(dst []byte, v T) ([]byte, error) {
	e.v = v
	out, err := e.appendLine(dst)
	e.v = *new(T)
	if err != nil {
		return dst, err
	}
	return out, nil
}

func (e *logfmtEncoder[T]) appendLine(dst []byte) ([]byte, error) {
	start := len(dst)
	for i := range e.columns {
		c := &e.columns[i]
		p := unsafe.Add(unsafe.Pointer(&e.v), c.offset)
		if (c.omitEmpty || c.typ.Kind() == reflect.Pointer) && c.isZero(p) {
			continue
		}
		var err error
		if e.scratch, err = c.append(e.scratch[:0], p); err != nil {
			return nil, fmt.Errorf("key %s: %w", c.name, err)
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		dst = append(append(dst, c.name...), '=')
		dst = appendLogfmt(dst, e.scratch)
	}
	if len(dst) == start {
		return nil, errors.New("codec: no field has a pair to write, and an empty line is no record")
	}
	return append(dst, '\n'), nil
}

// appendLogfmt appends a value, in quotes if it needs them.
func appendLogfmt(dst, value []byte) []byte {
	plain := len(value) > 0
	for _, c := range value {
		plain = plain && c > ' ' && c < utf8.RuneSelf && c != '"' && c != '=' && c != '\\' && c != 0x7f
	}
	if plain {
		return append(dst, value...)
	}
	dst = append(dst, '"')
	for i := 0; i < len(value); {
		c, size := value[i], 1
		switch {
		case c >= utf8.RuneSelf:
			if _, size = utf8.DecodeRune(value[i:]); size == 1 {
				dst = appendHex(dst, c)
				break
			}
			dst = append(dst, value[i:i+size]...)
		case c == '"', c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case isControl(c):
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
		i += size
	}
	return append(dst, '"')
}
