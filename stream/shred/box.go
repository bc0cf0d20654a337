package shred

import (
	"encoding/json/v2"
	"reflect"
)

// A Box is a field of a type that has no room for ciphertext, such as a number, a time or a struct:
//
//	Born shred.Box[time.Time] `shred:"sealed"`
//
// Sealed, it has its value, as JSON, in Sealed, and the Value is zero; open, it has it in Value. A Value that is zero is sealed, too.
type Box[V any] struct {
	Value  V      `json:"value,omitzero"`
	Sealed []byte `json:"sealed,omitzero"`
}

// BoxOf returns a Box that is open.
func BoxOf[V any](v V) Box[V] { return Box[V]{Value: v} }

// boxed is a Box of any type.
type boxed interface {
	plain() ([]byte, error)
	ciphertext() []byte
	blank() bool
	shut(sealed []byte)
	fill(plain []byte) error
}

// plain has all of the Box: one that is sealed already is so twice, as other fields are.
func (b *Box[V]) plain() ([]byte, error) { return json.Marshal(b) }
func (b *Box[V]) ciphertext() []byte     { return b.Sealed }
func (b *Box[V]) blank() bool            { return len(b.Sealed) == 0 && reflect.ValueOf(&b.Value).Elem().IsZero() }
func (b *Box[V]) shut(sealed []byte)     { *b = Box[V]{Sealed: sealed} }
func (b *Box[V]) fill(plain []byte) error {
	*b = Box[V]{}
	return json.Unmarshal(plain, b)
}
