package panes

// How cells become panes.

func (c *Cells[K, A]) fire(f *Frame, key, acc int) {
	hash, k, _ := c.cell(key)
	c.kind.emit(f, hash, k, c.acc(acc))
}

func (c *Cells[K, A]) fireAll(f *Frame) {
	c.Each(func(hash uint64, key *K, acc *A, _ int64) { c.kind.emit(f, hash, key, acc) })
}

func (c *Cells[K, A]) fireMerged(f *Frame, key int, parts []part) {
	acc := c.kind.New()
	for _, p := range parts {
		acc = c.kind.Merge(acc, *p.cells.(*Cells[K, A]).acc(p.at))
	}
	hash, k, _ := c.cell(key)
	c.kind.emit(f, hash, k, &acc)
}

// emit hands a pane over.
func (k *Kind[K, A]) emit[_ lazily](f *Frame, hash uint64, key *K, acc *A) {
	p := &k.pane
	p.Frame, p.Hash, p.Key, p.Acc = f, hash, *key, *acc
	k.Emit(p)
}
