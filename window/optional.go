package window

import (
	"bytes"
	"encoding/json"
)

// An Optional is a value that may be missing. In JSON one that is missing is
// null. A value that is null itself is read as missing.
type Optional[V any] struct {
	Value V // V's zero value if Some is false
	Some  bool
}

// Or returns the value, or another one where it is missing.
func (o Optional[V]) Or(other V) V {
	if o.Some {
		return o.Value
	}
	return other
}

// MarshalJSON writes the value, or null.
func (o Optional[V]) MarshalJSON() ([]byte, error) {
	if !o.Some {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// UnmarshalJSON reads what MarshalJSON has written.
func (o *Optional[V]) UnmarshalJSON(b []byte) error {
	*o = Optional[V]{}
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	err := json.Unmarshal(b, &o.Value)
	o.Some = err == nil
	return err
}
