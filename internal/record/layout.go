package record

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Layout describes how values of type t are laid out, by the kinds of
// what it is made of and the names or numbers of fields:
//
//	{Customer string, Orders []{1 int64, 2 time}}
//
// Named types are not named. A program can keep the layout of what it has
// written, and ask [Reads] later whether its types still fit. An error names
// the path of a field that cannot be stored.
func Layout(t reflect.Type) (string, error) {
	if _, err := (planner{}).plan(t, t.String()); err != nil {
		return "", err
	}
	var b strings.Builder
	layout(&b, t, nil)
	return b.String(), nil
}

// layout appends the layout of t, which lies inside of values of the types
// above: a recursive type is not described once more.
func layout(b *strings.Builder, t reflect.Type, above []reflect.Type) {
	if t == reflect.TypeFor[time.Time]() {
		b.WriteString("time")
		return
	}
	if custom, _ := customPlan(t); custom != nil {
		b.WriteString("binary")
		return
	}
	if slices.Contains(above, t) {
		b.WriteString("recursive")
		return
	}
	above = append(above, t)
	switch t.Kind() {
	case reflect.Int:
		b.WriteString("int64")
	case reflect.Uint:
		b.WriteString("uint64")
	case reflect.Struct:
		b.WriteByte('{')
		sep := ""
		for f := range t.Fields() {
			tag := f.Tag.Get("binary")
			if f.Name == "_" || tag == "-" {
				continue
			}
			name := f.Name
			if tag != "" {
				name = tag
			}
			b.WriteString(sep + name + " ")
			sep = ", "
			layout(b, f.Type, above)
		}
		b.WriteByte('}')
	case reflect.Pointer:
		b.WriteByte('*')
		layout(b, t.Elem(), above)
	case reflect.Slice, reflect.Array:
		if custom, _ := customPlan(t.Elem()); t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && custom == nil {
			b.WriteString("bytes")
			return
		}
		b.WriteString("[]")
		layout(b, t.Elem(), above)
	case reflect.Map:
		b.WriteString("map[")
		layout(b, t.Key(), above)
		b.WriteByte(']')
		layout(b, t.Elem(), above)
	default:
		b.WriteString(t.Kind().String())
	}
}

// Reads returns an error unless values of layout written can be read as
// values of layout now without losing what they are about: fields may have
// come and gone, but of a struct at least one has to be left, and those that
// are left have to be of kinds that fit.
func Reads(now, written string) error {
	if now == written || now == "recursive" || written == "recursive" {
		return nil
	}
	switch {
	case now == "" || written == "":
		return errors.New("layout is cut short")
	case now[0] == '{' && written[0] == '{':
		return readsStruct(fieldsOf(now), fieldsOf(written))
	case now[0] == '*' && written[0] == '*':
		return Reads(now[1:], written[1:])
	case strings.HasPrefix(now, "map[") && strings.HasPrefix(written, "map["):
		key, elem := cutBracket(now[4:])
		oldKey, oldElem := cutBracket(written[4:])
		if err := Reads(key, oldKey); err != nil {
			return err
		}
		return Reads(elem, oldElem)
	case strings.HasPrefix(now, "[]") && strings.HasPrefix(written, "[]"):
		return Reads(now[2:], written[2:])
	case kindOf(now) == kindOf(written):
		return nil
	}
	return fmt.Errorf("%s is not read as %s", written, now)
}

func readsStruct(now, written [][2]string) error {
	if len(now) == 0 || len(written) == 0 {
		return nil
	}
	common := 0
	for _, f := range now {
		i := slices.IndexFunc(written, func(w [2]string) bool { return w[0] == f[0] })
		if i < 0 {
			continue
		}
		common++
		if err := Reads(f[1], written[i][1]); err != nil {
			return fmt.Errorf("%s: %w", f[0], err)
		}
	}
	if common == 0 {
		return errors.New("no field is left of it")
	}
	return nil
}

// fieldsOf returns the names and layouts of the fields of a struct.
func fieldsOf(layout string) (fields [][2]string) {
	rest := strings.TrimSuffix(layout[1:], "}")
	for rest != "" {
		name, after, _ := strings.Cut(rest, " ")
		depth, end := 0, len(after)
		for i, c := range after {
			if c == '{' {
				depth++
			} else if c == '}' {
				depth--
			} else if c == ',' && depth == 0 {
				end = i
				break
			}
		}
		fields = append(fields, [2]string{name, after[:end]})
		rest = strings.TrimPrefix(after[end:], ", ")
	}
	return fields
}

// cutBracket cuts s at the bracket that closes one before it.
func cutBracket(s string) (inside, after string) {
	depth := 0
	for i, c := range s {
		if c == '[' {
			depth++
		} else if c == ']' {
			if depth == 0 {
				return s[:i], s[i+1:]
			}
			depth--
		}
	}
	return s, ""
}

// kindOf is the kind of a number without its size, which may change.
func kindOf(layout string) string {
	if k := strings.TrimRight(layout, "0123456789"); k == "int" || k == "uint" {
		return k
	}
	return layout
}
