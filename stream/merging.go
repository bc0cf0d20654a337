package stream

import "github.com/freshet-go/freshet/internal/engine"

// merging is the aggregation behind the exchange.
type merging[K comparable, A, R any] struct {
	*firing[K, A, R]
	slots []uint32
}

func (m *merging[K, A, R]) push(p *parts[K, A]) error {
	m.panel.out.inherit(0, nil) // late panes: when their events were read is not sent along
	err := m.merge(p)
	p.empty()
	if err != nil {
		return m.op.Failure(err)
	}
	return m.panel.flush()
}

// merge takes parts in, those of late events first. Of the rest nearly all are
// of one slice, whose accumulators are looked up together.
func (m *merging[K, A, R]) merge(p *parts[K, A]) (err error) {
	defer engine.Rescue(&err)
	for _, mark := range p.late {
		m.mergeLate(p, int(mark.row), max(mark.watermark, m.store.Watermark()))
	}
	if m.kind.Sums() {
		return m.mergeSums(p)
	}
	sl, last := m.store.Current(), p.slices[len(p.slices)-1]
	open := m.store.Open(last)
	if open {
		sl = m.store.At(last)
	}
	cells := m.kind.CellsOf(sl)
	m.slots = sized(m.slots, len(p.hashes))
	cells.Table.Probe(p.hashes, nil, m.slots)
	entries, late := cells.Table.Entries(), p.late
	for i, k := range p.keys {
		if m.op.Halted() {
			return engine.ErrStopped
		}
		if len(late) > 0 && int(late[0].row) == i {
			late = late[1:]
			continue
		}
		e := int(m.slots[i]) - 1
		switch {
		case !open || !sl.Contains(p.slices[i]):
			m.mergeOther(p, i)
			entries = cells.Table.Entries() // they may have moved
		case uint(e) < uint(len(entries)) && entries[e].Key == k:
			entries[e].Val = m.kind.Merge(entries[e].Val, p.accs[i])
		default:
			cells.Put(p.hashes[i], k, p.accs[i], 0)
			entries = cells.Table.Entries()
		}
	}
	return nil
}

// mergeSums takes parts in that are sums: those of one slice that follow each other are
// added up together.
func (m *merging[K, A, R]) mergeSums(p *parts[K, A]) error {
	late := p.late
	for i, n := 0, len(p.keys); i < n; {
		if m.op.Halted() {
			return engine.ErrStopped
		}
		if len(late) > 0 && int(late[0].row) == i {
			late = late[1:]
			i++
			continue
		}
		end, from := n, i
		if len(late) > 0 {
			end = int(late[0].row)
		}
		for i++; i < end && p.slices[i] == p.slices[from]; i++ {
		}
		if t := p.slices[from]; m.store.Open(t) {
			m.kind.CellsOf(m.store.At(t)).AddUp(p.hashes[from:i], p.keys[from:i], nil, p.accs[from:i])
			continue
		}
		for ; from < i; from++ {
			m.mergeOther(p, from)
		}
	}
	return nil
}

// mergeOther merges a part of another slice than the one at hand. One whose
// windows have fired was gathered by a sender that was idle for a while and not
// waited for.
func (m *merging[K, A, R]) mergeOther(p *parts[K, A], i int) {
	t := p.slices[i]
	if m.store.Open(t) {
		m.kind.CellsOf(m.store.At(t)).Put(p.hashes[i], p.keys[i], p.accs[i], 0)
		return
	}
	m.mergeLate(p, i, m.store.Watermark())
}

// mergeLate merges a part that is late at a watermark, unless it is too late by now.
func (m *merging[K, A, R]) mergeLate(p *parts[K, A], i int, wm Time) {
	if m.store.Gone(p.slices[i], wm) {
		m.op.TooLate(int(p.counts[i]))
		return
	}
	m.op.Late(int(p.counts[i]))
	m.kind.AddLate(m.store, p.slices[i], wm, p.hashes[i], p.keys[i], p.accs[i])
}
