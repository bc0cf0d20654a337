package parquetsource

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// A field is one of a struct that holds the values of a column.
type field struct {
	path     []string // of the column
	offset   uintptr  // in the struct
	typ      reflect.Type
	node     parquet.Node // as the tags have it
	optional bool         // a file need not have the column
}

// fieldsOf returns the fields of a struct. It reports false if the struct is not flat, which parquet-go has to put
// together.
func fieldsOf(t reflect.Type, root parquet.Node) ([]field, bool) {
	fields, ok := appendFields(nil, t, root, nil, 0)
	return fields, ok && len(fields) > 0
}

func appendFields(fields []field, t reflect.Type, node parquet.Node, path []string, offset uintptr) (_ []field, ok bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("parquet")
		name, _, _ := strings.Cut(tag, ",")
		switch {
		case name == "-" && tag != "-,":
			continue
		case f.Anonymous: // its fields are t's
			if f.Type.Kind() != reflect.Struct {
				return nil, false
			}
			if fields, ok = appendFields(fields, f.Type, node, path, offset+f.Offset); !ok {
				return nil, false
			}
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		child := childOf(node, name)
		if child == nil || child.Repeated() {
			return nil, false // or its name stands in another tag
		}
		at := append(slices.Clone(path), name)
		switch {
		case child.Leaf():
			fields = append(fields, field{at, offset + f.Offset, f.Type, child, child.Optional()})
		case f.Type.Kind() == reflect.Struct && !child.Optional():
			if fields, ok = appendFields(fields, f.Type, child, at, offset+f.Offset); !ok {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return fields, true
}

func childOf(node parquet.Node, name string) parquet.Node {
	for _, f := range node.Fields() {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
)
