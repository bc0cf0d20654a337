package boost

import "github.com/freshet-go/freshet/mining"

// A step is a feature on the way to a leaf.
type step struct {
	feature int32
	unknown float64 // the share of events that go this way when the feature is not known
	known   float64 // 1 if the event goes this way, 0 if not
	weight  float64 // of the sets of known features of each size
}

// explain sets to to the Shapley values of the features for the sum of trees of a group, and
// returns the mean of the sum.
func (e *ensemble) explain(x []float64, group int, to []float64) ([]float64, float64) {
	to = mining.Sized(to, e.features)
	clear(to)
	if len(e.base) == 0 {
		return to, 0
	}
	mean := e.base[group]
	for i := group; i < len(e.roots); i += len(e.base) {
		mean += e.nodes[e.roots[i]].value
		e.shap(x, e.roots[i], nil, step{feature: leafNode, unknown: 1, known: 1}, to)
	}
	return to, mean
}

// shap follows all ways below a node. Path is what has been on the way to it, and next the step by which it is reached.
func (e *ensemble) shap(x []float64, at int32, path []step, next step, to []float64) {
	path = extend(path, next)
	n := &e.nodes[at]
	if n.feature == leafNode {
		for i := 1; i < len(path); i++ {
			to[path[i].feature] += without(path, i) * (path[i].known - path[i].unknown) * n.value
		}
		return
	}
	unknown, known := 1.0, 1.0
	for i := 1; i < len(path); i++ {
		if path[i].feature == n.feature { // it splits again: the step before becomes part of this one
			unknown, known = path[i].unknown, path[i].known
			path = unwind(path, i)
			break
		}
	}
	hot, cold := n.next(x), n.left
	if hot == n.left {
		cold = n.right
	}
	e.shap(x, hot, path, step{n.feature, unknown * e.nodes[hot].cover / n.cover, known, 0}, to)
	e.shap(x, cold, path, step{n.feature, unknown * e.nodes[cold].cover / n.cover, 0, 0}, to)
}

// extend returns a copy of the path with one more step.
func extend(path []step, next step) []step {
	l := len(path)
	to := make([]step, l+1, l+2)
	copy(to, path)
	to[l] = next
	if l == 0 {
		to[l].weight = 1
	}
	for i := l - 1; i >= 0; i-- {
		to[i+1].weight += next.known * to[i].weight * float64(i+1) / float64(l+1)
		to[i].weight = next.unknown * to[i].weight * float64(l-i) / float64(l+1)
	}
	return to
}

// unwind returns a copy of the path without step i.
func unwind(path []step, i int) []step {
	l := len(path) - 1
	out := path[i]
	to := append([]step(nil), path...)
	weight := to[l].weight
	for j := l - 1; j >= 0; j-- {
		if out.known != 0 {
			before := to[j].weight
			to[j].weight = weight * float64(l+1) / (float64(j+1) * out.known)
			weight = before - to[j].weight*out.unknown*float64(l-j)/float64(l+1)
		} else {
			to[j].weight = to[j].weight * float64(l+1) / (out.unknown * float64(l-j))
		}
	}
	for j := i; j < l; j++ {
		to[j].feature, to[j].unknown, to[j].known = to[j+1].feature, to[j+1].unknown, to[j+1].known
	}
	return to[:l]
}

// without returns the sum of the weights of the path without step i.
func without(path []step, i int) (total float64) {
	for _, s := range unwind(path, i) {
		total += s.weight
	}
	return total
}
