package fluentsource

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/forward"
)

// cellOf returns what decodes a type.
func (c *compiler) cellOf(t reflect.Type, tags reflect.StructTag) (cell, error) {
	_, layout := tags.Lookup("layout")
	_, unit := tags.Lookup("unit")
	switch {
	case t == reflect.TypeFor[time.Time]():
		if unit {
			return nil, fmt.Errorf("a unit is for a time.Duration, and not for %v", t)
		}
		return timeCell(tags.Get("layout")), nil
	case t.Kind() == reflect.Pointer:
		return c.pointerCell(t.Elem(), tags)
	case layout:
		return nil, fmt.Errorf("a layout is for a time.Time, and not for %v", t)
	case t == reflect.TypeFor[time.Duration]():
		return durationCell(tags)
	case unit:
		return nil, fmt.Errorf("a unit is for a time.Duration, and not for %v", t)
	case forward.IsText(t):
		return textCell(t), nil
	}
	bits := t.Size() * 8
	switch t.Kind() {
	case reflect.String:
		return c.stringCell(), nil
	case reflect.Bool:
		return readBool, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intCell(int(bits)), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return uintCell(int(bits)), nil
	case reflect.Float32:
		return readFloat32, nil
	case reflect.Float64:
		return readFloat64, nil
	}
	return c.compositeOf(t)
}

func (c *compiler) stringCell() cell {
	number := c.trials
	c.trials++
	return func(d *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
		if !isText(b[0]) {
			return nil, unfit(b, "a string", nil)
		}
		text, rest, err := readText(b)
		if err != nil {
			return nil, err
		}
		if err := d.use(len(text)); err != nil {
			return nil, err
		}
		*(*string)(p) = d.strings.Try(&d.trials[number], text)
		return rest, nil
	}
}

func readBytes(d *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
	if !isText(b[0]) {
		return nil, unfit(b, "bytes", nil)
	}
	text, rest, err := readText(b)
	if err != nil {
		return nil, err
	}
	if err := d.use(len(text)); err != nil {
		return nil, err
	}
	*(*[]byte)(p) = append([]byte{}, text...)
	return rest, nil
}

func readBool(_ *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
	switch c := b[0]; {
	case c == 0xc2, c == 0xc3:
		*(*bool)(p) = c == 0xc3
		return b[1:], nil
	case isText(c):
		text, rest, err := readText(b)
		if err != nil {
			return nil, err
		}
		v, err := strconv.ParseBool(string(text))
		if err != nil {
			return nil, unfit(b, "a bool", nil)
		}
		*(*bool)(p) = v
		return rest, nil
	}
	return nil, unfit(b, "a bool", nil)
}

func intCell(bits int) cell {
	want := "an int" + strconv.Itoa(bits)
	return func(_ *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
		n, rest, err := anyNumber(b, want)
		if err != nil {
			return nil, err
		}
		i, err := n.toInt(bits)
		if err != nil {
			return nil, unfit(b, want, err)
		}
		switch bits {
		case 8:
			*(*int8)(p) = int8(i)
		case 16:
			*(*int16)(p) = int16(i)
		case 32:
			*(*int32)(p) = int32(i)
		default:
			*(*int64)(p) = i
		}
		return rest, nil
	}
}

func uintCell(bits int) cell {
	want := "a uint" + strconv.Itoa(bits)
	return func(_ *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
		n, rest, err := anyNumber(b, want)
		if err != nil {
			return nil, err
		}
		u, err := n.toUint(bits)
		if err != nil {
			return nil, unfit(b, want, err)
		}
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
		return rest, nil
	}
}

func readFloat64(_ *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
	n, rest, err := anyNumber(b, "a number")
	if err == nil {
		*(*float64)(p) = n.float()
	}
	return rest, err
}

func readFloat32(_ *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
	n, rest, err := anyNumber(b, "a float32")
	if err != nil {
		return nil, err
	}
	f := n.float()
	if math.IsInf(float64(float32(f)), 0) && !math.IsInf(f, 0) {
		return nil, unfit(b, "a float32", strconv.ErrRange)
	}
	*(*float32)(p) = float32(f)
	return rest, nil
}

// textCell decodes types that read themselves.
func textCell(t reflect.Type) cell {
	want := "a " + t.String()
	return func(d *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
		if !isText(b[0]) {
			return nil, unfit(b, want, nil)
		}
		text, rest, err := readText(b)
		if err != nil {
			return nil, err
		}
		if err := d.use(len(text)); err != nil {
			return nil, err
		}
		if err := reflect.NewAt(t, p).Interface().(encoding.TextUnmarshaler).UnmarshalText(text); err != nil {
			return nil, unfit(b, want, err)
		}
		return rest, nil
	}
}
