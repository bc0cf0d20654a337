package keeper

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
)

// sweep removes the files that belong to no checkpoint, and reports whether
// there were any. Those of checkpoints that are newer than newest may be being written.
// Nobody knows what a manifest names that cannot be read, but no manifest
// names a file of a newer checkpoint.
func (k *Keeper) sweep(newest int64) (removed bool) {
	unknown := int64(0)
	for _, id := range k.broken {
		unknown = max(unknown, id)
	}
	named := map[string]struct{}{}
	for _, m := range k.kept {
		for _, o := range m.Operators {
			for _, p := range o.Pieces {
				named[p.File] = struct{}{}
				for _, patch := range p.Patches {
					named[patch.File] = struct{}{}
				}
			}
		}
	}
	for name := range k.files {
		id, _ := idOf(name)
		if _, ok := named[name]; ok || id > newest || id <= unknown {
			continue
		}
		if k.clear(name) {
			delete(k.files, name)
			removed = true
		}
	}
	for id := range k.passed {
		if k.kept[id] == nil && !slices.Contains(k.broken, id) && k.clear(fmt.Sprintf(passedName, id)) {
			delete(k.passed, id)
			removed = true
		}
	}
	return removed
}

func (k *Keeper) clear(name string) bool {
	if err := k.store.Remove(name); err != nil {
		k.logger.Warn("an old file cannot be removed", "pipeline", k.pipeline, "file", name, "cause", err)
		return false
	}
	return true
}

// write writes a file of checkpoint id, which is under way. Where the store has no space
// for it, what is older makes room.
func (k *Keeper) write(id int64, name string, parts ...[]byte) error {
	for {
		err := k.store.Write(name, parts...)
		if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) || !k.makeRoom(id) {
			return err
		}
	}
}

// makeRoom removes what can best be done without while checkpoint id is under way, and
// reports whether there was anything: what belongs to no checkpoint, those
// that no run begins with, and then the oldest. The last one that came about
// stays, as the next one builds on it.
func (k *Keeper) makeRoom(id int64) bool {
	if k.locked(func() bool { return k.sweep(id - 1) }) {
		return true
	}
	return k.locked(func() bool {
		var ids, useless []int64
		for id, m := range k.kept {
			if _, ok := k.passed[id]; m.Savepoint != "" || k.unsure[id] {
				continue
			} else if ok {
				useless = append(useless, id)
			} else {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		if len(ids) == 0 {
			return false
		}
		newest := ids[len(ids)-1]
		for _, id := range append(useless, ids[:len(ids)-1]...) {
			if !k.drop(id) {
				continue
			}
			k.logger.Warn("a checkpoint makes room for a newer one: the store has no space", "pipeline", k.pipeline, "checkpoint", id)
			delete(k.kept, id)
			k.sweep(id)
			return true
		}
		dropped := false
		k.broken = slices.DeleteFunc(k.broken, func(id int64) bool {
			gone := id < newest && k.damaged[id] && k.drop(id)
			dropped = dropped || gone
			return gone
		})
		return dropped
	})
}

func (k *Keeper) locked(f func() bool) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return f()
}
