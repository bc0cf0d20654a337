package checkpoint

import (
	"fmt"

	"github.com/freshet-go/freshet/internal/keeper"
)

// Copy copies a checkpoint into another store, while a run goes on or not, and reads the copy whole before it returns. The
// id is one of [Inspect]'s, or 0 for the checkpoint that a run would begin with. A run of the same pipeline
// begins with the copy where it is given that store.
//
// It may be called again and again with the same store: what has not changed is not written again, and as
// many checkpoints are kept as Keep says, 3 by default, and all savepoints. What is kept in it belongs to one store: a
// checkpoint that is older than the newest copy, or another one of the same id, is an error, as is a store that a run has. A
// checkpoint that the run removes in the midst is followed by a newer one where id is 0, and
// fs.ErrNotExist otherwise: keep more of them, or take a savepoint.
//
// Both stores may be sealed, with the same keys or others, so a copy can have keys of its own.
//
// A copy has no results that sinks have shown. An exactly-once sink whose place is older than the checkpoint refuses to go on, with a
// LostResultsError, and one that is newer with a RewindError; docs/security.md has the order in which both are to
// be copied.
func Copy(from, to Store, id int64, opts ...Option) (*Manifest, error) {
	set := Settings{Keep: 3}
	for i, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("checkpoint: Copy: option %d of %d is nil", i+1, len(opts))
		}
		o(&set)
	}
	m, err := keeper.Copy(from, to, id, set.Keep)
	if err != nil {
		return nil, err
	}
	return shown(m), nil
}

// Verify reads every checkpoint of a store whole, and returns the manifests of those that it has, newest first, and
// an error for each that cannot be read. It takes no lock: a run may be under way.
func Verify(s Store) ([]*Manifest, error) {
	kept, err := keeper.Verify(s)
	var all []*Manifest
	for _, m := range kept {
		all = append(all, shown(m))
	}
	return all, err
}
