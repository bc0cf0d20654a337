package boost

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/freshet-go/freshet/mining"
)

// A fit makes an ensemble of a table.
type fit struct {
	*ensemble
	objective objective
	y, w      []float64
	binned    *binned
	grower    *grower
	train     []uint32 // the events to learn from, and the others to validate with
	validate  []uint32
	raw       []float64
	slopes    []slope
	random    *rand.Rand
	residual  []weighted
	in        []bool
}

// fit learns a table, or returns what is wrong with it. Who names the model.
func (e *ensemble) fit(t *mining.Table, who string) error {
	if err := t.Check(who); err != nil {
		return err
	}
	if n := t.Features(); n > e.features {
		return fmt.Errorf("%s: the table has %d features, and the model %d", who, n, e.features)
	}
	fresh := *e
	fresh.base, fresh.nodes, fresh.roots = nil, nil, nil
	f := &fit{ensemble: &fresh, objective: e.objective(), random: rand.New(rand.NewPCG(e.settings.seed, 0))}
	rows, err := f.labels(t, who)
	if err != nil {
		return err
	}
	f.binned = bin(t, rows, e.features, &e.settings)
	if err := f.divide(who); err != nil {
		return err
	}
	f.boost()
	*e = fresh
	return nil
}

// labels takes the labels that are known, and returns the numbers of their events.
func (f *fit) labels(t *mining.Table, who string) (rows []int, err error) {
	total := 0.0
	for i, y := range t.Y {
		w := t.WeightOf(i)
		if !mining.Known(y) || w == 0 {
			continue
		}
		switch {
		case f.classes > 0 && (y != math.Trunc(y) || y < 0 || y >= float64(f.classes)):
			return nil, fmt.Errorf("%s: the label %v of event %d of the table is none of the classes 0 to %d", who, y, i, f.classes-1)
		case f.objective.loss == Poisson && y < 0:
			return nil, fmt.Errorf("%s: the label %v of event %d of the table is negative, and counts something", who, y, i)
		}
		// Sums of squares have to be finite.
		y = max(-1e100, min(1e100, y))
		rows, f.y, f.w = append(rows, i), append(f.y, y), append(f.w, min(w, 1e9))
		total += w
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: the table has no event with a label that is known and a weight above 0", who)
	}
	return rows, nil
}

// divide draws the events to validate with.
func (f *fit) divide(who string) error {
	n := len(f.y)
	f.in = make([]bool, n)
	keep := n - int(math.Round(f.settings.validation*float64(n)))
	if keep == 0 || f.settings.validation > 0 && keep == n {
		return fmt.Errorf("%s: %d events are too few to validate with a share of %v of them", who, n, f.settings.validation)
	}
	f.train = f.sample(numbers(n), keep)
	for _, r := range f.train {
		f.in[r] = true
	}
	for r := range n {
		if !f.in[r] {
			f.validate = append(f.validate, uint32(r))
		}
	}
	return nil
}

func numbers(n int) []uint32 {
	to := make([]uint32, n)
	for i := range to {
		to[i] = uint32(i)
	}
	return to
}

// sample draws n of the numbers, in their order.
func (f *fit) sample(from []uint32, n int) []uint32 {
	to := make([]uint32, 0, n)
	for i, r := range from {
		if len(from) == n || f.random.IntN(len(from)-i) < n-len(to) {
			to = append(to, r)
		}
	}
	return to
}

func (f *fit) boost() {
	n, groups := len(f.y), f.objective.groups()
	f.base = f.objective.start(pick(f.y, f.train), pick(f.w, f.train))
	f.raw = make([]float64, n*groups)
	for i := range f.raw {
		f.raw[i] = f.base[i%groups]
	}
	f.slopes = make([]slope, n*groups)
	same := !slices.ContainsFunc(f.w, func(w float64) bool { return w != 1 })
	f.grower = newGrower(f.binned, &f.settings, f.objective.flat() && same)
	every := make([]int, f.features)
	for i := range every {
		every[i] = i
	}
	validY, validW := pick(f.y, f.validate), pick(f.w, f.validate)
	best, bestNodes, bestRoots, since := inf, 0, 0, 0
	for range f.settings.trees {
		f.objective.slopes(f.raw, f.y, f.w, f.slopes)
		rows := f.train
		if f.settings.rows < 1 {
			rows = f.sample(f.train, max(1, int(math.Round(f.settings.rows*float64(len(f.train))))))
		}
		columns := every
		if f.settings.columns < 1 {
			columns = f.draw(max(1, int(math.Round(f.settings.columns*float64(f.features)))))
		}
		grew := false
		for k := range groups {
			f.grower.grow(slices.Clone(rows), columns, f.slopes[k*n:(k+1)*n])
			f.answer(k)
			f.add(k)
			grew = grew || len(f.grower.leaves) > 1
		}
		if !grew && f.settings.rows == 1 && f.settings.columns == 1 {
			break // and no round after it would
		}
		if len(f.validate) == 0 {
			continue
		}
		raw := make([]float64, 0, len(f.validate)*groups)
		for _, r := range f.validate {
			raw = append(raw, f.raw[int(r)*groups:int(r+1)*groups]...)
		}
		if loss := f.objective.mean(raw, validY, validW); loss < best-1e-7 {
			best, bestNodes, bestRoots, since = loss, len(f.nodes), len(f.roots), 0
		} else if since++; since >= f.settings.patience {
			break
		}
	}
	if len(f.validate) > 0 {
		f.nodes, f.roots = f.nodes[:bestNodes], f.roots[:bestRoots]
	}
}

