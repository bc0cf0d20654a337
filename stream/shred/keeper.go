package shred

import (
	"context"
	"errors"
	"fmt"
)

// A Keeper keeps a key for each person. Several goroutines, and where it is shared several processes, use it at once. Its methods return
// when ctx ends. An error of theirs says that it cannot be asked now, and it is asked again, unless it is
// checkpoint.ErrSealed, which does not pass.
type Keeper interface {
	// Keys returns what there is of each of some persons, in their order. Where make is true, a person of whom there is
	// nothing gets a key of 32 random bytes, which is durable when Keys returns: two that ask at once
	// are given the same. No name comes twice.
	Keys(ctx context.Context, persons []string, make bool) ([]Found, error)
	// Forget destroys the keys of persons, and notes that they are forgotten, also those of whom
	// there is nothing. When it returns no one is given the keys any more, and that is durable.
	Forget(ctx context.Context, persons ...string) error
}

// Found is what a Keeper has of a person. The zero value says that there is nothing.
type Found struct {
	Key       []byte // 32 bytes, or nil
	Forgotten bool   // there was a key, or never one, and there will be none
}

// Format writes whether there is a key, and never the key, whatever the verb.
func (f Found) Format(to fmt.State, _ rune) {
	_, _ = fmt.Fprintf(to, "a person with a key: %t, forgotten: %t", len(f.Key) > 0, f.Forgotten)
}

var (
	// ErrForgotten says that a person is forgotten: what is theirs can neither be sealed nor opened.
	ErrForgotten = errors.New("the person is forgotten")
	// ErrUnknown says that the keeper has never had a key of the person: it is another keeper than the one that
	// the data was sealed with, or an older copy of it.
	ErrUnknown = errors.New("the keeper has no key of the person")
	// ErrNobody says that a value has data of a person and does not say of whom.
	ErrNobody = errors.New("the value does not say whose it is")
	// ErrDamaged says that a field was changed, is of another person or label, or was sealed with another key
	// than the one that the person has now.
	ErrDamaged = errors.New("a field is not what was sealed")
	// ErrPlain says that a field that should be sealed is in the clear: see AllowPlain.
	ErrPlain = errors.New("a field is not sealed")
)
