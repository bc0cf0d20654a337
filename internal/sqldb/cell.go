package sqldb

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/prepared"
)

// cellOf returns how a type stands in a column.
func cellOf(t reflect.Type, zone *time.Location) (cell, error) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return timeCell(zone), nil
	case t == reflect.TypeFor[time.Duration]():
		return cell{}, errors.New("databases do not agree on what a duration is: use an int64 in a unit that you name")
	case t.Kind() != reflect.Pointer && converts(t):
		return ownCell(t, zone)
	}
	return cellOfKind(t, zone)
}

// cellOfKind goes by what a type is made of.
func cellOfKind(t reflect.Type, zone *time.Location) (cell, error) {
	switch t.Kind() {
	case reflect.String:
		return stringCell(), nil
	case reflect.Bool:
		return boolCell(), nil
	case reflect.Int:
		return intCell[int]("int"), nil
	case reflect.Int8:
		return intCell[int8]("int8"), nil
	case reflect.Int16:
		return intCell[int16]("int16"), nil
	case reflect.Int32:
		return intCell[int32]("int32"), nil
	case reflect.Int64:
		return intCell[int64]("int64"), nil
	case reflect.Uint:
		return uintCell[uint]("uint"), nil
	case reflect.Uint8:
		return uintCell[uint8]("uint8"), nil
	case reflect.Uint16:
		return uintCell[uint16]("uint16"), nil
	case reflect.Uint32:
		return uintCell[uint32]("uint32"), nil
	case reflect.Uint64:
		return uintCell[uint64]("uint64"), nil
	case reflect.Float32:
		return floatCell[float32]("float32", 32), nil
	case reflect.Float64:
		return floatCell[float64]("float64", 64), nil
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return bytesCell(), nil
		}
	case reflect.Pointer:
		if t.Elem().Kind() != reflect.Pointer {
			return pointerCell(t.Elem(), zone)
		}
	}
	return cell{}, fmt.Errorf("no column holds a %v", t)
}

func intCell[I int | int8 | int16 | int32 | int64](kind string) cell {
	return cell{
		kind: kind,
		scan: func(p unsafe.Pointer, src any) error {
			n, err := toInt(src)
			if err != nil {
				return err
			}
			if int64(I(n)) != n {
				return strconv.ErrRange
			}
			*(*I)(p) = I(n)
			return nil
		},
		arg:   func(p unsafe.Pointer) (any, error) { return int64(*(*I)(p)), nil },
		put:   func(b []byte, p unsafe.Pointer) ([]byte, error) { return AppendInt(b, int64(*(*I)(p))), nil },
		text:  func(p unsafe.Pointer) string { return strconv.FormatInt(int64(*(*I)(p)), 10) },
		parse: func(text string) (any, error) { return strconv.ParseInt(text, 10, 64) },
	}
}

func uintCell[U uint | uint8 | uint16 | uint32 | uint64](kind string) cell {
	return cell{
		kind: kind,
		scan: func(p unsafe.Pointer, src any) error {
			n, err := toUint(src)
			if err != nil {
				return err
			}
			if uint64(U(n)) != n {
				return strconv.ErrRange
			}
			*(*U)(p) = U(n)
			return nil
		},
		arg:  func(p unsafe.Pointer) (any, error) { return uintArg(uint64(*(*U)(p))), nil },
		put:  func(b []byte, p unsafe.Pointer) ([]byte, error) { return appendUint(b, uint64(*(*U)(p))), nil },
		text: func(p unsafe.Pointer) string { return strconv.FormatUint(uint64(*(*U)(p)), 10) },
		parse: func(text string) (any, error) {
			n, err := strconv.ParseUint(text, 10, 64)
			return uintArg(n), err
		},
	}
}

// uintArg returns what every driver takes, if it can.
func uintArg(n uint64) any {
	if int64(n) >= 0 {
		return int64(n)
	}
	return n
}

func floatCell[F float32 | float64](kind string, bits int) cell {
	return cell{
		kind: kind,
		scan: func(p unsafe.Pointer, src any) error {
			f, err := toFloat(src, bits)
			if err == nil {
				*(*F)(p) = F(f)
			}
			return err
		},
		arg: func(p unsafe.Pointer) (any, error) { return float64(*(*F)(p)), nil },
		put: func(b []byte, p unsafe.Pointer) ([]byte, error) { return appendFloat(b, float64(*(*F)(p))), nil },
	}
}

