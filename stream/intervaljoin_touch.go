package stream

// probe brings what is held of the keys of a batch into the processor's caches: a slot may be
// another key's, which does no harm.
func (j *intervalJoin[K, L, R, U]) probe[_ lazily](hashes []uint64, rows []int32) {
	j.slots = sized(j.slots, len(hashes))
	j.keys.states.Probe(hashes, rows, j.slots)
	entries := j.keys.states.Entries()
	if rows == nil {
		for _, slot := range j.slots {
			if slot != 0 {
				j.near = append(j.near, entries[slot-1].Val)
			}
		}
	}
	for _, row := range rows {
		if slot := j.slots[row]; slot != 0 {
			j.near = append(j.near, entries[slot-1].Val)
		}
	}
	j.touch()
}

// touch reads what is near of each key, and then what this points to: the loads of each
// pass do not wait for each other.
func (j *intervalJoin[K, L, R, U]) touch[_ lazily]() {
	for _, s := range j.near {
		j.touched += uint64(s.left.gone)
	}
	for _, s := range j.near {
		j.touched += s.left.ends() + s.right.ends()
	}
	clear(j.near) // of what is dropped nothing stays alive
	j.near = j.near[:0]
}
