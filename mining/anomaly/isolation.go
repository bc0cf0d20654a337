package anomaly

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// IsolationForest cuts samples of events at random until each is alone: what is soon alone is strange. A score is
//
//	2^(-E(h)/c(ψ)),   c(n) = 2·(ln(n-1) + γ) - 2·(n-1)/n
//
// for the mean depth h of an event over the trees, each of ψ events, and c(ψ), the mean depth of an unsuccessful search. It is
// between 0 and 1, about ½ of a usual event, and the negative of what scikit-learn calls score_samples.
//
// [IsolationForest.Fit] makes it of a table, in O(trees·ψ·log ψ) time. On a stream it learns a window of events, and once that is full it is
// made anew of it. Before that every score is ½. Memory is O(trees·ψ + window); a score takes O(trees·log ψ) time. A missing feature
// goes to the side where most of the sample went, and is learnt as the value 0.
//
// Source: Liu, Ting, Zhou, "Isolation forest", ICDM 2008.
type IsolationForest struct {
	features, trees, sample, size int
	random                        rand.PCG

	window []float64 // events that were learnt, one after another
	n      int
	psi    int // events in a sample, 0 before the first
	roots  []int32
	nodes  []isolation
	seed   uint64

	dense []float64 `binary:"-"`
}

// An isolation is a node: a cut, or a leaf, whose Depth is that of an event in it.
type isolation struct {
	Feature   int32 // -1: a leaf
	Right     int32 // the left child is the next node
	Threshold float64
	Depth     float64
	Heavier   bool // the right child had more of the sample
}

type plainIsolationForest IsolationForest

var kindIsolationForest = saved.As[plainIsolationForest]("anomaly.IsolationForest", 1)

// NewIsolationForest returns a forest for events with that many features. Options: Trees, 100; Sample, 256; Window, 2048; Seed.
func NewIsolationForest(features int, opts ...Option) *IsolationForest {
	f := &IsolationForest{features: features, trees: 100, sample: 256, size: 2048}
	for _, o := range opts {
		switch o.key {
		case trees:
			f.trees = int(o.value)
		case sample:
			f.sample = int(o.value)
		case window:
			f.size = int(o.value)
		case seed:
			f.seed = math.Float64bits(o.value)
		default:
			o.refuse("IsolationForest")
		}
	}
	need(f.options(), "NewIsolationForest: features between 1 and 100000, Trees between 1 and 100000, Sample between 2 and %d, Window between 1 and %d: %d, %d, %d, %d", largest, largest, f.features, f.trees, f.sample, f.size)
	f.random = *rand.NewPCG(f.seed, 0)
	f.dense = make([]float64, features)
	return f
}

func (f *IsolationForest) options() bool {
	return f.features > 0 && f.features <= 100_000 && f.trees > 0 && f.trees <= 100_000 && f.sample >= 2 && f.sample <= largest && f.size > 0 && f.size <= largest
}

// Fit makes the forest of the events of a table, with the random numbers of a new one. Labels and weights mean nothing
// to it. The error is that the table is empty, has more features than the forest, or weights that are none.
func (f *IsolationForest) Fit(t *mining.Table) error {
	unlabelled := mining.Table{X: t.X, Y: make([]float64, t.Len()), Weight: t.Weight}
	if err := unlabelled.CheckFor(f.features, 0, "anomaly: IsolationForest"); err != nil {
		return err
	}
	rows := make([]float64, 0, t.Len()*f.features)
	for _, x := range t.X {
		rows = f.row(rows, x)
	}
	f.window, f.n = nil, 0
	f.random = *rand.NewPCG(f.seed, 0)
	f.build(rows)
	return nil
}

// row appends the values of an event.
func (f *IsolationForest) row(rows []float64, x mining.Vector) []float64 {
	for _, v := range x.Expand(f.dense) {
		if !mining.Known(v) {
			v = 0
		}
		rows = append(rows, clamp(v))
	}
	return rows
}

// Learn learns an event.
func (f *IsolationForest) Learn(x mining.Vector) {
	x.Within(f.features, "anomaly: IsolationForest")
	f.window = f.row(f.window, x)
	if f.n++; f.n == f.size {
		f.build(f.window)
		f.window, f.n = f.window[:0], 0
	}
}

