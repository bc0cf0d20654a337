package recommend

import "slices"

// pairs counts pairs of items, in a table with open addressing: 12 bytes an entry, and no pointers.
type pairs struct {
	keys   []uint64 // the lesser item and the greater one, and one: 0 is empty
	counts []uint32
	n      int
}

func keyOf(i, j int32) uint64 {
	return uint64(uint32(min(i, j)))<<32 | uint64(uint32(max(i, j)))
}

// slot returns where a key is, or where it would be.
func (p *pairs) slot(key uint64) int {
	h := key * 0x9e3779b97f4a7c15
	i := int(h>>32) & (len(p.keys) - 1)
	for p.keys[i] != 0 && p.keys[i] != key {
		i = (i + 1) & (len(p.keys) - 1)
	}
	return i
}

// add counts a pair of two different items and returns how often it has come, or 0 if there are most pairs and this is none of
// them.
func (p *pairs) add(i, j int32, most int) uint32 {
	if 3*p.n >= 2*len(p.keys) {
		p.grow()
	}
	key := keyOf(i, j) // not 0, as the greater item is at least 1
	s := p.slot(key)
	if p.keys[s] == 0 {
		if p.n >= most {
			return 0
		}
		p.keys[s] = key
		p.n++
	}
	p.counts[s]++
	return p.counts[s]
}

func (p *pairs) of(i, j int32) uint32 {
	if len(p.keys) == 0 {
		return 0
	}
	return p.counts[p.slot(keyOf(i, j))]
}

func (p *pairs) grow() {
	old := *p
	p.keys, p.counts = make([]uint64, max(64, 2*len(old.keys))), make([]uint32, max(64, 2*len(old.keys)))
	for s, key := range old.keys {
		if key != 0 {
			to := p.slot(key)
			p.keys[to], p.counts[to] = key, old.counts[s]
		}
	}
}

// sorted returns all pairs, ascending, with their counts.
func (p *pairs) sorted() (keys []uint64, counts []uint32) {
	for _, key := range p.keys {
		if key != 0 {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		counts = append(counts, p.counts[p.slot(key)])
	}
	return keys, counts
}
