package shred

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/fieldtag"
)

// A plan finds the marked fields of a value of a type. It copies what pointers and slices lead to, so that they may be changed. It
// is empty for a type in which nothing is marked.
type plan struct {
	made  bool // all of it has been seen
	steps []step
}

// A step is given where the value is, and whose it is.
type step func(at unsafe.Pointer, person string, to *[]slot)

func (p *plan) slots(at unsafe.Pointer, person string, to *[]slot) {
	for _, s := range p.steps {
		s(at, person, to)
	}
}

func (p *plan) add(s step) { p.steps = append(p.steps, s) }

// A compiler makes plans. A type has two: where a struct around it says whose it is, and where none does.
type compiler struct {
	plans map[place]*plan
	marks int
	says  []string // each field that has a tag, and the tag
	errs  []error
}

type place struct {
	of     reflect.Type
	within bool
}

func (m *compiler) fail(at, format string, args ...any) {
	m.errs = append(m.errs, fmt.Errorf("shred: %s: %s", at, fmt.Sprintf(format, args...)))
}

// plan returns that of a type. At is the path of a field, for errors.
func (m *compiler) plan(t reflect.Type, within bool, at string) *plan {
	if p := m.plans[place{t, within}]; p != nil {
		if !p.made {
			m.fail(at, "a %v holds itself, and is not looked into: tag it as clear", t)
		}
		return p
	}
	p := &plan{}
	m.plans[place{t, within}] = p
	defer func() { p.made = true }()
	switch {
	case t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[netip.Addr]():
	case t.Kind() == reflect.Struct:
		m.fields(p, t, within, at)
	case t.Kind() == reflect.Pointer:
		if inner := m.plan(t.Elem(), within, at); len(inner.steps) > 0 {
			p.add(pointer(inner, t.Elem()))
		}
	case t.Kind() == reflect.Slice:
		if inner := m.plan(t.Elem(), within, at+"[]"); len(inner.steps) > 0 {
			p.add(slice(inner, t))
		}
	case t.Kind() == reflect.Array:
		if inner := m.plan(t.Elem(), within, at+"[]"); len(inner.steps) > 0 {
			for i := range t.Len() {
				p.inside(inner, uintptr(i)*t.Elem().Size())
			}
		}
	case t.Kind() == reflect.Map:
		if k, v := m.plan(t.Key(), true, at+" key"), m.plan(t.Elem(), true, at+"[]"); len(k.steps)+len(v.steps) > 0 {
			m.fail(at, "marked fields in a map are not sealed: have a slice, or tag it as clear")
		}
	case t.Kind() == reflect.Interface || t.Kind() == reflect.Func || t.Kind() == reflect.Chan || t.Kind() == reflect.UnsafePointer:
		m.fail(at, "a %v may hold anything: tag it as clear", t)
	}
	return p
}

// fields looks at those of a struct: first at the one that says whose they are.
func (m *compiler) fields(p *plan, t reflect.Type, within bool, at string) {
	inner := &plan{} // of the fields, with the person of this struct
	var whose func(at unsafe.Pointer) string
	m.whose(t, 0, at, &whose)
	within = within || whose != nil
	for f := range t.Fields() {
		here := at + "." + f.Name
		tag, tagged := f.Tag.Lookup("shred")
		way, label, labelled := strings.Cut(tag, "=")
		if err := fieldtag.Missed(f.Tag, "shred"); err != nil {
			m.fail(here, "%v", err)
			continue
		}
		if tagged {
			m.says = append(m.says, here+" "+tag)
		}
		switch {
		case !tagged:
			if deeper := m.plan(f.Type, within, here); len(deeper.steps) > 0 {
				inner.inside(deeper, f.Offset)
			}
		case way == "person" && !labelled, tag == "clear":
		case way == "sealed":
			m.marks++
			m.sealed(inner, f, within, label, here)
		default:
			m.fail(here, "there is no way %q: want person, sealed, sealed=LABEL or clear", tag)
		}
	}
	if len(inner.steps) == 0 {
		return
	}
	p.add(func(at unsafe.Pointer, person string, to *[]slot) {
		if whose != nil {
			person = whose(at)
		}
		inner.slots(at, person, to)
	})
}

