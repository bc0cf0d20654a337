package keeper

import (
	"errors"
	"fmt"
)

// Find returns the newest checkpoint that is whole of a pipeline, or its newest savepoint of a name where that is not empty. It is nil if there has never been a checkpoint. The
// store is locked for as long as Find takes: it is an error if a run is under way.
func Find(store Store, pipeline, savepoint string, opts ...Option) (snap *Snapshot, err error) {
	k, err := Open(store, pipeline, opts...)
	if err != nil {
		return nil, err
	}
	if savepoint != "" {
		snap, err = k.Savepoint(savepoint)
	} else {
		snap, err = k.Latest()
	}
	return snap, errors.Join(err, k.Close())
}

// Part returns what a checkpoint of a pipeline has of some operators. It takes no lock: nobody may remove the checkpoint meanwhile.
func Part(store Store, pipeline string, id int64, wanted func(operator string) bool) (*Snapshot, error) {
	m, err := readManifest(store, id)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %d: %w", id, err)
	}
	if m.Pipeline != pipeline {
		return nil, fmt.Errorf("%w: it is of pipeline %q, not of %q", ErrOtherPipeline, m.Pipeline, pipeline)
	}
	some := *m
	some.Operators, some.Sources = nil, nil
	for _, o := range m.Operators {
		if wanted(o.Name) {
			some.Operators = append(some.Operators, o)
		}
	}
	for _, s := range m.Sources {
		if wanted(s.Operator) {
			some.Sources = append(some.Sources, s)
		}
	}
	snap, err := loadOperators(store, &some, some.Operators)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %d: %w", id, err)
	}
	return snap, nil
}