func boolCell() cell {
	return cell{
		kind: "bool",
		scan: func(p unsafe.Pointer, src any) error {
			v, err := toBool(src)
			if err == nil {
				*(*bool)(p) = v
			}
			return err
		},
		arg: func(p unsafe.Pointer) (any, error) { return *(*bool)(p), nil },
		put: func(b []byte, p unsafe.Pointer) ([]byte, error) { return appendBool(b, *(*bool)(p)), nil },
	}
}

func stringCell() cell {
	return cell{
		kind: "string",
		scan: func(p unsafe.Pointer, src any) error {
			s, err := toString(src)
			if err == nil {
				*(*string)(p) = s
			}
			return err
		},
		arg:   func(p unsafe.Pointer) (any, error) { return *(*string)(p), nil },
		put:   func(b []byte, p unsafe.Pointer) ([]byte, error) { return appendString(b, *(*string)(p)), nil },
		text:  func(p unsafe.Pointer) string { return base64.StdEncoding.EncodeToString([]byte(*(*string)(p))) },
		parse: func(text string) (any, error) { b, err := base64.StdEncoding.DecodeString(text); return string(b), err },
	}
}

// bytesCell is that of []byte, for which NULL is nil.
func bytesCell() cell {
	return cell{
		kind: "[]byte",
		scan: func(p unsafe.Pointer, src any) error {
			switch v := src.(type) {
			case nil:
				*(*[]byte)(p) = nil
			case []byte:
				*(*[]byte)(p) = append([]byte{}, v...)
			default:
				s, err := toString(src)
				if err != nil {
					return err
				}
				*(*[]byte)(p) = []byte(s)
			}
			return nil
		},
		arg: func(p unsafe.Pointer) (any, error) {
			if b := *(*[]byte)(p); b != nil {
				return b, nil
			}
			return nil, nil
		},
		put: func(b []byte, p unsafe.Pointer) ([]byte, error) {
			if v := *(*[]byte)(p); v != nil {
				return prepared.AppendBytes(append(b, KindBytes), v), nil
			}
			return append(b, KindNull), nil
		},
		text:  func(p unsafe.Pointer) string { return base64.StdEncoding.EncodeToString(*(*[]byte)(p)) },
		parse: func(text string) (any, error) { return base64.StdEncoding.DecodeString(text) },
	}
}

const timeKind = "time"

func timeCell(zone *time.Location) cell {
	return cell{
		kind: timeKind,
		scan: func(p unsafe.Pointer, src any) error {
			at, err := toTime(src, zone)
			if err == nil {
				*(*time.Time)(p) = at
			}
			return err
		},
		arg:   func(p unsafe.Pointer) (any, error) { return (*time.Time)(p).Round(0), nil }, // without the monotonic clock's
		put:   func(b []byte, p unsafe.Pointer) ([]byte, error) { return AppendTime(b, *(*time.Time)(p)), nil },
		text:  func(p unsafe.Pointer) string { return (*time.Time)(p).UTC().Format(time.RFC3339Nano) },
		parse: func(text string) (any, error) { return time.Parse(time.RFC3339Nano, text) },
	}
}

// pointerCell is that of a pointer to elem, which is nil for NULL.
func pointerCell(elem reflect.Type, zone *time.Location) (cell, error) {
	inner, err := cellOf(elem, zone)
	if err != nil {
		return cell{}, err
	}
	return cell{
		kind: inner.kind,
		scan: func(p unsafe.Pointer, src any) error {
			if src == nil {
				*(*unsafe.Pointer)(p) = nil
				return nil
			}
			v := reflect.New(elem).UnsafePointer()
			*(*unsafe.Pointer)(p) = v
			return inner.scan(v, src)
		},
		arg: func(p unsafe.Pointer) (any, error) {
			if v := *(*unsafe.Pointer)(p); v != nil {
				return inner.arg(v)
			}
			return nil, nil
		},
		put: func(b []byte, p unsafe.Pointer) ([]byte, error) {
			if v := *(*unsafe.Pointer)(p); v != nil {
				return inner.put(b, v)
			}
			return append(b, KindNull), nil
		},
	}, nil
}
