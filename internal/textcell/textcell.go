// Package textcell writes the values of struct fields as texts, and reads them: what a field of a hash, an
// entry or a cell holds, for connectors whose servers keep bytes.
package textcell

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
	"unsafe"
)

// A Cell is how a Go type is written as a value. Pointers to named types are used as
// pointers to their kinds: they have the same memory.
type Cell struct {
	Kind   string // "an int", for errors
	Parse  func(p unsafe.Pointer, b []byte) error
	Append func(dst []byte, p unsafe.Pointer) (_ []byte, present bool, err error)
}

var timeType = reflect.TypeFor[time.Time]()

// Of returns the cell of a type: strings, bools (1 and 0), numbers, []byte, time.Duration, time.Time, types with MarshalText and
// UnmarshalText, and pointers to these. Options are of a time.Time: see timeCell.
func Of(t reflect.Type, options string) (Cell, error) {
	switch {
	case t == timeType:
		return timeCell(options)
	case options != "":
		return Cell{}, fmt.Errorf("the option %q is for a time.Time, and not for %v", options, t)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Pointer:
		return pointerCell(t.Elem())
	case t == reflect.TypeFor[time.Duration]():
		return simple("a duration", time.ParseDuration, func(dst []byte, d time.Duration) []byte { return append(dst, d.String()...) }), nil
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) && t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return textCell(t), nil
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return bytesCell(), nil
	}
	switch t.Kind() {
	case reflect.String:
		return stringCell(), nil
	case reflect.Bool:
		return simple("a bool", strconv.ParseBool, appendBool), nil
	case reflect.Int:
		return intCell[int](), nil
	case reflect.Int8:
		return intCell[int8](), nil
	case reflect.Int16:
		return intCell[int16](), nil
	case reflect.Int32:
		return intCell[int32](), nil
	case reflect.Int64:
		return intCell[int64](), nil
	case reflect.Uint:
		return uintCell[uint](), nil
	case reflect.Uint8:
		return uintCell[uint8](), nil
	case reflect.Uint16:
		return uintCell[uint16](), nil
	case reflect.Uint32:
		return uintCell[uint32](), nil
	case reflect.Uint64:
		return uintCell[uint64](), nil
	case reflect.Float32:
		return floatCell[float32](32), nil
	case reflect.Float64:
		return floatCell[float64](64), nil
	}
	return Cell{}, fmt.Errorf("a %v has no place in one value; give it MarshalText and UnmarshalText, or use a codec", t)
}

// simple is the cell of a type that is parsed from a string.
func simple[T any](kind string, parse func(string) (T, error), add func([]byte, T) []byte) Cell {
	return Cell{kind, func(p unsafe.Pointer, b []byte) error {
		v, err := parse(string(b))
		*(*T)(p) = v
		return cause(err)
	}, func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) { return add(dst, *(*T)(p)), true, nil }}
}

func stringCell() Cell {
	return Cell{"a string", func(p unsafe.Pointer, b []byte) error {
		*(*string)(p) = string(b)
		return nil
	}, func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		return append(dst, *(*string)(p)...), true, nil
	}}
}

func bytesCell() Cell {
	return Cell{"bytes", func(p unsafe.Pointer, b []byte) error {
		*(*[]byte)(p) = append([]byte{}, b...)
		return nil
	}, func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		return append(dst, *(*[]byte)(p)...), true, nil
	}}
}

// appendBool writes 1 and 0, as most that write to Redis do.
func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, '1')
	}
	return append(dst, '0')
}

func intCell[I int | int8 | int16 | int32 | int64]() Cell {
	return Cell{fmt.Sprintf("an %T", I(0)), func(p unsafe.Pointer, b []byte) error {
		n, ok := Number(b)
		if !ok { // "+5", or none
			v, err := strconv.ParseInt(string(b), 10, 64)
			if err != nil {
				return cause(err)
			}
			n = int(v)
		}
		if int(I(n)) == n {
			*(*I)(p) = I(n)
			return nil
		}
		return strconv.ErrRange
	}, func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		return strconv.AppendInt(dst, int64(*(*I)(p)), 10), true, nil
	}}
}

