package mask

import (
	"net/netip"
	"reflect"
	"strconv"
	"time"
	"unsafe"
)

// textsOf reads what a marked field has in it, as it may stand in the text of an error.
func textsOf(t reflect.Type) []func(unsafe.Pointer, *[]string) {
	if t.Kind() == reflect.String {
		return []func(unsafe.Pointer, *[]string){func(at unsafe.Pointer, to *[]string) { *to = append(*to, *(*string)(at)) }}
	}
	return []func(unsafe.Pointer, *[]string){func(at unsafe.Pointer, to *[]string) {
		(&collector{to: to, left: mostValues}).collect(reflect.NewAt(t, at).Elem(), mostDepth)
	}}
}

// A value is looked into so deep, and so many of what is in it are read: pointers may lead in a ring, and to whatever a program holds.
const (
	mostDepth  = 32
	mostValues = 10_000
)

type collector struct {
	to   *[]string
	left int
	seen map[visit]bool
}

type visit struct {
	at unsafe.Pointer
	of reflect.Type
}

// collect reads what is in a value, whatever it is. Fields that are not exported are read, too.
func (c *collector) collect(v reflect.Value, depth int) {
	if c.left--; c.left < 0 || depth == 0 || !v.IsValid() || v.Type() == reflect.TypeFor[time.Time]() {
		return
	}
	if v.Type() == reflect.TypeFor[netip.Addr]() {
		var a netip.Addr
		if v.CanAddr() {
			a = *(*netip.Addr)(v.Addr().UnsafePointer())
		} else if v.CanInterface() {
			a = v.Interface().(netip.Addr)
		}
		if a.IsValid() {
			c.add(a.String())
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		c.add(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		c.add(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		c.add(strconv.FormatUint(v.Uint(), 10))
	case reflect.Pointer:
		if at := (visit{v.UnsafePointer(), v.Type()}); !v.IsNil() && !c.seen[at] {
			if c.seen == nil {
				c.seen = map[visit]bool{}
			}
			c.seen[at] = true
			c.collect(v.Elem(), depth-1)
		}
	case reflect.Interface:
		c.collect(v.Elem(), depth-1)
	case reflect.Slice, reflect.Array:
		c.elements(v, depth)
	case reflect.Map:
		for it := v.MapRange(); c.left > 0 && it.Next(); {
			c.collect(it.Key(), depth-1)
			c.collect(it.Value(), depth-1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			c.collect(v.Field(i), depth-1)
		}
	}
}

func (c *collector) add(text string) { *c.to = append(*c.to, text) }

func (c *collector) elements(v reflect.Value, depth int) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len()) // not v.Bytes: an array may have no address
		for i := range b {
			b[i] = byte(v.Index(i).Uint())
		}
		c.add(string(b))
		return
	}
	for i := 0; i < v.Len() && c.left > 0; i++ {
		c.collect(v.Index(i), depth-1)
	}
}
