package keeper

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Newest returns the highest id of a checkpoint that the store has, be it
// damaged, or 0.
func (k *Keeper) Newest() (id int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, there := range k.ids() {
		id = max(id, there)
	}
	return id
}

// ErrNoSavepoint says that there is no savepoint of a name.
var ErrNoSavepoint = errors.New("checkpoint: no such savepoint")

// Savepoint returns the newest savepoint of a name. If there is none, that is
// ErrNoSavepoint, and the error lists those that there are.
func (k *Keeper) Savepoint(name string) (*Snapshot, error) {
	found := int64(-1)
	var others []string
	for _, m := range k.List() {
		switch {
		case m.Savepoint == "":
		case m.Savepoint == name:
			found = max(found, m.ID)
		default:
			others = append(others, fmt.Sprintf("%q (checkpoint %d)", m.Savepoint, m.ID))
		}
	}
	if found >= 0 {
		return k.At(found)
	}
	there := "the store has none"
	if len(others) > 0 {
		there = "the store has " + strings.Join(others, ", ")
	}
	if n := len(k.unread()); n > 0 {
		there += fmt.Sprintf(", and %d checkpoints that cannot be read", n)
	}
	return nil, &noSavepointError{name, there}
}

type noSavepointError struct{ name, there string }

func (e *noSavepointError) Error() string {
	return fmt.Sprintf("checkpoint: no savepoint %q: %s", e.name, e.there)
}

func (e *noSavepointError) Unwrap() []error { return []error{ErrNoSavepoint, fs.ErrNotExist} }

func (k *Keeper) unread() []int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.broken)
}

// List returns the manifests of all checkpoints, newest first.
func (k *Keeper) List() []*Manifest {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []*Manifest
	for _, m := range k.kept {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *Manifest) int { return cmp.Compare(b.ID, a.ID) })
	return all
}
