package tree

import (
	"cmp"
	"math"
	"slices"
)

// reduction is a split of a leaf of a Regressor.
type reduction struct {
	merit       float64
	node        node
	left, right moments
}

// split tries to split the leaf at a node, and reports whether it did.
func (m *Regressor) split(at int32) bool {
	l := &m.leaves[m.grown.nodes[at].left]
	var best reduction
	second := 0.0
	for f := range l.seen {
		r := m.best(l, f)
		if r.merit > best.merit {
			best, second = r, best.merit
		} else {
			second = max(second, r.merit)
		}
	}
	epsilon := bound(1, m.settings.delta, l.y.n)
	if best.merit <= 0 || !(second < (1-epsilon)*best.merit || epsilon < m.settings.tie) || len(m.leaves) >= m.settings.maxLeaves {
		return false
	}
	m.splits[best.node.feature]++
	m.gains[best.node.feature] += best.merit * l.y.n
	slot := m.grown.nodes[at].left
	parent := *l
	m.leaves[slot] = m.newLeaf(int(parent.depth)+1, best.left, &parent)
	m.leaves = append(m.leaves, m.newLeaf(int(parent.depth)+1, best.right, &parent))
	m.grown.replace(at, best.node, []float64{best.left.n, best.right.n})
	m.economize()
	return true
}

// best returns the best split by a feature: of numbers between two groups, of names one from all others.
func (m *Regressor) best(l *regressorLeaf, f int) (best reduction) {
	var whole, left moments
	all := l.seen[f].all
	for _, g := range all {
		whole = whole.plus(g.y)
	}
	for i, g := range all {
		r := reduction{node: node{feature: int32(f), kind: equal, threshold: g.at}, left: g.y}
		if !m.isName(f) {
			if i == len(all)-1 {
				break
			}
			left = left.plus(g.y)
			r.left = left
			r.node.kind, r.node.threshold = upTo, g.at/2+all[i+1].at/2
		}
		r.right = whole.minus(r.left)
		if least := m.settings.minBranch * whole.n; r.left.n <= least || r.right.n <= least {
			continue
		}
		r.merit = whole.deviation() - r.left.n/whole.n*r.left.deviation() - r.right.n/whole.n*r.right.deviation()
		if r.merit > best.merit {
			best = r
		}
	}
	return best
}

// economize has the leaves rest whose labels differ least, if too many observe.
func (m *Regressor) economize() {
	if len(m.leaves) <= m.settings.maxActive {
		return
	}
	order := make([]int, 0, len(m.leaves))
	for i := range m.leaves {
		if int(m.leaves[i].depth) < m.settings.maxDepth {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.leaves[b].y.s, m.leaves[a].y.s) })
	for rank, i := range order {
		switch l := &m.leaves[i]; {
		case rank >= m.settings.maxActive:
			l.active, l.seen = false, nil
		case !l.active:
			l.active, l.seen, l.tried = true, make([]groups, m.features), math.Max(l.tried, l.y.n)
		}
	}
}
