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
	return []func(unsafe.Pointer, *[]string){func(at unsafe.Pointer, to *[]string) { collect(reflect.NewAt(t, at).Elem(), to, mostDepth) }}
}

// mostDepth is how deep a value is looked into: one may hold itself.
const mostDepth = 32

// collect reads what is in a value, whatever it is. Fields that are not exported are read, too.
func collect(v reflect.Value, to *[]string, depth int) {
	if depth == 0 || !v.IsValid() || v.Type() == reflect.TypeFor[time.Time]() {
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
			*to = append(*to, a.String())
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		*to = append(*to, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		*to = append(*to, strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		*to = append(*to, strconv.FormatUint(v.Uint(), 10))
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collect(v.Elem(), to, depth-1)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b := make([]byte, v.Len()) // not v.Bytes: an array may have no address
			for i := range b {
				b[i] = byte(v.Index(i).Uint())
			}
			*to = append(*to, string(b))
			return
		}
		for i := range v.Len() {
			collect(v.Index(i), to, depth-1)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			collect(it.Key(), to, depth-1)
			collect(it.Value(), to, depth-1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			collect(v.Field(i), to, depth-1)
		}
	}
}
