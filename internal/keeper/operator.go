package keeper

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// ReadOperator reads what a checkpoint has of one operator: the checkpoint of an id, or for 0 the newest one whose manifest can be read. The snapshot has
// the pieces of that operator alone. It takes no lock: a run may be under way.
func ReadOperator(s Store, id int64, name string) (snap *Snapshot, o *Operator, err error) {
	for range copies {
		var m *Manifest
		if m, err = choose(s, id); err == nil {
			if snap, o, err = operatorOf(m, s, name); err != nil {
				err = fmt.Errorf("checkpoint %d: %w", m.ID, err)
			}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break // else a run has removed it meanwhile
		}
	}
	return snap, o, err
}

// operatorOf reads the pieces of an operator.
func operatorOf(m *Manifest, s Store, name string) (*Snapshot, *Operator, error) {
	i := slices.IndexFunc(m.Operators, func(o Operator) bool { return o.Name == name })
	if i < 0 {
		return nil, nil, fmt.Errorf("it has no state of %s", name)
	}
	snap, err := loadOperators(s, m, m.Operators[i:i+1])
	return snap, &m.Operators[i], err
}
