package mask

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unsafe"
)

// way returns what a tag has done with a field of a type.
func (m *compiler) way(t reflect.Type, way, value string) (func(at unsafe.Pointer), error) {
	switch way {
	case "redact":
		return redact(t), nil
	case "last":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("last=%s: want a positive number", value)
		}
		return onText(t, way, func(s string) string { return last(s, n) })
	case "network":
		if t == reflect.TypeFor[netip.Addr]() {
			return func(at unsafe.Pointer) { a := (*netip.Addr)(at); *a = network(*a) }, nil
		}
		return onText(t, way, func(s string) string {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return Redacted
			}
			return network(a).String()
		})
	case "hash":
		if m.hashKey == nil {
			return nil, errors.New("hash without a HashKey")
		}
		key := m.hashKey
		return onText(t, way, func(s string) string {
			h := hmac.New(sha256.New, key)
			h.Write([]byte(s))
			return hex.EncodeToString(h.Sum(nil))
		})
	case "encrypt":
		if m.aead == nil {
			return nil, errors.New("encrypt without an Encryption")
		}
		aead := m.aead
		return onText(t, way, func(s string) string {
			sealed, err := aead.EncryptDeterministically([]byte(s), nil)
			if err != nil {
				return Redacted // rather than the text
			}
			return base64.StdEncoding.EncodeToString(sealed)
		})
	case "band":
		return band(t, value)
	case "every":
		return every(t, value)
	}
	return nil, fmt.Errorf("there is no way %q: want redact, last=N, network, hash, encrypt, band=N, every=D or clear", way)
}

func onText(t reflect.Type, way string, f func(string) string) (func(at unsafe.Pointer), error) {
	if t.Kind() != reflect.String {
		return nil, fmt.Errorf("%s of a %v: it is for texts", way, t)
	}
	return func(at unsafe.Pointer) {
		if s := (*string)(at); *s != "" {
			*s = f(*s)
		}
	}, nil
}

func redact(t reflect.Type) func(at unsafe.Pointer) {
	if t.Kind() == reflect.String {
		return func(at unsafe.Pointer) {
			if s := (*string)(at); *s != "" {
				*s = Redacted
			}
		}
	}
	return func(at unsafe.Pointer) { reflect.NewAt(t, at).Elem().SetZero() }
}

// last leaves the last n letters and digits of a text, and what stands between others.
func last(s string, n int) string {
	seen := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	count := 0
	for _, r := range s {
		if seen(r) {
			count++
		}
	}
	if count < 2*n { // what is left would be most of it
		return Redacted
	}
	return strings.Map(func(r rune) rune {
		if !seen(r) {
			return r
		}
		count--
		if count < n {
			return r
		}
		return '*'
	}, s)
}

// sixToFour are the addresses of RFC 3056: behind the first 16 bits stands an address of IPv4, whole.
var sixToFour = netip.MustParsePrefix("2002::/16")

// network returns the network of an address, without a zone.
func network(a netip.Addr) netip.Addr {
	bits := 48
	if a = a.Unmap().WithZone(""); a.Is4() {
		bits = 24
	} else if sixToFour.Contains(a) {
		bits = 16 + 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr()
}

// band returns the way of an integer. The lowest band of a type may begin below what it can hold: it is the lowest value then.
func band(t reflect.Type, value string) (func(at unsafe.Pointer), error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 2 {
		return nil, fmt.Errorf("band=%s: want a number of at least 2", value)
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		least := int64(-1) << (t.Bits() - 1)
		return func(at unsafe.Pointer) {
			v := reflect.NewAt(t, at).Elem()
			x := v.Int()
			over := x % n
			if over < 0 {
				over += n
			}
			if x < least+over {
				v.SetInt(least)
			} else {
				v.SetInt(x - over)
			}
		}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(at unsafe.Pointer) {
			v := reflect.NewAt(t, at).Elem()
			v.SetUint(v.Uint() - v.Uint()%uint64(n))
		}, nil
	}
	return nil, fmt.Errorf("band of a %v: it is for integers", t)
}

func every(t reflect.Type, value string) (func(at unsafe.Pointer), error) {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 || d%time.Second != 0 {
		return nil, fmt.Errorf("every=%s: want a positive duration of whole seconds", value)
	}
	if t != reflect.TypeFor[time.Time]() {
		return nil, fmt.Errorf("every of a %v: it is for a time.Time", t)
	}
	n := int64(d / time.Second)
	return func(at unsafe.Pointer) {
		x := (*time.Time)(at)
		if x.IsZero() {
			return
		}
		over := x.Unix() % n
		if over < 0 {
			over += n
		}
		*x = time.Unix(x.Unix()-over, 0).UTC()
	}, nil
}
