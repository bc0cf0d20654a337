package sink

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A tableColumn is a column of a table: a field, however deep inside T.
type tableColumn struct {
	name string
	path []int // of fields; empty for the value itself
}

func tableColumns[T any]() []tableColumn {
	t := reflect.TypeFor[T]()
	if !isRecord(t) {
		return []tableColumn{{name: "value"}}
	}
	return fieldColumns(nil, t, nil)
}

func fieldColumns(columns []tableColumn, t reflect.Type, path []int) []tableColumn {
	for f := range t.Fields() {
		name, hidden := columnName(f)
		if hidden || !f.IsExported() && !(f.Anonymous && isRecord(f.Type)) {
			continue
		}
		at := append(path[:len(path):len(path)], f.Index...)
		if isRecord(f.Type) {
			columns = fieldColumns(columns, f.Type, at)
			continue
		}
		columns = append(columns, tableColumn{name, at})
	}
	return columns
}

func columnName(f reflect.StructField) (name string, hidden bool) {
	for _, key := range []string{"table", "json"} {
		tag, ok := f.Tag.Lookup(key)
		if tag == "-" {
			return "", true
		}
		if name, _, _ := strings.Cut(tag, ","); ok && name != "" {
			return name, false
		}
	}
	return f.Name, false
}

// isRecord reports whether t is a struct that is more than one cell.
func isRecord(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() && !isText(t)
}

func isText(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) ||
		t.Implements(reflect.TypeFor[fmt.Stringer]()) || t.Implements(reflect.TypeFor[error]())
}

// cell returns the cell of the value that v, a pointer, points to.
func (c tableColumn) cell(v any) cell {
	field := reflect.ValueOf(v).Elem()
	if len(c.path) > 0 {
		field = field.FieldByIndex(c.path)
	}
	return cellOf(field)
}

func cellOf(v reflect.Value) cell {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return cell{right: isNumber(v.Type())}
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return cell{text: readableTime(x)}
	case time.Duration:
		return cell{x.String(), true}
	case error:
		return cell{text: printable(x.Error())}
	case fmt.Stringer:
		return cell{text: printable(x.String())}
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return cell{text: printable(err.Error())}
		}
		return cell{text: printable(string(text))}
	case []byte:
		return cell{text: printable(string(x))}
	}
	switch {
	case v.CanInt(), v.CanUint():
		return cell{fmt.Sprint(v.Interface()), true}
	case v.CanFloat():
		return cell{readableFloat(v.Float()), true}
	}
	return cell{text: printable(fmt.Sprint(v.Interface()))}
}

// isNumber reports whether a pointer of type t leads to a number, whose column
// stands to the right even where it is nil.
func isNumber(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return !isText(t) || t == reflect.TypeFor[time.Duration]()
	}
	return false
}

// readableTime leaves out what most times do not have.
func readableTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.999999999")
}

// readableFloat gives plain digits where a reader would, at most four behind
// the point.
func readableFloat(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 5e-5 || a >= 1e15) || a != a {
		return strconv.FormatFloat(f, 'g', 6, 64)
	}
	s := strconv.FormatFloat(f, 'f', 4, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// printable escapes what would do more to a terminal than show itself.
func printable(s string) string {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			q := strconv.Quote(s)
			return q[1 : len(q)-1]
		}
	}
	return s
}
