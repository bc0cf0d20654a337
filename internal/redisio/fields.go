package redisio

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/textcell"
)

// Fields is how the fields of a struct type stand in a hash or an entry of a stream: each
// field with a tag `redis:"name"` under that name. It is made once for a type and is safe for
// concurrent use.
//
// A tag that begins with @ stands for what is no field in Redis: "@key" for the key of
// the hash or stream, "@id" for the entry's id and "@time" for the time in that. They
// are read and not written.
type Fields struct {
	fields []field
	byName map[string]int
	places []field // those of @key, @id and @time
}

var timeType = reflect.TypeFor[time.Time]()

type field struct {
	name   string // in Redis
	of     string // in the struct
	offset uintptr
	cell   textcell.Cell
}

// FieldsOf compiles the tags of a struct type.
func FieldsOf(t reflect.Type) (*Fields, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%v is not a struct", t)
	}
	f := &Fields{byName: map[string]int{}}
	if err := f.add(t, 0); err != nil {
		return nil, fmt.Errorf("%v: %w", t, err)
	}
	if len(f.fields) == 0 {
		return nil, fmt.Errorf("%v has no field with a tag redis", t)
	}
	return f, nil
}

// add adds the fields of t, which begins at base.
func (f *Fields) add(t reflect.Type, base uintptr) error {
	for sf := range t.Fields() {
		tag, tagged := sf.Tag.Lookup("redis")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case !tagged && sf.Anonymous && sf.Type.Kind() == reflect.Struct && sf.Type != timeType:
			if err := f.add(sf.Type, base+sf.Offset); err != nil {
				return err
			}
			continue
		case !tagged || name == "-":
			continue
		case !sf.IsExported():
			return fmt.Errorf("field %s has a tag redis but is not exported", sf.Name)
		case name == "":
			return fmt.Errorf("field %s: the tag redis has no name", sf.Name)
		}
		x := field{name: name, of: sf.Name, offset: base + sf.Offset}
		var err error
		if name[0] == '@' {
			err = f.place(x, sf.Type, options)
		} else if _, twice := f.byName[name]; twice {
			err = fmt.Errorf("there are two fields with the name %q", name)
		} else if x.cell, err = textcell.Of(sf.Type, options); err == nil {
			f.byName[name] = len(f.fields)
			f.fields = append(f.fields, x)
		}
		if err != nil {
			return fmt.Errorf("field %s: %w", sf.Name, err)
		}
	}
	return nil
}

// place adds a field for a place.
func (f *Fields) place(x field, t reflect.Type, options string) error {
	want := map[string]reflect.Type{"@key": reflect.TypeFor[string](), "@id": reflect.TypeFor[string](), "@time": timeType}[x.name]
	switch {
	case want == nil:
		return fmt.Errorf("there is no %s; there are @key, @id and @time", x.name)
	case t != want:
		return fmt.Errorf("%s is for a field of type %v, and not for %v", x.name, want, t)
	case options != "":
		return fmt.Errorf("%s has no options", x.name)
	}
	f.places = append(f.places, x)
	return nil
}

// A Place is where fields and values were found.
type Place struct {
	Key string
	ID  ID // zero for what is no entry of a stream
}

// A FieldError is the error of a value that does not fit its field.
type FieldError struct {
	Field string // of the struct
	Name  string // in Redis
	Value string // cut short where it is long
	Err   error  // strconv.ErrSyntax, strconv.ErrRange or another cause
	kind  string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("field %s: %s: %q is not %s: %v", e.Field, e.Name, e.Value, e.kind, e.Err)
}

// Unwrap returns e.Err.
func (e *FieldError) Unwrap() error { return e.Err }

// Decode fills the struct at p, which is zero, from pairs. Pairs without a field are
// passed over, and fields without a pair stay zero. The last of two pairs with one name counts.
func (f *Fields) Decode(p unsafe.Pointer, pairs []Pair, at Place) error {
	for i, pair := range pairs {
		k := i // they mostly come in the order of the struct
		if k >= len(f.fields) || f.fields[k].name != string(pair.Name) {
			var ok bool
			if k, ok = f.byName[string(pair.Name)]; !ok {
				continue
			}
		}
		x := &f.fields[k]
		if err := x.cell.Parse(unsafe.Add(p, x.offset), pair.Value); err != nil {
			value := string(pair.Value)
			if len(value) > 60 {
				value = value[:60] + "…"
			}
			return &FieldError{Field: x.of, Name: x.name, Value: value, Err: err, kind: x.cell.Kind}
		}
	}
	for _, x := range f.places {
		switch to := unsafe.Add(p, x.offset); x.name {
		case "@key":
			*(*string)(to) = at.Key
		case "@id":
			*(*string)(to) = at.ID.String()
		case "@time":
			*(*time.Time)(to) = at.ID.Time()
		}
	}
	return nil
}

// Wants reports whether a field has the name.
func (f *Fields) Wants(name []byte) bool {
	_, ok := f.byName[string(name)]
	return ok
}

// Len returns how many names there are.
func (f *Fields) Len() int { return len(f.fields) }

// Name returns the i-th name.
func (f *Fields) Name(i int) string { return f.fields[i].name }

// AppendValue appends the i-th value of the struct at p. Present is false for a nil
// pointer, which has none.
func (f *Fields) AppendValue(dst []byte, p unsafe.Pointer, i int) (_ []byte, present bool, err error) {
	x := &f.fields[i]
	dst, present, err = x.cell.Append(dst, unsafe.Add(p, x.offset))
	if err != nil {
		err = fmt.Errorf("field %s: %w", x.of, err)
	}
	return dst, present, err
}
