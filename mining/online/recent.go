package online

import (
	"cmp"
	"slices"
)

// recent are models in the order in which they were used, from the latest to the one that is the first to go. It is a
// ring through itself, and holds nothing while there is no bound.
type recent[K comparable] struct {
	most int // 0 for no bound
	n    int
	now  uint64 // how many events there have been
	ring kept[K]
}

// use notes that a model is used.
func (r *recent[K]) use(m *kept[K]) {
	if r.most == 0 {
		return
	}
	r.drop(m)
	r.front(m)
}

// add notes a model that is new, and returns the one to be forgotten for it, or nil. One that
// TimeToLive has ended is still among them: it is among the first to go.
func (r *recent[K]) add(m *kept[K]) (old *kept[K]) {
	if r.most == 0 {
		return nil
	}
	if r.n == r.most {
		old = r.ring.newer
		r.drop(old)
	}
	r.front(m)
	return old
}

func (r *recent[K]) front(m *kept[K]) {
	if r.ring.older == nil {
		r.ring.older, r.ring.newer = &r.ring, &r.ring
	}
	r.n++
	r.now++
	m.used = r.now
	m.newer, m.older = &r.ring, r.ring.older
	m.older.newer, r.ring.older = m, m
}

func (r *recent[K]) drop(m *kept[K]) {
	m.newer.older, m.older.newer = m.older, m.newer
	m.newer, m.older = nil, nil
	r.n--
}

// restore notes all models there are after a restart, and returns those that are too many.
func (r *recent[K]) restore(all []*kept[K]) (old []*kept[K]) {
	if r.most == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b *kept[K]) int { return cmp.Compare(a.used, b.used) })
	if n := len(all) - r.most; n > 0 {
		old, all = all[:n], all[n:]
	}
	for _, m := range all {
		used := m.used
		r.front(m)
		r.now = max(r.now, used)
		m.used = used
	}
	return old
}