func uintCell[U uint | uint8 | uint16 | uint32 | uint64]() Cell {
	return Cell{fmt.Sprintf("a %T", U(0)), func(p unsafe.Pointer, b []byte) error {
		n, err := strconv.ParseUint(string(b), 10, 64)
		if err == nil && uint64(U(n)) != n {
			err = strconv.ErrRange
		}
		*(*U)(p) = U(n)
		return cause(err)
	}, func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		return strconv.AppendUint(dst, uint64(*(*U)(p)), 10), true, nil
	}}
}

func floatCell[F float32 | float64](bits int) Cell {
	return Cell{fmt.Sprintf("a %T", F(0)), func(p unsafe.Pointer, b []byte) error {
		v, err := strconv.ParseFloat(string(b), bits)
		*(*F)(p) = F(v)
		return cause(err)
	}, func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		return strconv.AppendFloat(dst, float64(*(*F)(p)), 'g', -1, bits), true, nil
	}}
}

// timeCell is RFC 3339, or with an option the time since 1970 in seconds, ms, us or ns.
func timeCell(option string) (Cell, error) {
	of := map[string]struct {
		from func(int64) time.Time
		to   func(time.Time) int64
	}{
		"unix":      {func(n int64) time.Time { return time.Unix(n, 0) }, time.Time.Unix},
		"unixmilli": {time.UnixMilli, time.Time.UnixMilli},
		"unixmicro": {time.UnixMicro, time.Time.UnixMicro},
		"unixnano":  {func(n int64) time.Time { return time.Unix(0, n) }, time.Time.UnixNano},
	}
	if option == "" {
		return simple("a time as of RFC 3339", func(s string) (time.Time, error) {
			t, err := time.Parse(time.RFC3339Nano, s)
			return t.UTC(), err
		}, func(dst []byte, t time.Time) []byte { return t.UTC().AppendFormat(dst, time.RFC3339Nano) }), nil
	}
	f, ok := of[option]
	if !ok {
		return Cell{}, fmt.Errorf("a time.Time knows the options unix, unixmilli, unixmicro and unixnano, and not %q", option)
	}
	return simple("a time since 1970", func(s string) (time.Time, error) {
		n, err := strconv.ParseInt(s, 10, 64)
		return f.from(n).UTC(), err
	}, func(dst []byte, t time.Time) []byte { return strconv.AppendInt(dst, f.to(t), 10) }), nil
}

// pointerCell is nil where there is no value.
func pointerCell(elem reflect.Type) (Cell, error) {
	c, err := Of(elem, "")
	if err != nil {
		return Cell{}, err
	}
	return Cell{c.Kind, func(p unsafe.Pointer, b []byte) error {
		to := reflect.New(elem).UnsafePointer()
		*(*unsafe.Pointer)(p) = to
		return c.Parse(to, b)
	}, func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		if to := *(*unsafe.Pointer)(p); to != nil {
			return c.Append(dst, to)
		}
		return dst, false, nil
	}}, nil
}

func textCell(t reflect.Type) Cell {
	return Cell{"a " + t.String(), func(p unsafe.Pointer, b []byte) error {
		return reflect.NewAt(t, p).Interface().(encoding.TextUnmarshaler).UnmarshalText(b)
	}, func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		b, err := reflect.NewAt(t, p).Interface().(encoding.TextMarshaler).MarshalText()
		return append(dst, b...), true, err
	}}
}

// cause strips what strconv says about its own function and the value.
func cause(err error) error {
	if e, ok := errors.AsType[*strconv.NumError](err); ok {
		return e.Err
	}
	return err
}

// Number is strconv.Atoi of bytes.
func Number(b []byte) (int, bool) {
	digits := b
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		n, err := strconv.Atoi(string(b))
		return n, err == nil
	}
	n := 0
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = 10*n + int(c)
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}
