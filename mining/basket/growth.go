package basket

// A growth finds frequent sets by FP-Growth. Items are ranks: 0 is the most frequent.
type growth struct {
	least  uint32 // baskets that have to hold a set
	size   int    // items of a set, at most
	found  func(ranks []uint32, count uint32) error
	suffix []uint32
	trees  []*tree // one for each depth, used again and again
	path   []uint32
}

// A tree holds baskets as paths from its root, the most frequent item first: what baskets have in
// common at their beginning they share. Its items are numbered by themselves, in the order of ranks.
type tree struct {
	ranks  []uint32 // the rank of each of its items
	totals []uint32 // how many baskets hold it
	heads  []uint32 // the first node of each item; the others follow by next
	nodes  []node   // the first is the root
	slots  []uint32 // a hash table of nodes by parent and item; 0 is empty
}

type node struct{ item, count, parent, next uint32 }

// tree returns the empty tree of a depth with that many items, which are their own ranks.
func (g *growth) tree(depth, items int) *tree {
	if depth == len(g.trees) {
		g.trees = append(g.trees, new(tree))
	}
	t := g.trees[depth]
	t.ranks, t.totals, t.heads = t.ranks[:0], t.totals[:0], t.heads[:0]
	for i := range items {
		t.add(uint32(i))
	}
	t.nodes = append(t.nodes[:0], node{})
	t.slots = sized(t.slots, 64)
	return t
}

// add adds an item.
func (t *tree) add(rank uint32) {
	t.ranks, t.totals, t.heads = append(t.ranks, rank), append(t.totals, 0), append(t.heads, 0)
}

// insert adds count baskets that hold the same items, ascending.
func (t *tree) insert(items []uint32, count uint32) {
	at := uint32(0)
	for _, item := range items {
		at = t.child(at, item)
		t.nodes[at].count += count
		t.totals[item] += count
	}
}

// child returns the node of an item below another.
func (t *tree) child(parent, item uint32) uint32 {
	if 2*len(t.nodes) > len(t.slots) {
		t.grow()
	}
	for i := slot(parent, item, len(t.slots)); ; i = (i + 1) & (len(t.slots) - 1) {
		n := t.slots[i]
		if n == 0 {
			n = uint32(len(t.nodes))
			t.slots[i] = n
			t.nodes = append(t.nodes, node{item: item, parent: parent, next: t.heads[item]})
			t.heads[item] = n
			return n
		}
		if x := &t.nodes[n]; x.parent == parent && x.item == item {
			return n
		}
	}
}

func (t *tree) grow() {
	t.slots = sized(t.slots, 2*len(t.slots))
	for n := 1; n < len(t.nodes); n++ {
		i := slot(t.nodes[n].parent, t.nodes[n].item, len(t.slots))
		for t.slots[i] != 0 {
			i = (i + 1) & (len(t.slots) - 1)
		}
		t.slots[i] = uint32(n)
	}
}

// slot returns where to look first, in a table whose size is a power of two.
func slot(parent, item uint32, size int) int {
	h := (uint64(parent)<<32 | uint64(item)) * 0x9e3779b97f4a7c15
	return int(h>>32) & (size - 1)
}

// sized returns n zeros.
func sized(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// mine finds the sets in a tree, each with the suffix behind it, the least frequent items first.
func (g *growth) mine(t *tree, depth int) error {
	for item := len(t.ranks) - 1; item >= 0; item-- {
		if t.totals[item] < g.least {
			continue
		}
		g.suffix = append(g.suffix, t.ranks[item])
		if err := g.found(g.suffix, t.totals[item]); err != nil {
			return err
		}
		if len(g.suffix) < g.size {
			if below := g.conditional(t, uint32(item), depth+1); len(below.ranks) > 0 {
				if err := g.mine(below, depth+1); err != nil {
					return err
				}
			}
		}
		g.suffix = g.suffix[:len(g.suffix)-1]
	}
	return nil
}

// conditional returns the tree of the baskets that hold an item, without it and what is less frequent
// than it, and of their items only those that are frequent among them.
func (g *growth) conditional(t *tree, item uint32, depth int) *tree {
	below := g.tree(depth, 0)
	held := make([]uint32, item)
	for n := t.heads[item]; n != 0; n = t.nodes[n].next {
		count := t.nodes[n].count
		for up := t.nodes[n].parent; up != 0; up = t.nodes[up].parent {
			held[t.nodes[up].item] += count
		}
	}
	for i, count := range held {
		if held[i] = rare; count >= g.least {
			held[i] = uint32(len(below.ranks))
			below.add(t.ranks[i])
		}
	}
	if len(below.ranks) == 0 {
		return below
	}
	for n := t.heads[item]; n != 0; n = t.nodes[n].next {
		g.path = g.path[:0]
		for up := t.nodes[n].parent; up != 0; up = t.nodes[up].parent {
			if i := held[t.nodes[up].item]; i != rare {
				g.path = append(g.path, i)
			}
		}
		for i, j := 0, len(g.path)-1; i < j; i, j = i+1, j-1 {
			g.path[i], g.path[j] = g.path[j], g.path[i]
		}
		below.insert(g.path, t.nodes[n].count)
	}
	return below
}
