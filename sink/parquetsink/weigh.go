package parquetsink

import (
	"errors"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// A weigher returns how many bytes a value refers to, and an error if a file with it could not be read. It is nil for types of which neither
// needs to be asked.
type weigher func(p unsafe.Pointer) (int64, error)

func nothing(unsafe.Pointer) (int64, error) { return 0, nil }

// weigherOf returns that of a struct.
func weigherOf(t reflect.Type, node parquet.Node) weigher {
	if w := structWeigher(t, node); w != nil {
		return w
	}
	return nothing
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)

// weigherFor returns that of a field's type, of which node is the column or the group.
func weigherFor(t reflect.Type, node parquet.Node) weigher {
	switch {
	case t == timeType:
		return timeWeigher(node)
	case t.Kind() == reflect.Pointer:
		return pointerWeigher(weigherFor(t.Elem(), node), int64(t.Elem().Size()))
	case t.Kind() == reflect.Struct && !node.Leaf():
		return structWeigher(t, node)
	case t.Kind() == reflect.Map && !node.Leaf():
		return mapWeigher(t, node)
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		if list := childOf(node, "list"); list != nil {
			if element := childOf(list, "element"); element != nil {
				node = element
			}
		}
		return sliceWeigher(t, weigherFor(t.Elem(), node))
	case !node.Leaf():
		return nil
	}
	logical := logicalOf(node)
	if _, ok := logical.(*format.TimeType); ok && t == durationType && unitOf(logical) != time.Nanosecond {
		panic(fmt.Sprintf("parquetsink: column %q: parquet-go writes a time.Duration as nanoseconds whatever its tag says: take an int64 with the tag time(microsecond)", nameOf(node)))
	}
	switch t.Kind() {
	case reflect.String:
		return stringWeigher(logical)
	case reflect.Slice:
		return bytesWeigher(logical)
	case reflect.Int32, reflect.Int64:
		if d, ok := logical.(*format.DecimalType); ok {
			return decimalWeigher(d.Precision, t.Kind())
		}
	}
	return nil
}

func childOf(node parquet.Node, name string) parquet.Node {
	for _, f := range node.Fields() {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

func logicalOf(node parquet.Node) any {
	if l := node.Type().LogicalType(); l != nil {
		return l.Value
	}
	return nil
}

func nameOf(node parquet.Node) string {
	if f, ok := node.(parquet.Field); ok {
		return f.Name()
	}
	return ""
}

// structWeigher asks the fields that have something to say.
func structWeigher(t reflect.Type, node parquet.Node) weigher {
	type fieldWeigher struct {
		name   string
		offset uintptr
		weigh  weigher
	}
	var fields []fieldWeigher
	for i := range t.NumField() {
		f := t.Field(i)
		name, skipped := columnOf(f)
		child := node // of an embedded struct, whose fields are t's
		switch {
		case f.Anonymous:
			name = ""
		case skipped:
			continue
		default:
			if child = childOf(node, name); child == nil {
				continue // it is in another tag's name
			}
		}
		w := weigherFor(f.Type, child)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			w = structWeigher(f.Type, node)
		}
		if w != nil {
			fields = append(fields, fieldWeigher{name, f.Offset, w})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return func(p unsafe.Pointer) (sum int64, err error) {
		for i := range fields {
			f := &fields[i]
			n, err := f.weigh(unsafe.Add(p, f.offset))
			if err != nil {
				if f.name != "" {
					err = fmt.Errorf("column %q: %w", f.name, err)
				}
				return 0, err
			}
			sum += n
		}
		return sum, nil
	}
}

func pointerWeigher(elem weigher, size int64) weigher {
	return func(p unsafe.Pointer) (int64, error) {
		at := *(*unsafe.Pointer)(p)
		if at == nil || elem == nil {
			return size, nil
		}
		n, err := elem(at)
		return n + size, err
	}
}

func sliceWeigher(t reflect.Type, elem weigher) weigher {
	size := t.Elem().Size()
	return func(p unsafe.Pointer) (sum int64, err error) {
		s := (*[]byte)(p) // of any type: the header is the same
		data := unsafe.Pointer(unsafe.SliceData(*s))
		sum = int64(len(*s)) * int64(size)
		for i := 0; i < len(*s) && elem != nil; i++ {
			n, err := elem(unsafe.Add(data, uintptr(i)*size))
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	}
}

func mapWeigher(t reflect.Type, node parquet.Node) weigher {
	var key, value weigher
	if pairs := childOf(node, "key_value"); pairs != nil {
		key, value = weigherFor(t.Key(), childOf(pairs, "key")), weigherFor(t.Elem(), childOf(pairs, "value"))
	}
	size := int64(t.Key().Size() + t.Elem().Size())
	return func(p unsafe.Pointer) (sum int64, err error) {
		m := reflect.NewAt(t, p).Elem()
		sum = int64(m.Len()) * size
		if key == nil && value == nil {
			return sum, nil
		}
		k, v := reflect.New(t.Key()), reflect.New(t.Elem())
		for it := m.MapRange(); it.Next(); {
			k.Elem().SetIterKey(it)
			v.Elem().SetIterValue(it)
			for _, part := range []struct {
				weigh weigher
				of    reflect.Value
			}{{key, k}, {value, v}} {
				if part.weigh == nil {
					continue
				}
				n, err := part.weigh(part.of.UnsafePointer())
				if err != nil {
					return 0, err
				}
				sum += n
			}
		}
		return sum, nil
	}
}

var errText = errors.New("the string is not UTF-8, which a column of text has to be")

func isText(logical any) bool {
	switch logical.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		return true
	}
	return false
}

func stringWeigher(logical any) weigher {
	_, isUUID := logical.(*format.UUIDType)
	text := isText(logical)
	return func(p unsafe.Pointer) (int64, error) {
		s := *(*string)(p)
		if isUUID {
			if _, err := uuid.Parse(s); err != nil {
				return 0, err
			}
		}
		if text && !utf8.ValidString(s) {
			return 0, errText
		}
		return int64(len(s)), nil
	}
}

func bytesWeigher(logical any) weigher {
	text := isText(logical)
	return func(p unsafe.Pointer) (int64, error) {
		b := *(*[]byte)(p)
		if text && !utf8.Valid(b) {
			return 0, errText
		}
		return int64(len(b)), nil
	}
}
