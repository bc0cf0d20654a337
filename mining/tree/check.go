package tree

import (
	"errors"
	"fmt"
	"math"
)

var errShape = errors.New("its parts do not fit each other")

// check says what is wrong with a tree that was read.
func (m *Hoeffding) check() error {
	if m.features < 1 || m.classes < 2 || len(m.splits) != m.features || len(m.gains) != m.features || !m.settings.sound(m.features) {
		return errShape
	}
	if err := m.grown.check(m.features); err != nil {
		return err
	}
	if len(m.leaves) != m.grown.leaves {
		return errShape
	}
	for i := range m.leaves {
		if err := m.leaves[i].check(m); err != nil {
			return fmt.Errorf("leaf %d: %w", i, err)
		}
	}
	return nil
}

func (s *settings) sound(features int) bool {
	return (s.nominal == nil || len(s.nominal) == features) && s.subset >= 0 && s.subset <= features && s.points == points &&
		s.grace >= 1 && s.delta > 0 && s.delta < 1 && s.maxLeaves >= 1 && s.maxActive >= 1 && s.criterion <= Hellinger && s.answer <= Plain &&
		s.trees >= 1 && s.lambda > 0 && s.warning > 0 && s.drift > 0
}

// check says whether every node but the root has one parent, which comes before it, so that every way
// ends at a leaf.
func (g *grown) check(features int) error {
	if len(g.nodes) == 0 || g.leaves < 1 || g.leaves > len(g.nodes) {
		return errShape
	}
	used, leaves := make([]bool, len(g.nodes)), make([]bool, g.leaves)
	used[0] = true
	for i := range g.nodes {
		n := &g.nodes[i]
		if math.IsNaN(n.weight) {
			return errShape
		}
		if n.feature == leafNode {
			if n.left < 0 || int(n.left) >= len(leaves) || leaves[n.left] {
				return errShape
			}
			leaves[n.left] = true
			continue
		}
		children := n.branches
		if n.kind != each {
			children = []int32{n.left, n.right}
		}
		if n.feature < 0 || int(n.feature) >= features || n.kind > each || len(children) == 0 || n.kind == each && len(n.values) != len(children) {
			return errShape
		}
		for _, c := range children {
			if int(c) <= i || int(c) >= len(used) || used[c] {
				return errShape
			}
			used[c] = true
		}
	}
	for _, ok := range append(used, leaves...) {
		if !ok {
			return errShape
		}
	}
	return nil
}

func (l *leaf) check(m *Hoeffding) error {
	n := l.slots(m.features)
	for _, f := range l.subset {
		if f < 0 || int(f) >= m.features {
			return errShape
		}
	}
	if len(l.counts) != m.classes || l.active && len(l.seen) != n*m.classes || l.active && m.settings.nominal != nil && len(l.names) != n {
		return errShape
	}
	for i := range l.names {
		if v := &l.names[i]; len(v.weight) != len(v.values)*m.classes || len(v.values) > 0 && len(v.total) != m.classes {
			return errShape
		}
	}
	return nil
}
