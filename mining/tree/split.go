package tree

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// A candidate is a split that a leaf could make.
type candidate struct {
	merit    float64
	node     node
	branches []float64 // the weights of the classes, branch after branch
}

// split tries to split the leaf at a node, and reports whether it did.
func (m *Hoeffding) split(at int32) bool {
	l := &m.leaves[m.grown.nodes[at].left]
	most := slices.Max(l.counts)
	if most == l.total {
		return false
	}
	if most/l.total > m.settings.maxShare {
		l.wake(m)
		return false
	}
	// No split at all is a candidate, too, with a merit of -∞.
	best, second := candidate{merit: math.Inf(-1), node: node{feature: leafNode}}, math.Inf(-1)
	before := m.settings.before(l.counts)
	// The best split so far has one of these for its branches, and the next feature the other.
	free, other := m.scratch[:2*m.classes], m.scratch[2*m.classes:4*m.classes]
	for slot := range l.slots(m.features) {
		f := l.feature(slot)
		var c candidate
		if m.settings.nominal != nil && m.settings.nominal[f] {
			c = m.bestNames(l, slot, f, before)
		} else {
			c = m.bestNumber(l, slot, f, before, free)
		}
		if c.merit >= best.merit {
			best, second = c, best.merit
			free, other = other, free
		} else {
			second = max(second, c.merit)
		}
	}
	epsilon := bound(m.settings.span(l.counts), m.settings.delta, l.total)
	if !(best.merit-second > epsilon || epsilon < m.settings.tie) {
		return false
	}
	if math.IsInf(best.merit, -1) {
		l.wake(m)
		return false
	}
	n := len(best.branches) / m.classes
	if len(m.leaves)+n-1 > m.settings.maxLeaves {
		return false
	}
	m.splits[best.node.feature]++
	m.gains[best.node.feature] += max(0, best.merit) * l.total
	depth := int(l.depth) + 1
	weights := make([]float64, n)
	slot := m.grown.nodes[at].left
	for i := range weights {
		fresh := m.newLeaf(depth, best.branches[i*m.classes:(i+1)*m.classes])
		if weights[i] = fresh.total; i == 0 {
			m.leaves[slot] = fresh
		} else {
			m.leaves = append(m.leaves, fresh)
		}
	}
	m.grown.replace(at, best.node, weights)
	m.economize()
	return true
}

// bestNumber returns the best split of a feature at a value, with its branches in room.
func (m *Hoeffding) bestNumber(l *leaf, slot, f int, before float64, room []float64) candidate {
	best := candidate{merit: math.Inf(-1)}
	seen := l.seen[slot*m.classes : (slot+1)*m.classes]
	lo, hi := math.Inf(1), math.Inf(-1)
	for c := range seen {
		if seen[c].n > 0 {
			lo, hi = min(lo, seen[c].lo), max(hi, seen[c].hi)
		}
	}
	step := (hi - lo) / (points + 1)
	best.branches = room
	var (
		at    [points]float64
		about [points]float64
		most  = math.Inf(-1)
		total = 0.0
	)
	for c := range seen {
		total += seen[c].n
	}
	for i := range at {
		v := lo + step*float64(i+1)
		at[i], about[i] = v, math.Inf(-1)
		if !(lo < v && v < hi) {
			continue
		}
		branches := m.branches(i)
		for c := range seen {
			branches[c] = seen[c].below(v)
			branches[m.classes+c] = seen[c].n - branches[c]
		}
		if m.settings.counts(m.classes, branches) {
			about[i] = 0
			if total > 1e-290 { // else weights are subnormal
				about[i] = m.settings.about(before, m.classes, branches)
			}
			most = max(most, about[i])
		}
	}
	for i, v := range at {
		if math.IsInf(about[i], -1) || about[i] < most-2*aboutError {
			continue
		}
		if merit := m.settings.merit(before, m.classes, m.branches(i)); merit > best.merit {
			best.merit = merit
			best.node = node{feature: int32(f), kind: upTo, threshold: v}
			copy(best.branches, m.branches(i))
		}
	}
	return best
}

// branches returns the room for the weights of the classes below and above one of the values at which a feature may be split.
func (m *Hoeffding) branches(point int) []float64 {
	return m.scratch[(4+2*point)*m.classes:][:2*m.classes]
}

// bestNames returns the best split of a nominal feature: all values from each other, or one from all
// others.
func (m *Hoeffding) bestNames(l *leaf, slot, f int, before float64) candidate {
	best := candidate{merit: math.Inf(-1)}
	n := &l.names[slot]
	order := make([]int, len(n.values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(n.values[a], n.values[b]) })
	if !m.settings.binary && len(order) > 0 {
		split := node{feature: int32(f), kind: each}
		var branches []float64
		for _, i := range order {
			split.values = append(split.values, n.values[i])
			branches = append(branches, n.weight[i*m.classes:(i+1)*m.classes]...)
		}
		best = candidate{m.settings.merit(before, m.classes, branches), split, branches}
	}
	branches := m.branches(0)
	for _, i := range order {
		for c := range m.classes {
			branches[c] = n.weight[i*m.classes+c]
			branches[m.classes+c] = n.total[c] - branches[c]
		}
		if merit := m.settings.merit(before, m.classes, branches); merit > best.merit {
			best = candidate{merit, node{feature: int32(f), kind: equal, threshold: n.values[i]}, slices.Clone(branches)}
		}
	}
	return best
}

// economize has the leaves rest where least is to be gained, if too many observe. A leaf that
// rested, and promises more by now, begins anew.
func (m *Hoeffding) economize() {
	if len(m.leaves) <= m.settings.maxActive {
		return
	}
	promise := make([]float64, len(m.leaves))
	order := make([]int, 0, len(promise))
	for i := range m.leaves {
		if l := &m.leaves[i]; int(l.depth) < m.settings.maxDepth {
			promise[i] = l.total - slices.Max(l.counts)
			order = append(order, i)
		} else {
			l.rest()
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(promise[b], promise[a]) })
	for rank, i := range order {
		switch l := &m.leaves[i]; {
		case rank >= m.settings.maxActive:
			l.rest()
		case !l.active:
			l.wake(m)
		}
	}
}

// draw returns n of that many features, in order.
func draw(source *rand.PCG, features, n int) []int32 {
	random := rand.New(source)
	subset := make([]int32, 0, n)
	for f := range features {
		// Each set of n is as likely: Knuth's algorithm S.
		if random.IntN(features-f) < n-len(subset) {
			subset = append(subset, int32(f))
		}
	}
	return subset
}
