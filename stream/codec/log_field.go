package codec

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A logField is a field of T that a variable goes to.
type logField struct {
	name   string
	tag    string // without nginx's $
	typ    reflect.Type
	tags   reflect.StructTag
	offset uintptr // in T
	slot   int     // of its parser in a decoder
	from   string  // the variable, as errors name it
	logCell
}

// logWanted are the fields of T. One that has got its variable has a slot.
type logWanted struct{ fields []*logField }

// logFields returns the fields of the struct type t that have a tag.
func logFields(t reflect.Type) (*logWanted, error) {
	fields, err := taggedFields(t, "log")
	if err != nil {
		return nil, err
	}
	w := new(logWanted)
	for _, f := range fields {
		w.fields = append(w.fields, &logField{name: f.name, tag: strings.TrimPrefix(f.tag, "$"), typ: f.typ, tags: f.tags, offset: f.offset, slot: -1})
	}
	return w, nil
}

// take gives the variable of a step to the field that wants it.
func (w *logWanted) take(s *logStep) error {
	for i, f := range w.fields {
		if f.slot >= 0 || !slices.Contains(s.variable.keys, f.tag) {
			continue
		}
		if s.field != nil {
			return fmt.Errorf("the fields %s and %s both want %s; copy one into the other behind the decoder", s.field.name, f.name, s.variable.name)
		}
		if err := f.fit(i, s.variable); err != nil {
			return err
		}
		s.field = f
	}
	return nil
}

// rest gives parts of the request line to the fields that are left.
func (w *logWanted) rest(steps []logStep) error {
	for i, f := range w.fields {
		if f.slot >= 0 {
			continue
		}
		part, isPart := requestParts[f.tag]
		has := func(key string) int {
			return slices.IndexFunc(steps, func(s logStep) bool { return slices.Contains(s.variable.keys, key) })
		}
		request := has("request")
		if target := has("request_uri"); part >= 3 && target >= 0 {
			request = target
			steps[target].target = true
		}
		if !isPart || request < 0 {
			var names []string
			for _, s := range steps {
				names = append(names, s.variable.name)
			}
			return fmt.Errorf("field %s wants %s, which the format has not; it has %s", f.name, f.wants(), shorten(strings.Join(names, ", "), 500))
		}
		s := &steps[request]
		if other := s.parts[part]; other != nil {
			return fmt.Errorf("the fields %s and %s both want %s; copy one into the other behind the decoder", other.name, f.name, f.wants())
		}
		if err := f.fit(i, &logVariable{name: f.wants() + " in " + s.variable.name}); err != nil {
			return err
		}
		s.parts[part] = f
	}
	return nil
}

func (f *logField) fit(slot int, v *logVariable) (err error) {
	f.slot, f.from = slot, v.name
	if inner := strings.TrimPrefix(f.typ.String(), "*"); f.tag == "request_time" && v.name[0] == '%' && inner != "time.Duration" {
		return fmt.Errorf("field %s of %s: under nginx's name it is in other units, which only a time.Duration knows", f.name, v.name)
	}
	if f.logCell, err = logCellOf(f.typ, f.tags, v); err != nil {
		return fmt.Errorf("field %s of %s: %w", f.name, v.name, err)
	}
	return nil
}

// wants is the field's tag as the server's configuration would have it.
func (f *logField) wants() string {
	if strings.HasPrefix(f.tag, "%") {
		return f.tag
	}
	return "$" + f.tag
}

// A taggedField is a field of a struct with a certain tag.
type taggedField struct {
	name, tag string
	typ       reflect.Type
	tags      reflect.StructTag
	offset    uintptr
}

// taggedFields returns the fields of the struct type t, those of embedded structs
// included, whose tag key is not "-".
func taggedFields(t reflect.Type, key string) (fields []taggedField, err error) {
	if t.Kind() != reflect.Struct {
		return nil, errors.New("not a struct")
	}
	var walk func(t reflect.Type, base uintptr) error
	walk = func(t reflect.Type, base uintptr) error {
		for f := range t.Fields() {
			tag, tagged := f.Tag.Lookup(key)
			switch {
			case !tagged && f.Anonymous && f.Type.Kind() == reflect.Struct && !isCell(f.Type):
				if err := walk(f.Type, base+f.Offset); err != nil {
					return err
				}
			case !tagged || tag == "-":
			case !f.IsExported():
				return fmt.Errorf("field %s has a tag %s but is not exported", f.Name, key)
			case tag == "":
				return fmt.Errorf("field %s: the tag %s is empty", f.Name, key)
			default:
				fields = append(fields, taggedField{f.Name, tag, f.Type, f.Tag, base + f.Offset})
			}
		}
		return nil
	}
	if err := walk(t, 0); err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("no field with a tag %s", key)
	}
	return fields, nil
}

// A FieldError is the error of a value that does not fit its field.
type FieldError struct {
	Field  string // of the struct: "Status"
	Name   string // in the record: "$status", "%>s", the key of a pair
	Offset int    // where the value, or the pair that it is of, begins in the record
	Value  string // as it stands there, cut short where it is long
	Err    error  // strconv.ErrSyntax, strconv.ErrRange or another cause

	kind string // "an int"
}

// Error says, for example, `field Status: $status at byte 58: "abc" is not an int`.
func (e *FieldError) Error() string {
	return fmt.Sprintf("field %s: %s at byte %d: %s", e.Field, e.Name, e.Offset, misfit(e.Value, e.kind, e.Err))
}

// Unwrap returns e.Err.
func (e *FieldError) Unwrap() error { return e.Err }
