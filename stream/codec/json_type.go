package codec

import (
	"encoding"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// checkJSON returns an error that names the field if no value of a type that t
// is made of can be read or written. Otherwise the first event would tell.
func checkJSON(t reflect.Type, opts json.Options) error {
	c := jsonChecker{opts: opts, seen: make(map[reflect.Type]bool)}
	if own, _ := json.GetOption(opts, json.WithMarshalers); own != nil {
		return nil // nobody can ask which types it is for
	}
	if own, _ := json.GetOption(opts, json.WithUnmarshalers); own != nil {
		return nil
	}
	return c.check(t, "")
}

type jsonChecker struct {
	opts json.Options
	seen map[reflect.Type]bool
}

func (c jsonChecker) check(t reflect.Type, path string) error {
	if c.seen[t] || isItsOwnJSON(t) {
		return nil
	}
	c.seen[t] = true
	switch t.Kind() {
	case reflect.Pointer:
		return c.check(t.Elem(), path)
	case reflect.Slice, reflect.Array:
		return c.check(t.Elem(), path+"[]")
	case reflect.Map:
		if err := c.check(t.Key(), path+"[key]"); err != nil {
			return err
		}
		return c.check(t.Elem(), path+"[]")
	case reflect.Struct:
		return c.checkStruct(t, path)
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return c.try(t, "0", path)
	}
	if t == reflect.TypeFor[time.Duration]() {
		return c.try(t, "0", path)
	}
	return nil
}

func (c jsonChecker) checkStruct(t reflect.Type, path string) error {
	for f := range t.Fields() {
		tag, tagged := f.Tag.Lookup("json")
		name, rest, _ := strings.Cut(tag, ",")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		empty := f.Type.Kind() == reflect.Chan || f.Type.Kind() == reflect.Func // which is left out where it is nil
		if empty && strings.Contains(rest, "omitzero") {
			continue
		}
		at := path
		if !f.Anonymous || tagged && name != "" {
			at += "." + f.Name
		}
		if err := c.check(f.Type, at); err != nil {
			return err
		}
	}
	return c.try(t, "{}", path) // its tags
}

// try has json read and write a value of t.
func (c jsonChecker) try(t reflect.Type, text, path string) error {
	v := reflect.New(t).Interface()
	if json.Unmarshal([]byte(text), v, c.opts) == nil {
		return nil
	}
	_, err := json.Marshal(v, c.opts)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok && e.Err != nil {
		err = e.Err
	}
	if t == reflect.TypeFor[time.Duration]() {
		err = errors.New("it has no form in JSON without an option such as FormatDurationAsNano(true) of encoding/json")
	}
	if path == "" {
		return fmt.Errorf("a %v: %w", t, err)
	}
	return fmt.Errorf("field %s: a %v: %w", strings.TrimPrefix(path, "."), t, err)
}

// isItsOwnJSON reports whether t says itself how it is read or written.
func isItsOwnJSON(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t == reflect.TypeFor[time.Time]() || readsJSON(t) || writesJSON(t) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func readsJSON(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[json.UnmarshalerFrom]())
}

func writesJSON(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Marshaler]()) || p.Implements(reflect.TypeFor[json.MarshalerTo]()) ||
		p.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextAppender]())
}

// canHoldNull reports whether null is a value of t, and not merely read as one.
func canHoldNull(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
		return true
	}
	return readsJSON(t) && t != reflect.TypeFor[time.Time]()
}

// escapeStrings has strings written so that they are UTF-8. What opts say of
// some types goes before it.
func escapeStrings(opts json.Options) json.Options {
	escape := json.MarshalToFunc(func(out *jsontext.Encoder, p any) error {
		v := reflect.ValueOf(p).Elem()
		if v.Kind() != reflect.String || utf8.ValidString(v.String()) || writesJSON(v.Type()) {
			return errors.ErrUnsupported
		}
		return out.WriteToken(jsontext.String(string(appendText(nil, v.String(), true))))
	})
	if own, _ := json.GetOption(opts, json.WithMarshalers); own != nil {
		escape = json.JoinMarshalers(own, escape)
	}
	return json.WithMarshalers(escape)
}
