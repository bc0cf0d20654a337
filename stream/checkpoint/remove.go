package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/freshet-go/freshet/internal/keeper"
)

// Remove removes a checkpoint, with the state that no other one names: a savepoint that is no
// longer wanted, say. It locks the store for that: while a run has it, that is ErrLocked. An id
// that is not there is an error that is fs.ErrNotExist.
func Remove(s Store, id int64) (err error) {
	all, unread := keeper.Inspect(s)
	i := slices.IndexFunc(all, func(m *keeper.Manifest) bool { return m.ID == id })
	if i < 0 {
		return errors.Join(fmt.Errorf("checkpoint %d: %w", id, fs.ErrNotExist), unread)
	}
	k, err := keeper.Open(s, all[i].Pipeline)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	return k.Remove(id)
}
