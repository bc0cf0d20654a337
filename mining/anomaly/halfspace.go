package anomaly

import (
	"math"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Range is what values of a feature lie in.
type Range struct{ Low, High float64 }

// Unit returns n ranges from 0 to 1.
func Unit(n int) []Range {
	r := make([]Range, n)
	for i := range r {
		r[i] = Range{0, 1}
	}
	return r
}

// HalfSpaceTrees cut the space of events into halves again and again, at random and before any event comes. Each tree counts how many events of
// a window fell into each cell; a score is low where the cells of the window before hold many:
//
//	1 - Σ over trees and depths of mass·2^depth / the most that this can be
//
// A walk ends at a cell with less than a tenth of the window. Before the first window is full every score is 0.
//
// Memory is O(trees · 2^height); Learn and Score take O(trees · height) time, and once a window masses change places. A Learn of the event
// that was scored last takes half of its time: it does not look for the cells again. An event is learnt
// where it is whatever its score. A missing feature goes with most events, as in the library river, whose rules these are.
//
// Source: Tan, Ting, Liu, "Fast anomaly detection for streaming data", IJCAI 2011.
type HalfSpaceTrees struct {
	features, trees, height int
	size                    int

	cells []cell // tree after tree, each in the order of a heap
	n     int
	full  bool

	dense []float64 `binary:"-"`
	// worth is, of each cell, what a tree adds to the score of an event that comes there: Σ of mass·2^depth on the way to it, as far as a walk goes.
	worth []uint32 `binary:"-"`
	walks walks    `binary:"-"`
}

// A cell is a node of a tree: where it is cut, and the events in it of this window and the last.
type cell struct {
	Threshold float64
	Feature   uint32
	Now, Last uint16
}

type plainHalfSpaceTrees HalfSpaceTrees

var kindHalfSpaceTrees = saved.As[plainHalfSpaceTrees]("anomaly.HalfSpaceTrees", 1)

// NewHalfSpaceTrees returns a model of events whose features have those ranges: see [Unit]. What lies outside falls into the outermost cells. Options: Trees, 10;
// Height, 8, at most 15; Window, 250, at most 65535; Seed. It panics if a range is empty or not finite.
func NewHalfSpaceTrees(ranges []Range, opts ...Option) *HalfSpaceTrees {
	h := &HalfSpaceTrees{features: len(ranges), trees: 10, height: 8, size: 250}
	var s uint64
	for _, o := range opts {
		switch o.key {
		case trees:
			h.trees = int(o.value)
		case height:
			h.height = int(o.value)
		case window:
			h.size = int(o.value)
		case seed:
			s = math.Float64bits(o.value)
		default:
			o.refuse("HalfSpaceTrees")
		}
	}
	need(h.options(), "NewHalfSpaceTrees: 1 feature or more, Trees between 1 and 10000, Height between 1 and 15, Window between 1 and %d: %d, %d, %d, %d", math.MaxUint16, h.features, h.trees, h.height, h.size)
	for i, r := range ranges {
		need(r.Low < r.High && within(r.Low, -huge, huge) && within(r.High, -huge, huge), "NewHalfSpaceTrees: the range of feature %d is from %v to %v", i, r.Low, r.High)
	}
	h.cells = make([]cell, h.trees*h.nodes())
	h.prepare()
	random := rand.New(rand.NewPCG(s, 0))
	ranges = append([]Range(nil), ranges...)
	for t := range h.trees {
		h.grow(random, ranges, t*h.nodes(), 0)
	}
	return h
}

func (h *HalfSpaceTrees) options() bool {
	return h.features > 0 && h.features <= largest && h.trees > 0 && h.trees <= 10000 && h.height > 0 && h.height <= 15 && h.size > 0 && h.size <= math.MaxUint16
}

// prepare makes what is not saved.
func (h *HalfSpaceTrees) prepare() {
	h.dense, h.worth = make([]float64, h.features), make([]uint32, len(h.cells))
	h.walks = newWalks(h.trees, h.height, h.features)
	if h.full {
		h.weigh()
	}
}

// nodes returns how many nodes a tree has.
func (h *HalfSpaceTrees) nodes() int { return 2<<h.height - 1 }

// grow cuts a feature, drawn by the width of its range, between 15 and 85 percent of that.
func (h *HalfSpaceTrees) grow(random *rand.Rand, ranges []Range, root, node int) {
	if node >= 1<<h.height-1 {
		return
	}
	width := 0.0
	for _, r := range ranges {
		width += r.High - r.Low
	}
	at, f := random.Float64()*width, 0
	for ; f < len(ranges)-1; f++ {
		if at -= ranges[f].High - ranges[f].Low; at < 0 {
			break
		}
	}
	r := ranges[f]
	cut := r.Low + (0.15+0.7*random.Float64())*(r.High-r.Low)
	h.cells[root+node] = cell{Threshold: cut, Feature: uint32(f)}
	ranges[f].High = cut
	h.grow(random, ranges, root, 2*node+1)
	ranges[f] = Range{cut, r.High}
	h.grow(random, ranges, root, 2*node+2)
	ranges[f] = r
}

// values returns the values at all places.
func (h *HalfSpaceTrees) values(x mining.Vector) []float64 {
	x.Within(h.features, "anomaly: HalfSpaceTrees")
	if len(x.Index) == 0 && len(x.Value) == h.features {
		return x.Value
	}
	return x.Expand(h.dense)
}

// Learn learns an event.
func (h *HalfSpaceTrees) Learn(x mining.Vector) {
	v := h.values(x)
	if !h.walks.are(v) {
		h.walks.walk(h.cells, v)
	}
	// What is missing went with the masses, which change now.
	h.walks.of = h.walks.of[:0]
	for _, at := range h.walks.at {
		h.cells[at].Now++
	}
	if h.n++; h.n == h.size {
		for i := range h.cells {
			c := &h.cells[i]
			c.Last, c.Now = c.Now, 0
		}
		h.n, h.full = 0, true
		h.weigh()
	}
}

// weigh sets the worth of each cell. The greatest is 65535·(2^16-1), which a uint32 holds.
func (h *HalfSpaceTrees) weigh() {
	// A cell with less than this ends a walk.
	few := uint16((h.size + 9) / 10)
	nodes := h.nodes()
	for root := 0; root < len(h.cells); root += nodes {
		cells, worth := h.cells[root:root+nodes], h.worth[root:root+nodes]
		worth[0] = uint32(cells[0].Last)
		for depth := 1; depth <= h.height; depth++ {
			for i := 1<<depth - 1; i < 2<<depth-1; i++ {
				parent := (i - 1) / 2
				worth[i] = worth[parent]
				// A parent with few has children with few: what is behind it adds nothing.
				if cells[parent].Last >= few {
					worth[i] += uint32(cells[i].Last) << depth
				}
			}
		}
	}
}

// Score returns how strange an event is: between 0 and 1.
func (h *HalfSpaceTrees) Score(x mining.Vector) float64 {
	v := h.values(x)
	if !h.full {
		return 0
	}
	h.walks.walk(h.cells, v)
	sum := uint64(0) // below 2^46: exact as a float64, too
	for _, at := range h.walks.ends() {
		sum += uint64(h.worth[at])
	}
	return 1 - float64(sum)/(float64(h.trees)*float64(h.size)*float64(h.nodes()))
}

// AppendBinary appends the model.
func (h *HalfSpaceTrees) AppendBinary(b []byte) ([]byte, error) {
	return kindHalfSpaceTrees.Append(b, (*plainHalfSpaceTrees)(h))
}

// UnmarshalBinary replaces the model.
func (h *HalfSpaceTrees) UnmarshalBinary(data []byte) error {
	return kindHalfSpaceTrees.Read(data, (*plainHalfSpaceTrees)(h), func(p *plainHalfSpaceTrees) error {
		m := (*HalfSpaceTrees)(p)
		if !m.options() {
			return errBroken
		}
		if len(p.cells) != p.trees*m.nodes() || p.n < 0 || p.n >= p.size {
			return errBroken
		}
		for _, c := range p.cells {
			if int(c.Feature) >= p.features || !mining.Known(c.Threshold) || int(c.Now) > p.size || int(c.Last) > p.size {
				return errBroken
			}
		}
		m.prepare()
		return nil
	})
}
