package statehttp

import (
	"encoding"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"math"
	"reflect"
)

// marshal writes what is held: keys may be anything, and results of floats be no numbers.
func marshal(v any) ([]byte, error) {
	return json.Marshal(v, jsontext.AllowInvalidUTF8(true), json.WithMarshalers(nonfinite))
}

// nonfinite writes floats that JSON has no numbers for as the option format:nonfinite of encoding/json/v2 does.
var nonfinite = json.MarshalToFunc(func(to *jsontext.Encoder, v any) error {
	f, is := float(v)
	switch {
	case !is:
	case math.IsNaN(f):
		return to.WriteToken(jsontext.String("NaN"))
	case math.IsInf(f, 1):
		return to.WriteToken(jsontext.String("Infinity"))
	case math.IsInf(f, -1):
		return to.WriteToken(jsontext.String("-Infinity"))
	}
	return errors.ErrUnsupported // as without this function
})

// float returns the float that v points to, if it is one that does not say itself how it is written.
func float(v any) (f float64, is bool) {
	switch v := v.(type) {
	case *float64:
		return *v, true
	case *float32:
		return float64(*v), true
	case json.Marshaler, json.MarshalerTo, encoding.TextMarshaler, encoding.TextAppender:
		return 0, false
	}
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || !p.Elem().CanFloat() {
		return 0, false
	}
	return p.Elem().Float(), true
}
