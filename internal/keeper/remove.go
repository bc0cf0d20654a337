package keeper

import (
	"fmt"
	"maps"
	"slices"
)

// Remove removes a checkpoint: a savepoint that is no longer wanted, say.
func (k *Keeper) Remove(id int64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.remove(id); err != nil {
		return err
	}
	delete(k.kept, id)
	k.sweep(id)
	return nil
}

// GiveUp removes what was written of checkpoint id, the last one that was
// begun, which will not come about. What cannot be removed now is removed with
// what a later one leaves over.
func (k *Keeper) GiveUp(id int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep(id)
}

// prune removes what is older than the newest that are kept. Those that
// no run begins with count for nothing, and go when there are enough newer ones.
func (k *Keeper) prune(newest int64) {
	var ids []int64
	for id, m := range k.kept {
		if _, ok := k.passed[id]; !ok && m.Savepoint == "" {
			ids = append(ids, id)
		}
	}
	if slices.Sort(ids); len(ids) >= k.keep {
		oldest := ids[len(ids)-k.keep]
		maps.DeleteFunc(k.kept, func(id int64, m *Manifest) bool {
			return id < oldest && m.Savepoint == "" && k.drop(id)
		})
		k.broken = slices.DeleteFunc(k.broken, func(id int64) bool { return id < oldest && k.damaged[id] && k.drop(id) })
	}
	k.sweep(newest)
}

// remove removes a manifest, and then what rules it out.
func (k *Keeper) remove(id int64) error {
	if err := k.store.Remove(fmt.Sprintf(manifestName, id)); err != nil {
		return fmt.Errorf("checkpoint %d: %w", id, err)
	}
	if _, ok := k.passed[id]; ok {
		return k.readmit(id)
	}
	return nil
}

func (k *Keeper) drop(id int64) bool {
	if err := k.remove(id); err != nil {
		k.logger.Warn("an old checkpoint cannot be removed", "pipeline", k.pipeline, "checkpoint", id, "cause", err)
		return false
	}
	return true
}