func pick(from []float64, rows []uint32) []float64 {
	to := make([]float64, len(rows))
	for i, r := range rows {
		to[i] = from[r]
	}
	return to
}

// draw draws n features, in their order.
func (f *fit) draw(n int) (columns []int) {
	for i := range f.features {
		if f.random.IntN(f.features-i) < n-len(columns) {
			columns = append(columns, i)
		}
	}
	return columns
}

// answer sets the answers of the leaves of the tree that has grown.
func (f *fit) answer(group int) {
	g, groups := f.grower, len(f.base)
	for i := range g.leaves {
		l := &g.leaves[i]
		value := -l.total.g / f.settings.damp(l.total.h)
		if f.objective.order() {
			f.residual = f.residual[:0]
			for _, r := range g.rowsIn[l.from:l.to] {
				f.residual = append(f.residual, weighted{f.y[r] - f.raw[int(r)*groups+group], f.w[r]})
			}
			value = quantile(f.residual, f.objective.quantile())
		}
		if f.classes > 0 || f.objective.loss == Poisson {
			value = max(-maxStep, min(maxStep, value)) // on the logarithmic scale: beyond, the step is too good to be true
		}
		g.nodes[l.node].value = value * f.settings.rate
	}
	for i := len(g.nodes) - 1; i >= 0; i-- {
		if n := &g.nodes[i]; n.leftNode >= 0 {
			a, b := &g.nodes[n.leftNode], &g.nodes[n.rightNode]
			n.value = a.value + (b.value-a.value)*float64(b.total.n)/float64(n.total.n)
		}
	}
}

// maxStep bounds the answer of a leaf before the rate, on the logarithmic scale.
const maxStep = 50

// add adds the tree that has grown to the ensemble, and its answers to those of the events.
func (f *fit) add(group int) {
	g, groups, root := f.grower, len(f.base), int32(len(f.nodes))
	f.roots = append(f.roots, root)
	for i := range g.nodes {
		p := &g.nodes[i]
		n := node{feature: leafNode, value: p.value, cover: float64(p.total.n)}
		if p.leftNode >= 0 {
			n.feature, n.gain, n.missingLeft = int32(p.feature), p.gain, p.missingLeft
			n.left, n.right = root+int32(p.leftNode), root+int32(p.rightNode)
			n.threshold = math.MaxFloat64 // all but what is missing
			if e := f.binned.edges[p.feature]; int(p.bin) < len(e) {
				n.threshold = e[p.bin]
			}
		}
		f.nodes = append(f.nodes, n)
	}
	seen := 0
	for i := range g.leaves {
		l := &g.leaves[i]
		value := g.nodes[l.node].value
		for _, r := range g.rowsIn[l.from:l.to] {
			f.raw[int(r)*groups+group] += value
		}
		seen += l.to - l.from
	}
	if seen == len(f.y) {
		return
	}
	clear(f.in)
	for _, r := range g.rowsIn {
		f.in[r] = true
	}
	for r, in := range f.in {
		if !in {
			f.raw[r*groups+group] += g.nodes[g.walk(r)].value
		}
	}
}

// walk returns the leaf of an event.
func (g *grower) walk(row int) int {
	at := 0
	for {
		n := &g.nodes[at]
		if n.leftNode < 0 {
			return at
		}
		c := g.codes[n.feature][row]
		if c == missing && n.missingLeft || c != missing && c <= n.bin {
			at = n.leftNode
		} else {
			at = n.rightNode
		}
	}
}
