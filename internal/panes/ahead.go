package panes

// An ahead brings into the processor's caches what is needed of two tables by who goes
// through the cells of one, and finds or merges each one in the other: some at a time, as
// that waits for the memory of many at once.
type ahead struct {
	hashes [128]uint64
	slots  [128]uint32
}

// of is called before the cell at a place of from, by ascending place from 0 on, is looked
// up in into.
func (a *ahead) of(into, from cells, at int) {
	if at%len(a.slots) != 0 {
		return
	}
	n := min(from.size()-at, len(a.slots))
	if sums := from.summed(); sums.Len() > 0 {
		sums.Hashes(a.hashes[:n], at)
	} else {
		for i := range n {
			a.hashes[i] = from.hash(at + i)
		}
	}
	into.probe(a.hashes[:n], nil, a.slots[:n])
}

// mergeAll merges all cells of one table into another.
func (a *ahead) mergeAll(into, from cells) {
	for at := range from.size() {
		a.of(into, from, at)
		into.merge(from, at)
	}
}
