package fluentsink

import (
	"encoding"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

// A cell is how a Go type is sent.
type cell struct {
	put      func(b []byte, p unsafe.Pointer) ([]byte, error)
	kind     kind // of those that need no call of put
	optional bool // it is a pointer, or begins with one, and its key is left out where that is nil
}

// The kind of a cell says what put does, where that is quicker done without it.
type kind uint8

const (
	byPut kind = iota
	asString
	asInt
	asInt64
	asFloat64
)

// absent reports whether the key of what is at p is left out.
func (c *cell) absent(p unsafe.Pointer) bool { return c.optional && *(*unsafe.Pointer)(p) == nil }

// A compiler makes a plan.
type compiler struct{ structs map[reflect.Type]*level }

// simply is a cell whose put cannot fail.
func simply[T any](put func([]byte, T) []byte) cell {
	return cell{put: func(b []byte, p unsafe.Pointer) ([]byte, error) { return put(b, *(*T)(p)), nil }}
}

// as has a cell sent as a kind.
func (c cell) as(k kind) (cell, error) {
	c.kind = k
	return c, nil
}

// cellOf returns how a type is sent.
func (c *compiler) cellOf(t reflect.Type, tags reflect.StructTag) (cell, error) {
	layout, hasLayout := tags.Lookup("layout")
	_, hasUnit := tags.Lookup("unit")
	switch {
	case t == reflect.TypeFor[time.Time]():
		if !hasLayout {
			layout = time.RFC3339Nano
		}
		return simply(func(b []byte, v time.Time) []byte { return msgp.AppendString(b, v.Format(layout)) }), nil
	case t.Kind() == reflect.Pointer:
		return c.pointer(t.Elem(), tags)
	case hasLayout:
		return cell{}, fmt.Errorf("a layout is for a time.Time, and not for %v", t)
	case t == reflect.TypeFor[time.Duration]():
		return duration(tags)
	case hasUnit:
		return cell{}, fmt.Errorf("a unit is for a time.Duration, and not for %v", t)
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return cell{put: func(b []byte, p unsafe.Pointer) ([]byte, error) {
			text, err := reflect.NewAt(t, p).Interface().(encoding.TextMarshaler).MarshalText()
			return msgp.AppendStringFromBytes(b, text), err
		}}, nil
	}
	switch t.Kind() {
	case reflect.String:
		return simply(msgp.AppendString).as(asString)
	case reflect.Bool:
		return simply(msgp.AppendBool), nil
	case reflect.Int:
		return simply(msgp.AppendInt).as(asInt)
	case reflect.Int8:
		return simply(msgp.AppendInt8), nil
	case reflect.Int16:
		return simply(msgp.AppendInt16), nil
	case reflect.Int32:
		return simply(msgp.AppendInt32), nil
	case reflect.Int64:
		return simply(msgp.AppendInt64).as(asInt64)
	case reflect.Uint:
		return simply(msgp.AppendUint), nil
	case reflect.Uint8:
		return simply(msgp.AppendUint8), nil
	case reflect.Uint16:
		return simply(msgp.AppendUint16), nil
	case reflect.Uint32:
		return simply(msgp.AppendUint32), nil
	case reflect.Uint64:
		return simply(msgp.AppendUint64), nil
	case reflect.Uintptr:
		return simply(func(b []byte, v uintptr) []byte { return msgp.AppendUint64(b, uint64(v)) }), nil
	case reflect.Float32:
		return simply(msgp.AppendFloat32), nil
	case reflect.Float64:
		return simply(msgp.AppendFloat64).as(asFloat64)
	}
	return c.compositeOf(t)
}

// duration sends a number of units, or text such as "1.5s".
func duration(tags reflect.StructTag) (cell, error) {
	unit, err := forward.Unit(tags)
	if err != nil {
		return cell{}, err
	}
	return simply(func(b []byte, v time.Duration) []byte {
		switch {
		case unit == 0:
			return msgp.AppendString(b, v.String())
		case v%unit == 0:
			return msgp.AppendInt64(b, int64(v/unit))
		}
		return msgp.AppendFloat64(b, float64(v)/float64(unit))
	}), nil
}
