package record

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"time"
	"unsafe"
)

// A wire says, in a struct, how long a field is, so that who does not know the
// field can pass over it, and roughly of what kind, so that a change of kind
// shows.
type wire uint8

const (
	wireUint    wire = iota // a uvarint
	wireInt                 // a uvarint of zigzag
	wireBool                // a byte
	wireFixed32             // four bytes, little endian
	wireFixed64             // eight bytes, little endian
	wireBytes               // a length and as many bytes
	wireStruct              // a length, and a struct of this length
	wireOther               // a length, and a list, a pointer or a time of this length
	wireBits    = 3
)

// A Plan is how values of one type are stored. Its functions get a
// pointer to a value; read finds it zero. Every value takes at least one byte,
// so that n values are never claimed by fewer than n bytes.
type Plan struct {
	wire  wire
	load  load                        // of a number
	plain []number                    // of a struct that is nothing else, and of not more than mostPlain
	zero  func(p unsafe.Pointer) bool // nil where only the bytes tell
	write func(w *writer, p unsafe.Pointer) error
	read  func(r *reader, p unsafe.Pointer) error
}

// A planner has the plans made so far, unfinished ones among them: a
// recursive type meets its own.
type planner map[reflect.Type]*Plan

func (m planner) plan(t reflect.Type, path string) (*Plan, error) {
	if p, ok := m[t]; ok {
		return p, nil
	}
	p := new(Plan)
	m[t] = p
	made, err := m.make(t, path)
	if err != nil {
		return nil, err
	}
	*p = made
	return p, nil
}

func (m planner) make(t reflect.Type, path string) (Plan, error) {
	if t == reflect.TypeFor[time.Time]() {
		return timePlan(), nil
	}
	if custom, err := customPlan(t); custom != nil || err != nil {
		if err != nil {
			return Plan{}, fmt.Errorf("%s: %w", path, err)
		}
		return *custom, nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return boolPlan(), nil
	case reflect.Int:
		return intPlan[int](), nil
	case reflect.Int8:
		return intPlan[int8](), nil
	case reflect.Int16:
		return intPlan[int16](), nil
	case reflect.Int32:
		return intPlan[int32](), nil
	case reflect.Int64:
		return intPlan[int64](), nil
	case reflect.Uint:
		return uintPlan[uint](), nil
	case reflect.Uint8:
		return uintPlan[uint8](), nil
	case reflect.Uint16:
		return uintPlan[uint16](), nil
	case reflect.Uint32:
		return uintPlan[uint32](), nil
	case reflect.Uint64:
		return uintPlan[uint64](), nil
	case reflect.Float32:
		return float32Plan(), nil
	case reflect.Float64:
		return float64Plan(), nil
	case reflect.Complex64:
		return complexPlan[complex64](), nil
	case reflect.Complex128:
		return complexPlan[complex128](), nil
	case reflect.String:
		return stringPlan(), nil
	case reflect.Struct:
		if t.PkgPath() == "sync" {
			return Plan{}, fmt.Errorf("%s: a %v is not a value", path, t)
		}
		return m.structPlan(t, path)
	case reflect.Pointer:
		elem, err := m.plan(t.Elem(), "(*"+path+")")
		return pointerPlan(t.Elem(), elem), err
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			if custom, err := customPlan(t.Elem()); custom == nil && err == nil {
				return bytesPlan(), nil
			}
		}
		elem, err := m.plan(t.Elem(), path+"[]")
		return slicePlan(t, elem), err
	case reflect.Array:
		elem, err := m.plan(t.Elem(), path+"[]")
		return arrayPlan(t, elem), err
	case reflect.Map:
		if holdsPointer(t.Key()) {
			return Plan{}, fmt.Errorf("%s: a key with a pointer in it is not a value", path)
		}
		key, err := m.plan(t.Key(), path+"[key]")
		if err != nil {
			return Plan{}, err
		}
		value, err := m.plan(t.Elem(), path+"[]")
		return mapPlan(t, key, value), err
	}
	return Plan{}, fmt.Errorf("%s: no way to store a %v", path, t)
}

// holdsPointer reports whether a map key of type t compares by address.
func holdsPointer(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer:
		return true
	case reflect.Array:
		return holdsPointer(t.Elem())
	case reflect.Struct:
		if custom, _ := customPlan(t); custom != nil {
			return false // netip.Addr, say: its own matter
		}
		for f := range t.Fields() {
			if holdsPointer(f.Type) {
				return true
			}
		}
	}
	return false
}

// customPlan is the plan of a type that stores itself, or nil.
func customPlan(t reflect.Type) (*Plan, error) {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return nil, nil
	}
	p := reflect.PointerTo(t)
	appends := p.Implements(reflect.TypeFor[encoding.BinaryAppender]())
	marshals := p.Implements(reflect.TypeFor[encoding.BinaryMarshaler]())
	unmarshals := p.Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]())
	switch {
	case !appends && !marshals && !unmarshals:
		return nil, nil
	case !unmarshals:
		return nil, fmt.Errorf("%v can write itself, but has no UnmarshalBinary", t)
	case !appends && !marshals:
		return nil, fmt.Errorf("%v has UnmarshalBinary, but no AppendBinary", t)
	}
	appends = appends && !older(t)
	written, method := promotedMarshal(t), "MarshalBinary"
	if appends {
		written, method = promotedAppend(t), "AppendBinary"
	}
	if err := cmp.Or(loses(t, written, method), loses(t, promotedUnmarshal(t), "UnmarshalBinary")); err != nil {
		return nil, err
	}
	return &Plan{
		wire: wireBytes,
		zero: never,
		write: func(w *writer, p unsafe.Pointer) (err error) {
			start := w.open()
			v := reflect.NewAt(t, p).Interface()
			if appends {
				var b []byte
				if b, err = v.(encoding.BinaryAppender).AppendBinary(w.b); err == nil && len(b) < start {
					err = errors.New("AppendBinary cut off what was there")
				}
				if err == nil {
					w.b = b
				}
			} else {
				var b []byte
				b, err = v.(encoding.BinaryMarshaler).MarshalBinary()
				w.b = append(w.b, b...)
			}
			w.close(start)
			return err
		},
		read: func(r *reader, p unsafe.Pointer) error {
			b, err := r.counted()
			if err != nil {
				return err
			}
			return reflect.NewAt(t, p).Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(b)
		},
	}, nil
}

// never is for types whose zero value need not be what nothing stands for.
func never(unsafe.Pointer) bool { return false }