// whose finds the field that says whose a struct is, also in structs that are embedded.
func (m *compiler) whose(t reflect.Type, offset uintptr, at string, to *func(unsafe.Pointer) string) {
	for f := range t.Fields() {
		tag, tagged := f.Tag.Lookup("shred")
		switch {
		case !tagged && f.Anonymous && f.Type.Kind() == reflect.Struct:
			m.whose(f.Type, offset+f.Offset, at+"."+f.Name, to)
		case tag == "person":
			get := nameOf(f.Type)
			if get == nil {
				m.fail(at+"."+f.Name, "a person is a text or an integer, and no %v", f.Type)
				continue
			}
			if *to != nil {
				m.fail(at+"."+f.Name, "a second person in one struct: whose its fields are is not clear")
			}
			from := offset + f.Offset
			*to = func(at unsafe.Pointer) string { return get(unsafe.Add(at, from)) }
		}
	}
}

// nameOf returns how a person's name is read; nil for what cannot be one. The number 0 is nobody, as the empty text is.
func nameOf(t reflect.Type) func(at unsafe.Pointer) string {
	switch t.Kind() {
	case reflect.String:
		return func(at unsafe.Pointer) string { return *(*string)(at) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(at unsafe.Pointer) string {
			v := reflect.NewAt(t, at).Elem()
			if v.IsZero() {
				return ""
			}
			return fmt.Sprint(v)
		}
	}
	return nil
}

// sealed has a field sealed.
func (m *compiler) sealed(p *plan, f reflect.StructField, within bool, label, at string) {
	if !within {
		m.fail(at, "no field of this struct, or of one around it, says whose it is: tag one as person")
	}
	t, offset := f.Type, f.Offset
	_, isBox := reflect.New(t).Interface().(boxed)
	switch {
	case t.Kind() == reflect.String:
		p.add(func(at unsafe.Pointer, person string, to *[]slot) {
			*to = append(*to, slot{person: person, label: label, text: (*string)(unsafe.Add(at, offset))})
		})
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		p.add(func(at unsafe.Pointer, person string, to *[]slot) {
			*to = append(*to, slot{person: person, label: label, bytes: (*[]byte)(unsafe.Add(at, offset))})
		})
	case isBox:
		p.add(func(at unsafe.Pointer, person string, to *[]slot) {
			*to = append(*to, slot{person: person, label: label, box: reflect.NewAt(t, unsafe.Add(at, offset)).Interface().(boxed)})
		})
	default:
		m.fail(at, "a %v has no room for ciphertext: have a text, a []byte or a shred.Box[%v]", t, t)
	}
}

// inside looks for what lies at an offset.
func (p *plan) inside(inner *plan, offset uintptr) {
	p.add(func(at unsafe.Pointer, person string, to *[]slot) { inner.slots(unsafe.Add(at, offset), person, to) })
}

// pointer copies what is pointed to.
func pointer(inner *plan, elem reflect.Type) step {
	return func(at unsafe.Pointer, person string, to *[]slot) {
		old := *(*unsafe.Pointer)(at)
		if old == nil {
			return
		}
		made := reflect.New(elem)
		made.Elem().Set(reflect.NewAt(elem, old).Elem())
		*(*unsafe.Pointer)(at) = made.UnsafePointer()
		inner.slots(made.UnsafePointer(), person, to)
	}
}

// slice copies the elements.
func slice(inner *plan, t reflect.Type) step {
	size := t.Elem().Size()
	return func(at unsafe.Pointer, person string, to *[]slot) {
		v := reflect.NewAt(t, at).Elem()
		if v.Len() == 0 {
			return
		}
		made := reflect.MakeSlice(t, v.Len(), v.Len())
		reflect.Copy(made, v)
		v.Set(made)
		for i := range made.Len() {
			inner.slots(unsafe.Add(made.UnsafePointer(), uintptr(i)*size), person, to)
		}
	}
}
