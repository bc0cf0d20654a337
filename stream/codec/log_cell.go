package codec

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/intern"
)

// A logCell is how a Go type takes the value of a variable.
type logCell struct {
	kind     string
	newParse func() parseFunc
	needs    logBytes
}

// logBytes says what of a value a parser gets.
type logBytes uint8

const (
	needsBytes    logBytes = iota // as it stands in the line
	needsUnescape                 // the bytes that a client has sent
	needsText                     // these as text
)

func logCellOf(t reflect.Type, tags reflect.StructTag, v *logVariable) (logCell, error) {
	_, layout := tags.Lookup("layout")
	switch {
	case t == reflect.TypeFor[time.Time]():
		return logTime(tags, v)
	case t == reflect.TypeFor[time.Duration]():
		return logDuration(tags, v)
	case t == reflect.TypeFor[netip.Addr]():
		return logCell{"an address; where it may be a name or a socket, use a string", newParseAddr, needsBytes}, nil
	case layout:
		return logCell{}, fmt.Errorf("a layout is for a time.Time, and not for %v", t)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Pointer:
		return logPointer(t.Elem(), tags, v)
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return logCell{"a " + t.String(), textCell(t).newParse, needsText}, nil
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return logCell{"bytes", newParseBytes, needsUnescape}, nil
	case t.Kind() == reflect.Slice && v.list:
		return logList(t, tags, v)
	case t.Kind() == reflect.Slice:
		return logCell{}, errors.New("it has one value, and a slice is for the upstream variables, which may have several")
	case t.Kind() == reflect.Bool:
		return logCell{"a bool", newParseBool, needsBytes}, nil
	}
	cell, err := cellOf(t, tags)
	if err != nil {
		return logCell{}, fmt.Errorf("no variable fits %v", t)
	}
	needs := needsBytes
	if t.Kind() == reflect.String {
		needs = needsText
	}
	return logCell{cell.kind, cell.newParse, needs}, nil
}

func logPointer(elem reflect.Type, tags reflect.StructTag, v *logVariable) (logCell, error) {
	cell, err := logCellOf(elem, tags, v)
	if err != nil {
		return logCell{}, err
	}
	newParse := cell.newParse
	cell.newParse = func() parseFunc {
		parse := newParse()
		return func(p unsafe.Pointer, b []byte) error {
			to := reflect.New(elem).UnsafePointer()
			*(*unsafe.Pointer)(p) = to
			return parse(to, b)
		}
	}
	return cell, nil
}

// logList takes the values apart that nginx has for several servers.
func logList(t reflect.Type, tags reflect.StructTag, v *logVariable) (logCell, error) {
	cell, err := logCellOf(t.Elem(), tags, v)
	if err != nil {
		return logCell{}, err
	}
	newParse := cell.newParse
	cell.kind = "a list with each value " + cell.kind
	cell.newParse = func() parseFunc {
		parse := newParse()
		return func(p unsafe.Pointer, b []byte) error {
			list := reflect.NewAt(t, p).Elem()
			most := bytes.Count(b, space) + 1
			list.Set(reflect.MakeSlice(t, most, most))
			n := 0
			for more := true; more; n++ {
				var one []byte
				one, b, more = cutList(b)
				if len(one) == 0 || isDash(one) {
					continue
				}
				if err := parse(list.Index(n).Addr().UnsafePointer(), one); err != nil {
					return err
				}
			}
			list.SetLen(n)
			return nil
		}
	}
	return cell, nil
}

// cutList cuts the first value off a list: ", " stands between servers that
// were asked one after the other, and " : " between groups of them.
func cutList(b []byte) (one, rest []byte, more bool) {
	for i, c := range b {
		switch {
		case c == ',' && i+1 < len(b) && b[i+1] == ' ':
			return b[:i], b[i+2:], true
		case c == ':' && i > 0 && b[i-1] == ' ' && i+1 < len(b) && b[i+1] == ' ':
			return b[:i-1], b[i+2:], true
		}
	}
	return b, nil, false
}

func newParseBytes() parseFunc {
	return func(p unsafe.Pointer, b []byte) error {
		*(*[]byte)(p) = append([]byte{}, b...)
		return nil
	}
}

func newParseBool() parseFunc {
	return func(p unsafe.Pointer, b []byte) error {
		switch string(b) {
		case "on", "p", "r": // $https, $pipe, $ssl_session_reused
			*(*bool)(p) = true
		case "off", ".":
			*(*bool)(p) = false
		default:
			v, err := strconv.ParseBool(string(b))
			*(*bool)(p) = v
			return cause(err)
		}
		return nil
	}
}

// newParseAddr remembers IPv6 addresses, and takes IPv4 ones apart by itself:
// netip.ParseAddr wants a string.
func newParseAddr() parseFunc {
	seen := new(intern.Field)
	return func(p unsafe.Pointer, b []byte) error {
		if a, ok := parseAddr4(b); ok {
			*(*netip.Addr)(p) = a
			return nil
		}
		a, err := netip.ParseAddr(seen.String(b))
		if err != nil {
			return strconv.ErrSyntax
		}
		*(*netip.Addr)(p) = a
		return nil
	}
}

func parseAddr4(b []byte) (netip.Addr, bool) {
	var a [4]byte
	i := 0
	for n := range a {
		if n > 0 {
			if i == len(b) || b[i] != '.' {
				return netip.Addr{}, false
			}
			i++
		}
		begin, value := i, 0
		for i < len(b) && i < begin+3 && b[i]-'0' <= 9 {
			value = value*10 + int(b[i]-'0')
			i++
		}
		if i == begin || value > 255 || i > begin+1 && b[begin] == '0' {
			return netip.Addr{}, false
		}
		a[n] = byte(value)
	}
	return netip.AddrFrom4(a), i == len(b)
}
