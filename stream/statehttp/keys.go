package statehttp

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// keys are how keys are read and put into order.
type keys[K comparable] struct {
	parse   func(text string) (K, error)
	compare func(a, b K) int // 0 where keys have no order
	ordered bool
}

func keysOf[K comparable]() (k keys[K]) {
	of := reflect.TypeFor[K]()
	k.compare = func(K, K) int { return 0 }
	if reflect.PointerTo(of).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		k.parse = parsed[K]
		return k
	}
	in := func(v K) reflect.Value { return reflect.ValueOf(v) }
	switch of.Kind() {
	case reflect.String:
		k.parse = func(text string) (v K, err error) {
			reflect.ValueOf(&v).Elem().SetString(text)
			return v, nil
		}
		k.compare = func(a, b K) int { return cmp.Compare(in(a).String(), in(b).String()) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		k.parse = func(text string) (v K, err error) {
			n, err := strconv.ParseInt(text, 10, of.Bits())
			reflect.ValueOf(&v).Elem().SetInt(n)
			return v, err
		}
		k.compare = func(a, b K) int { return cmp.Compare(in(a).Int(), in(b).Int()) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		k.parse = func(text string) (v K, err error) {
			n, err := strconv.ParseUint(text, 10, of.Bits())
			reflect.ValueOf(&v).Elem().SetUint(n)
			return v, err
		}
		k.compare = func(a, b K) int { return cmp.Compare(in(a).Uint(), in(b).Uint()) }
	case reflect.Bool:
		k.parse = func(text string) (v K, err error) {
			b, err := strconv.ParseBool(text)
			reflect.ValueOf(&v).Elem().SetBool(b)
			return v, err
		}
		return k
	default:
		panic(fmt.Sprintf("statehttp: keys of type %v: neither strings, integers nor bools, and without UnmarshalText", of))
	}
	k.ordered = true
	return k
}

// parsed has a key read its text. A panic is an error: the text is anybody's.
func parsed[K comparable](text string) (v K, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("UnmarshalText panics: %v", r)
		}
	}()
	err = any(&v).(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	return v, err
}

// within returns which keys lie between the bounds of a query.
func (k keys[K]) within(query map[string][]string) (func(K) bool, error) {
	bound := func(name string) (v K, given bool, err error) {
		all := query[name]
		if len(all) == 0 {
			return v, false, nil
		}
		if !k.ordered {
			return v, false, errors.New(name + ": keys of this type have no order")
		}
		if v, err = k.parse(all[0]); err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return v, true, err
	}
	from, least, err := bound("from")
	to, most, err2 := bound("to")
	return func(v K) bool {
		return !(least && k.compare(v, from) < 0) && !(most && k.compare(v, to) >= 0)
	}, errors.Join(err, err2)
}
