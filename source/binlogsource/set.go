package binlogsource

import (
	"database/sql"
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unsafe"
)

// setOf returns what puts values of column c into a field of type t.
func setOf(t reflect.Type, c *column) (setFunc, error) {
	pointer := reflect.PointerTo(t)
	switch {
	case t == reflect.TypeFor[time.Time]():
		if c.kind != ofDate && c.kind != ofDatetime && c.kind != ofTimestamp {
			return nil, misfit(t, c)
		}
		return notNull(setTime), nil
	case t == reflect.TypeFor[time.Duration]():
		if c.kind != ofTime {
			return nil, misfit(t, c)
		}
		return notNull(setDuration), nil
	case pointer.Implements(reflect.TypeFor[sql.Scanner]()):
		return scannerSet(t), nil
	case t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Pointer:
		return pointerSet(t, c)
	case pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return notNull(textSet(t)), nil
	}
	switch t.Kind() {
	case reflect.String:
		return notNull(setString), nil
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return setBytes, nil
		}
	case reflect.Bool:
		if c.kind == ofInt || c.kind == ofUint || c.kind == ofBits {
			return notNull(setBool), nil
		}
	case reflect.Float32, reflect.Float64:
		if c.kind <= ofDecimal {
			return notNull(floatSet(t.Bits())), nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		switch c.kind {
		case ofInt, ofUint, ofBits, ofEnum, ofSet:
			return notNull(integerSet(t)), nil
		case ofDecimal:
			if c.scale == 0 {
				return notNull(integerSet(t)), nil
			}
		}
	}
	return nil, misfit(t, c)
}

func misfit(t reflect.Type, c *column) error {
	return fmt.Errorf("the column is %v, which does not fit %v", c.kind, t)
}

func notNull(set setFunc) setFunc {
	return func(p unsafe.Pointer, v *value) error {
		if v.kind == isNull {
			return errNull
		}
		return set(p, v)
	}
}

func setString(p unsafe.Pointer, v *value) error {
	if v.kind == isText || v.kind == isBytes {
		*(*string)(p) = string(v.b)
		return nil
	}
	var scratch [64]byte
	*(*string)(p) = string(v.text(scratch[:0]))
	return nil
}

// setBytes takes NULL, too: it is nil then, and what is empty is not.
func setBytes(p unsafe.Pointer, v *value) error {
	if v.kind == isNull {
		*(*[]byte)(p) = nil
		return nil
	}
	*(*[]byte)(p) = v.text([]byte{})
	return nil
}

func setBool(p unsafe.Pointer, v *value) error {
	*(*bool)(p) = v.i != 0
	if v.kind == isUint {
		*(*bool)(p) = v.u != 0
	}
	return nil
}

var errNoDate = errors.New("it is a date with a month or a day of 0: want a string")

func setTime(p unsafe.Pointer, v *value) error {
	switch {
	case v.kind == isTime:
		*(*time.Time)(p) = v.t
	case v.kind == isZeroTime && isAllZero(v.b):
		*(*time.Time)(p) = time.Time{}
	default:
		return errNoDate
	}
	return nil
}

// isAllZero reports a 0000-00-00, with whatever time.
func isAllZero(text []byte) bool {
	for _, b := range text {
		if b-'1' <= 8 {
			return false
		}
	}
	return true
}

func setDuration(p unsafe.Pointer, v *value) error {
	*(*time.Duration)(p) = time.Duration(v.i)
	return nil
}

func integerSet(t reflect.Type) setFunc {
	bits := t.Bits()
	switch t.Kind() {
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		most := uint64(math.MaxUint64) >> (64 - bits)
		return func(p unsafe.Pointer, v *value) error {
			u, err := v.unsigned(most)
			put(p, bits, u)
			return err
		}
	}
	least, most := int64(math.MinInt64)>>(64-bits), int64(math.MaxInt64)>>(64-bits)
	return func(p unsafe.Pointer, v *value) error {
		i, err := v.integer(least, most)
		put(p, bits, uint64(i))
		return err
	}
}

// put stores the low bits of u.
func put(p unsafe.Pointer, bits int, u uint64) {
	switch bits {
	case 8:
		*(*uint8)(p) = uint8(u)
	case 16:
		*(*uint16)(p) = uint16(u)
	case 32:
		*(*uint32)(p) = uint32(u)
	default:
		*(*uint64)(p) = u
	}
}

func floatSet(bits int) setFunc {
	return func(p unsafe.Pointer, v *value) error {
		f, err := v.float()
		if err != nil {
			return err
		}
		if bits == 64 {
			*(*float64)(p) = f
			return nil
		}
		if math.IsInf(float64(float32(f)), 0) && !math.IsInf(f, 0) {
			return strconv.ErrRange
		}
		*(*float32)(p) = float32(f)
		return nil
	}
}

func textSet(t reflect.Type) setFunc {
	return func(p unsafe.Pointer, v *value) error {
		var scratch [64]byte
		return reflect.NewAt(t, p).Interface().(encoding.TextUnmarshaler).UnmarshalText(v.text(scratch[:0]))
	}
}

func pointerSet(t reflect.Type, c *column) (setFunc, error) {
	set, err := setOf(t.Elem(), c)
	if err != nil {
		return nil, err
	}
	elem := t.Elem()
	return func(p unsafe.Pointer, v *value) error {
		if v.kind == isNull {
			*(*unsafe.Pointer)(p) = nil
			return nil
		}
		to := reflect.New(elem).UnsafePointer()
		*(*unsafe.Pointer)(p) = to
		return set(to, v)
	}, nil
}

// scannerSet gives a Scanner what a driver would: numbers, times, strings and bytes.
func scannerSet(t reflect.Type) setFunc {
	return func(p unsafe.Pointer, v *value) error {
		var from any
		switch v.kind {
		case isNull:
		case isInt:
			from = v.i
		case isUint:
			if from = v.u; v.u <= math.MaxInt64 {
				from = int64(v.u)
			}
		case isFloat32, isFloat64:
			from = v.f
		case isTime:
			from = v.t
		case isBytes:
			from = append([]byte{}, v.b...)
		default:
			from = string(v.text(nil))
		}
		return reflect.NewAt(t, p).Interface().(sql.Scanner).Scan(from)
	}
}
