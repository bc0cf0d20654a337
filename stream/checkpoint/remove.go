package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/freshet-go/freshet/internal/keeper"
)

// ErrNeeded says that a run would begin with a checkpoint, so that it is not removed.
var ErrNeeded = errors.New("checkpoint: a run would begin with it")

// Remove removes a checkpoint, with the state that no other one names: a savepoint that is no
// longer wanted, say. It locks the store for that: while a run has it, that is ErrLocked. The newest checkpoint is
// ErrNeeded: without it a run would go back to an older one, or begin from nothing. An id that is not there is an error
// that is fs.ErrNotExist, and one that cannot be read is an error that says why.
func Remove(s Store, id int64) (err error) {
	all, unread := keeper.Inspect(s)
	i := slices.IndexFunc(all, func(m *keeper.Manifest) bool { return m.ID == id })
	switch {
	case i == 0:
		return fmt.Errorf("checkpoint %d: %w", id, ErrNeeded)
	case i < 0 && unread != nil:
		return fmt.Errorf("checkpoint %d is none of those that can be read: %w", id, unread)
	case i < 0:
		return fmt.Errorf("checkpoint %d: %w", id, fs.ErrNotExist)
	}
	k, err := keeper.Open(s, all[i].Pipeline)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	return k.Remove(id)
}
