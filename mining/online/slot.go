package online

import (
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/freshet-go/freshet/mining"
)

// A Slot hands models to a pipeline that is running. The zero value is ready to be given to [Swap]:
//
//	var slot online.Slot[*linear.Logistic]
//	scored := orders.Apply(online.Classify(build, features, nil, online.Swap(&slot)).PerShard)
//	...
//	err := slot.Set(trained, 7) // from anywhere, while the pipeline runs
//
// An instance takes a model between two batches, and all models of its keys are replaced. Each instance has a copy
// of its own, and goes on learning with it, unless it scores only. Scores carry the version.
//
// The version is in the state of the operator: after a restart it goes on with it and what it had learnt since, although
// nobody sets the Slot, and a service may set the version that it had before once more without any effect. When a model that is set takes effect
// is no matter of event time: who wants that a run can be repeated sends models as events, see [Release].
//
// A Slot may be used by several goroutines at once.
type Slot[M mining.Saved] struct {
	now atomic.Pointer[Release]
}

// Set replaces the models of the operators by copies of m as it is now. Versions only grow: one that is not greater than
// that of the last call is an error, and an operator that has a later one already keeps it.
func (s *Slot[M]) Set(m M, version uint64) error {
	r, err := NewRelease("", version, m)
	if err != nil {
		return err
	}
	for {
		before := s.now.Load()
		if before != nil && before.Version >= version || version == 0 {
			return fmt.Errorf("online: Slot.Set of version %d: it is not greater than that before, %d", version, s.Version())
		}
		if s.now.CompareAndSwap(before, &r) {
			return nil
		}
	}
}

// Version returns the version that the Slot was set to last; 0 if it was not.
func (s *Slot[M]) Version() uint64 {
	if r := s.now.Load(); r != nil {
		return r.Version
	}
	return 0
}

func (s *Slot[M]) latest() *Release { return s.now.Load() }
func (s *Slot[M]) of() reflect.Type { return reflect.TypeFor[M]() }

// slotted is a *Slot of any type.
type slotted interface {
	latest() *Release
	of() reflect.Type
}