func (f *IsolationForest) build(rows []float64) {
	n := len(rows) / f.features
	f.psi = min(f.sample, n)
	f.roots, f.nodes = f.roots[:0], f.nodes[:0]
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	deepest := bits.Len(uint(f.psi - 1))
	b := builder{f, rows, rand.New(&f.random), make([]int, 0, f.features)}
	for range f.trees {
		for i := range f.psi {
			j := i + b.random.IntN(n-i)
			order[i], order[j] = order[j], order[i]
		}
		f.roots = append(f.roots, int32(len(f.nodes)))
		b.grow(order[:f.psi], 0, deepest)
	}
}

type builder struct {
	*IsolationForest
	rows   []float64
	random *rand.Rand
	vary   []int
}

func (b *builder) at(row, feature int) float64 { return b.rows[row*b.features+feature] }

// grow appends the tree of some rows, and puts them into another order.
func (b *builder) grow(rows []int, depth, deepest int) {
	me := len(b.nodes)
	b.nodes = append(b.nodes, isolation{Feature: -1, Depth: float64(depth) + search(len(rows))})
	if depth == deepest || len(rows) < 2 {
		return
	}
	b.vary = b.vary[:0]
	for f := range b.features {
		first := b.at(rows[0], f)
		for _, r := range rows[1:] {
			if b.at(r, f) != first {
				b.vary = append(b.vary, f)
				break
			}
		}
	}
	if len(b.vary) == 0 {
		return
	}
	f := b.vary[b.random.IntN(len(b.vary))]
	low, high := b.at(rows[0], f), b.at(rows[0], f)
	for _, r := range rows[1:] {
		low, high = min(low, b.at(r, f)), max(high, b.at(r, f))
	}
	cut := low + b.random.Float64()*(high-low)
	if cut >= high { // by rounding
		cut = low
	}
	// Up to the cut go left, so that both sides have some.
	left := 0
	for i, r := range rows {
		if b.at(r, f) <= cut {
			rows[left], rows[i] = rows[i], rows[left]
			left++
		}
	}
	b.grow(rows[:left], depth+1, deepest)
	b.nodes[me] = isolation{Feature: int32(f), Right: int32(len(b.nodes)), Threshold: cut, Heavier: 2*left < len(rows)}
	b.grow(rows[left:], depth+1, deepest)
}

// search returns the mean depth of an unsuccessful search in a tree of n.
func search(n int) float64 {
	switch {
	case n <= 1:
		return 0
	case n == 2:
		return 1
	}
	const gamma = 0.5772156649015329
	return 2*(math.Log(float64(n-1))+gamma) - 2*float64(n-1)/float64(n)
}

// Score returns how strange an event is: between 0 and 1.
func (f *IsolationForest) Score(x mining.Vector) float64 {
	x.Within(f.features, "anomaly: IsolationForest")
	if f.psi < 2 {
		return 0.5
	}
	v := x.Value
	if len(x.Index) > 0 || len(x.Value) != f.features {
		v = x.Expand(f.dense)
	}
	sum := 0.0
	for _, node := range f.roots {
		n := &f.nodes[node]
		for n.Feature >= 0 {
			w := v[n.Feature]
			right := !(w <= n.Threshold)
			if !mining.Known(w) {
				right = n.Heavier
			}
			if node++; right {
				node = n.Right
			}
			n = &f.nodes[node]
		}
		sum += n.Depth
	}
	return math.Exp2(-sum / float64(len(f.roots)) / search(f.psi))
}

// AppendBinary appends the forest.
func (f *IsolationForest) AppendBinary(b []byte) ([]byte, error) {
	return kindIsolationForest.Append(b, (*plainIsolationForest)(f))
}

// UnmarshalBinary replaces the forest.
func (f *IsolationForest) UnmarshalBinary(data []byte) error {
	return kindIsolationForest.Read(data, (*plainIsolationForest)(f), func(p *plainIsolationForest) error {
		ok := (*IsolationForest)(p).options() && p.n >= 0 && p.n < p.size && len(p.window) == p.n*p.features && p.psi >= 0 && p.psi <= p.sample &&
			(p.psi == 0 || len(p.roots) == p.trees)
		for i, n := range p.nodes {
			// Children come behind their parent, so that every walk ends.
			ok = ok && (n.Feature == -1 && n.Depth >= 0 && mining.Known(n.Depth) ||
				n.Feature >= 0 && int(n.Feature) < p.features && int(n.Right) > i+1 && int(n.Right) < len(p.nodes) && mining.Known(n.Threshold))
		}
		for _, r := range p.roots {
			ok = ok && r >= 0 && int(r) < len(p.nodes)
		}
		for _, v := range p.window {
			ok = ok && within(v, -huge, huge)
		}
		if !ok {
			return errBroken
		}
		p.dense = make([]float64, p.features)
		return nil
	})
}
