package shred

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// A Policy seals and opens values of a type, as its tags say. Several goroutines may use it.
type Policy[T any] struct {
	plan    *plan
	persons *Persons
	plain   bool
	says    string
}

// A PolicyOption sets how a Policy opens.
type PolicyOption func(*policyConfig)

type policyConfig struct{ plain bool }

// AllowPlain has Open leave a field as it is that is not sealed, for data from before there was a policy. The default is ErrPlain: a
// field in the clear is one that somebody has put there.
func AllowPlain() PolicyOption { return func(c *policyConfig) { c.plain = true } }

// For compiles the policy that the tags of T say. It returns an error that names each field which cannot be as its tag says, and
// each that could hold anything and has no tag. A type of which nothing is sealed is an error, too. It panics if
// persons or an option is nil.
func For[T any](persons *Persons, opts ...PolicyOption) (*Policy[T], error) {
	if persons == nil {
		panic("shred: For: the Persons are nil")
	}
	var c policyConfig
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("shred: For: option %d of %d is nil", i+1, len(opts)))
		}
		o(&c)
	}
	t := reflect.TypeFor[T]()
	m := compiler{plans: map[place]*plan{}}
	p := m.plan(t, false, t.String())
	if m.marks == 0 && len(m.errs) == 0 {
		m.fail(t.String(), "no field has a tag `shred:\"sealed\"`")
	}
	if err := errors.Join(m.errs...); err != nil {
		return nil, err
	}
	slices.Sort(m.says)
	return &Policy[T]{p, persons, c.plain, "shred " + strings.Join(slices.Compact(m.says), ", ")}, nil
}

// String says what the policy does, "shred main.Order.Customer person, main.Order.Name sealed", each field of a type once. It has no keys
// and no persons in it: an audit log takes it, see audit.Policies.
func (p *Policy[T]) String() string { return p.says }

// Seal returns v with its marked fields encrypted. What v points to is not changed: pointers and slices that lead to
// marked fields are copied. A person of whom there is nothing gets a key.
//
// With an error, all marked fields are empty. With ErrForgotten, only those of persons who are forgotten, and the others sealed. An error
// never shows what is in a field, nor a person.
func (p *Policy[T]) Seal(ctx context.Context, v T) (T, error) { return p.one(ctx, v, false) }

// Open is the inverse of Seal, on the same terms.
func (p *Policy[T]) Open(ctx context.Context, v T) (T, error) { return p.one(ctx, v, true) }

// Strip returns v with its marked fields empty.
func (p *Policy[T]) Strip(v T) T {
	var slots []slot
	p.plan.slots(unsafe.Pointer(&v), "", &slots)
	for i := range slots {
		slots[i].strip()
	}
	return v
}

func (p *Policy[T]) one(ctx context.Context, v T, open bool) (T, error) {
	at := &v // the slots point into it
	var slots []slot
	p.plan.slots(unsafe.Pointer(at), "", &slots)
	var errs [1]error
	if err := p.persons.work(ctx, slots, errs[:], open, p.plain); err != nil {
		errs[0] = err
	}
	return *at, errs[0]
}
