package mask

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// Redacted is what stands for a text that is redacted.
const Redacted = "[redacted]"

// A Deterministic encrypts so that equal texts become equal: a DeterministicAEAD of Tink is one, which is
// AES-SIV (RFC 5297) with keys that can be rotated.
type Deterministic interface {
	EncryptDeterministically(plaintext, associatedData []byte) ([]byte, error)
}

// An Option gives a Policy what its ways need.
type Option func(*config)

type config struct {
	hashKey []byte
	aead    Deterministic
}

// HashKey sets the key of "hash". It panics if it has fewer than 32 bytes. It is copied.
func HashKey(key []byte) Option {
	if len(key) < 32 {
		panic(fmt.Sprintf("mask: HashKey: %d bytes, want at least 32", len(key)))
	}
	key = append([]byte{}, key...)
	return func(c *config) { c.hashKey = key }
}

// Encryption sets what "encrypt" encrypts with. What is associated with a text is nothing, so that it
// joins with other fields.
func Encryption(d Deterministic) Option {
	if d == nil {
		panic("mask: Encryption: it is nil")
	}
	return func(c *config) { c.aead = d }
}

// A Policy masks values of a type. Several goroutines may use it.
type Policy[T any] struct {
	plan *plan
	says string
}

// For compiles the policy that the tags of T say. It returns an error that names each field which cannot be masked as its tag says, and
// each that could hold anything and has no tag. A type without any tag is an error, too.
func For[T any](opts ...Option) (*Policy[T], error) {
	var c config
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("mask: For: option %d of %d is nil", i+1, len(opts)))
		}
		o(&c)
	}
	t := reflect.TypeFor[T]()
	m := compiler{config: c, plans: map[reflect.Type]*plan{}}
	p := m.plan(t, t.String())
	if m.tags == 0 && len(m.errs) == 0 {
		m.fail(t.String(), "no field has a tag `mask`")
	}
	if err := errors.Join(m.errs...); err != nil {
		return nil, err
	}
	return &Policy[T]{p, "mask " + strings.Join(m.says, ", ")}, nil
}

// String says what the policy does, "mask main.Order.Card last=4, main.Order.Note redact", each field of a type once. It has no keys in it: an
// audit log takes it, see audit.Policies.
func (p *Policy[T]) String() string { return p.says }

// Apply returns v with its marked fields masked. What v points to is not changed: pointers and slices that
// lead to marked fields are copied.
func (p *Policy[T]) Apply(v T) T {
	p.plan.mask(unsafe.Pointer(&v))
	return v
}

// Hide returns a text, that of an error say, in which what is marked in v does not stand any more, as it is in v: texts, bytes, addresses
// and integers, also those within a field that is marked as a whole. What was quoted, cut or written otherwise is not known again, nor are
// floats and times. What has fewer than 3 bytes stays: it is everywhere.
func (p *Policy[T]) Hide(v T, text string) string {
	var hidden []string
	p.plan.texts(unsafe.Pointer(&v), &hidden)
	slices.SortFunc(hidden, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	for _, h := range hidden {
		if len(h) >= 3 {
			text = strings.ReplaceAll(text, h, Redacted)
		}
	}
	return text
}

// A plan is what is done with a value of a type, of which there is a pointer. It is empty for what is not marked.
type plan struct {
	made  bool // all of it has been seen
	steps []func(at unsafe.Pointer)
	reads []func(at unsafe.Pointer, to *[]string) // marked texts, as they are
}

func (p *plan) mask(at unsafe.Pointer) {
	for _, s := range p.steps {
		s(at)
	}
}

func (p *plan) texts(at unsafe.Pointer, to *[]string) {
	for _, r := range p.reads {
		r(at, to)
	}
}
