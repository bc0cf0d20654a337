package boost

import (
	"errors"
	"math"

	"github.com/freshet-go/freshet/mining"
)

// leafNode is the feature of a node that is a leaf.
const leafNode = -1

// A node is a split or a leaf of a tree.
type node struct {
	threshold   float64 // values up to it go left
	value       float64 // the answer of a leaf, and of a split the mean of the events below it
	cover       float64 // how many events were below it
	gain        float64
	feature     int32
	left, right int32
	missingLeft bool
}

// An ensemble is the trees of a model.
type ensemble struct {
	settings settings
	features int
	classes  int       // 0: of a Regressor
	base     []float64 // of each group; none: nothing has been learnt
	nodes    []node
	roots    []int32   // of each round, each group
	dense    []float64 `binary:"-"`
}

func newEnsemble(features, classes int, opts []Option, who string, without ...string) ensemble {
	need(features > 0, "%d features", features)
	return ensemble{settings: of(opts, who, without...), features: features, classes: classes}
}

func (e *ensemble) objective() objective {
	return objective{e.classes, e.settings.loss, e.settings.level}
}

// expand returns the values at all places. They are read only.
func (e *ensemble) expand(x mining.Vector) []float64 {
	if len(x.Index) == 0 && len(x.Value) == e.features {
		return x.Value
	}
	e.dense = mining.Sized(e.dense, e.features)
	return x.Expand(e.dense)
}

// raw adds up the answers of the trees of a group.
func (e *ensemble) raw(x []float64, group int) float64 {
	if len(e.base) == 0 {
		return 0
	}
	sum := e.base[group]
	for i := group; i < len(e.roots); i += len(e.base) {
		sum += e.nodes[e.leaf(e.roots[i], x)].value
	}
	return sum
}

func (e *ensemble) leaf(at int32, x []float64) int32 {
	for {
		n := &e.nodes[at]
		if n.feature == leafNode {
			return at
		}
		at = n.next(x)
	}
}

func (n *node) next(x []float64) int32 {
	v := x[n.feature]
	if v <= n.threshold && v >= -math.MaxFloat64 || n.missingLeft && !mining.Known(v) {
		return n.left
	}
	return n.right
}

// Rounds returns how many rounds of trees there are.
func (e *ensemble) rounds() int {
	if len(e.base) == 0 {
		return 0
	}
	return len(e.roots) / len(e.base)
}

func (e *ensemble) importance(to []float64) []float64 {
	to = mining.Sized(to, e.features)
	clear(to)
	total := 0.0
	for i := range e.nodes {
		if n := &e.nodes[i]; n.feature != leafNode {
			to[n.feature] += n.gain
			total += n.gain
		}
	}
	if total > 0 {
		for f := range to {
			to[f] /= total
		}
	}
	return to
}

func (e *ensemble) splitsBy(to []int) []int {
	if cap(to) < e.features {
		to = make([]int, e.features)
	}
	to = to[:e.features]
	clear(to)
	for i := range e.nodes {
		if f := e.nodes[i].feature; f != leafNode {
			to[f]++
		}
	}
	return to
}

var errShape = errors.New("its parts do not fit each other")

// check says what is wrong with an ensemble that was read.
func (e *ensemble) check() error {
	s := &e.settings
	groups := len(e.base)
	if e.features < 1 || e.classes < 0 || e.classes == 1 || groups != 0 && groups != e.objective().groups() || groups == 0 && len(e.roots) > 0 || groups > 0 && len(e.roots)%groups != 0 {
		return errShape
	}
	if s.trees < 1 || s.leaves < 2 || s.depth < 1 || s.bins < 2 || s.bins > 255 || s.parallel < 1 || s.loss > Poisson || !(s.rate > 0) || !(s.rows > 0) || !(s.columns > 0) {
		return errShape
	}
	parents := make([]bool, len(e.nodes))
	for _, r := range e.roots {
		if r < 0 || int(r) >= len(parents) || parents[r] {
			return errShape
		}
		parents[r] = true
	}
	for i := range e.nodes {
		n := &e.nodes[i]
		if !mining.Known(n.value) || !(n.cover >= 0) {
			return errShape
		}
		if n.feature == leafNode {
			continue
		}
		if n.feature < 0 || int(n.feature) >= e.features {
			return errShape
		}
		for _, c := range []int32{n.left, n.right} {
			// A child comes after its parent, so that every way ends at a leaf.
			if int(c) <= i || int(c) >= len(parents) || parents[c] {
				return errShape
			}
			parents[c] = true
		}
	}
	for _, ok := range parents {
		if !ok {
			return errShape
		}
	}
	for _, b := range e.base {
		if !mining.Known(b) {
			return errShape
		}
	}
	return nil
}
