package mask

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/fieldtag"
)

// A compiler makes plans. Reflection ends here: what runs for each value goes by the places of fields.
type compiler struct {
	config
	plans map[reflect.Type]*plan
	tags  int
	says  []string // each field that has a tag, and the tag
	errs  []error
}

func (m *compiler) fail(at, format string, args ...any) {
	m.errs = append(m.errs, fmt.Errorf("mask: %s: %s", at, fmt.Sprintf(format, args...)))
}

// whole are types that are values, and not looked into.
func whole(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[netip.Addr]()
}

// plan returns that of a type without a tag of its own. At is the path of a field, for errors.
func (m *compiler) plan(t reflect.Type, at string) *plan {
	if p := m.plans[t]; p != nil {
		if !p.made {
			m.fail(at, "a %v holds itself, and is not looked into: tag it as redact or clear", t)
		}
		return p
	}
	p := &plan{}
	m.plans[t] = p
	defer func() { p.made = true }()
	switch {
	case whole(t):
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			m.field(p, f, at+"."+f.Name)
		}
	case t.Kind() == reflect.Pointer:
		m.pointer(p, t.Elem(), at)
	case t.Kind() == reflect.Slice:
		m.slice(p, t, at+"[]")
	case t.Kind() == reflect.Array:
		if inner := m.plan(t.Elem(), at+"[]"); !inner.empty() {
			for i := range t.Len() {
				p.inside(inner, uintptr(i)*t.Elem().Size())
			}
		}
	case t.Kind() == reflect.Map:
		if key, elem := m.plan(t.Key(), at+" key"), m.plan(t.Elem(), at+"[]"); !key.empty() || !elem.empty() {
			m.fail(at, "marked fields in a map are not masked: tag the map itself, as redact or clear")
		}
	case t.Kind() == reflect.Interface || t.Kind() == reflect.Func || t.Kind() == reflect.Chan || t.Kind() == reflect.UnsafePointer:
		m.fail(at, "a %v may hold anything: tag it as redact or clear", t)
	}
	return p
}

// empty reports whether there is nothing to do.
func (p *plan) empty() bool { return len(p.steps) == 0 }

func (m *compiler) field(p *plan, f reflect.StructField, at string) {
	tag, tagged := f.Tag.Lookup("mask")
	if err := fieldtag.Missed(f.Tag, "mask"); err != nil {
		m.fail(at, "%v", err)
		return
	}
	if !tagged {
		if inner := m.plan(f.Type, at); !inner.empty() {
			p.inside(inner, f.Offset)
		}
		return
	}
	m.tags++
	m.says = append(m.says, at+" "+tag)
	way, value, _ := strings.Cut(tag, "=")
	if way == "clear" {
		return
	}
	step, err := m.way(f.Type, way, value)
	if err != nil {
		m.fail(at, "%v", err)
		return
	}
	p.inside(&plan{steps: []func(unsafe.Pointer){step}, reads: textsOf(f.Type)}, f.Offset)
}

// inside has what lies at an offset masked.
func (p *plan) inside(inner *plan, offset uintptr) {
	p.steps = append(p.steps, func(at unsafe.Pointer) { inner.mask(unsafe.Add(at, offset)) })
	p.reads = append(p.reads, func(at unsafe.Pointer, to *[]string) { inner.texts(unsafe.Add(at, offset), to) })
}

// pointer has what it points to copied and masked.
func (m *compiler) pointer(p *plan, elem reflect.Type, at string) {
	inner := m.plan(elem, at)
	if inner.empty() {
		return
	}
	p.steps = append(p.steps, func(at unsafe.Pointer) {
		old := *(*unsafe.Pointer)(at)
		if old == nil {
			return
		}
		made := reflect.New(elem)
		made.Elem().Set(reflect.NewAt(elem, old).Elem())
		inner.mask(made.UnsafePointer())
		*(*unsafe.Pointer)(at) = made.UnsafePointer()
	})
	p.reads = append(p.reads, func(at unsafe.Pointer, to *[]string) {
		if old := *(*unsafe.Pointer)(at); old != nil {
			inner.texts(old, to)
		}
	})
}

// slice has its elements copied and masked.
func (m *compiler) slice(p *plan, t reflect.Type, at string) {
	inner := m.plan(t.Elem(), at)
	if inner.empty() {
		return
	}
	size := t.Elem().Size()
	p.steps = append(p.steps, func(at unsafe.Pointer) {
		v := reflect.NewAt(t, at).Elem()
		if v.Len() == 0 {
			return
		}
		made := reflect.MakeSlice(t, v.Len(), v.Len())
		reflect.Copy(made, v)
		for i := range v.Len() {
			inner.mask(unsafe.Add(made.UnsafePointer(), uintptr(i)*size))
		}
		v.Set(made)
	})
	p.reads = append(p.reads, func(at unsafe.Pointer, to *[]string) {
		v := reflect.NewAt(t, at).Elem()
		for i := range v.Len() {
			inner.texts(unsafe.Add(v.UnsafePointer(), uintptr(i)*size), to)
		}
	})
}
