package tree

// leafNode is the feature of a node that is a leaf.
const leafNode = -1

// A node is a split or a leaf.
type node struct {
	feature   int32
	kind      kind
	threshold float64 // of upTo and equal
	// left and right are the numbers of nodes, and in a leaf left is the number of the leaf.
	left, right int32
	// weight is of the events that came through.
	weight float64
	// values and branches are of each.
	values   []float64
	branches []int32
}

// A kind says which events go where.
type kind uint8

const (
	upTo  kind = iota // left: values up to the threshold
	equal             // left: values equal to the threshold
	each              // each value to a branch of its own
)

// grown is what a tree has grown to: the root is node 0. Its leaves have numbers, and what they know is elsewhere.
type grown struct {
	nodes  []node
	leaves int
}

// sprout returns a tree of one leaf, number 0.
func sprout() grown { return grown{[]node{{feature: leafNode}}, 1} }

// next returns the node that an event with a value goes to, or -1 if the value has none.
func (g *grown) next(n *node, v float64) int32 {
	if !known(v) {
		return g.heavier(n)
	}
	switch n.kind {
	case upTo:
		if v <= n.threshold {
			return n.left
		}
		return n.right
	case equal:
		if v == n.threshold {
			return n.left
		}
		return n.right
	}
	for i, w := range n.values {
		if w == v {
			return n.branches[i]
		}
	}
	return -1
}

// heavier returns the branch that more events took: of several the first.
func (g *grown) heavier(n *node) int32 {
	if n.kind != each {
		if g.nodes[n.left].weight < g.nodes[n.right].weight {
			return n.right
		}
		return n.left
	}
	best := n.branches[0]
	for _, b := range n.branches[1:] {
		if g.nodes[b].weight > g.nodes[best].weight {
			best = b
		}
	}
	return best
}

// find returns the node of the leaf of an event.
func (g *grown) find(x []float64) int32 {
	at := int32(0)
	for {
		n := &g.nodes[at]
		if n.feature == leafNode {
			return at
		}
		if at = g.next(n, x[n.feature]); at < 0 {
			at = g.heavier(n)
		}
	}
}

// descend is find, with a weight that every node on the path gains. A value without
// a branch gets one, as long as there are less leaves than most: then fresh is true, and the depth
// is that of a leaf that did not exist.
func (g *grown) descend(x []float64, weight float64, most int) (at int32, depth int, fresh bool) {
	for depth = 1; ; depth++ {
		n := &g.nodes[at]
		n.weight += weight
		if n.feature == leafNode {
			return at, depth - 1, false
		}
		v := x[n.feature]
		if at = g.next(n, v); at >= 0 {
			continue
		}
		if g.leaves >= most {
			at = g.heavier(n)
			continue
		}
		at = int32(len(g.nodes))
		n.values, n.branches = append(n.values, v), append(n.branches, at)
		g.nodes = append(g.nodes, node{feature: leafNode, left: int32(g.leaves), weight: weight})
		g.leaves++
		return at, depth, true
	}
}

// replace makes the leaf at a node a split into branches with these weights, which are leaves. The
// first has the number of the old leaf, and the others the next.
func (g *grown) replace(at int32, n node, weights []float64) {
	old := &g.nodes[at]
	n.weight = old.weight
	slot := old.left
	for i, w := range weights {
		child := node{feature: leafNode, left: slot, weight: w}
		if i > 0 {
			child.left = int32(g.leaves)
			g.leaves++
		}
		switch number := int32(len(g.nodes)); {
		case n.kind == each:
			n.branches = append(n.branches, number)
		case i == 0:
			n.left = number
		default:
			n.right = number
		}
		g.nodes = append(g.nodes, child)
	}
	g.nodes[at] = n
}
