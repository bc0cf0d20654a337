package behaviour

import (
	"cmp"
	"maps"
	"slices"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Paths counts what follows what: pages, or channels. A path has a beginning and an end, which count as steps of their own. It takes a
// map entry for each pair that has followed each other. Pages with numbers in them want to be made one first: /product/17 a product.
type Paths[S cmp.Ordered] struct {
	from map[S]map[S]int64
	ins  map[S]int64 // as the first step
	outs map[S]int64 // as the last
	n    int64
}

// NewPaths returns one that has seen no path.
func NewPaths[S cmp.Ordered]() *Paths[S] {
	return &Paths[S]{map[S]map[S]int64{}, map[S]int64{}, map[S]int64{}, 0}
}

// Add adds a path. One without steps is none.
func (p *Paths[S]) Add(steps ...S) {
	if len(steps) == 0 {
		return
	}
	p.n++
	p.ins[steps[0]]++
	p.outs[steps[len(steps)-1]]++
	for i := 1; i < len(steps); i++ {
		p.add(steps[i-1], steps[i], 1)
	}
}

func (p *Paths[S]) add(from, to S, n int64) {
	if p.from[from] == nil {
		p.from[from] = map[S]int64{}
	}
	p.from[from][to] += n
}

// Merge adds what b has seen.
func (p *Paths[S]) Merge(b *Paths[S]) {
	p.n += b.n
	for s, n := range b.ins {
		p.ins[s] += n
	}
	for s, n := range b.outs {
		p.outs[s] += n
	}
	for from, all := range b.from {
		for to, n := range all {
			p.add(from, to, n)
		}
	}
}

// Len returns how many paths there were.
func (p *Paths[S]) Len() int64 { return p.n }

// A Transition is how often one step followed another.
type Transition[S cmp.Ordered] struct {
	From, To S
	Count    int64
	Chance   float64 // of all that came next after From, the end included
}

// Next returns what came after a step, the most frequent first, then by To; and in which share of cases the path ended there. Of
// a step that never came, that is nothing and NaN.
func (p *Paths[S]) Next(step S) (next []Transition[S], ends float64) {
	total := p.outs[step]
	for _, n := range p.from[step] {
		total += n
	}
	for to, n := range p.from[step] {
		next = append(next, Transition[S]{step, to, n, float64(n) / float64(total)})
	}
	slices.SortFunc(next, func(a, b Transition[S]) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.To, b.To)) })
	return next, float64(p.outs[step]) / float64(total)
}

// Begins returns with what paths begin, the most frequent first, then by To. From is empty.
func (p *Paths[S]) Begins() (all []Transition[S]) {
	for s, n := range p.ins {
		all = append(all, Transition[S]{To: s, Count: n, Chance: float64(n) / float64(p.n)})
	}
	slices.SortFunc(all, func(a, b Transition[S]) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.To, b.To)) })
	return all
}

// Steps returns all steps, ascending.
func (p *Paths[S]) Steps() []S {
	all := map[S]struct{}{}
	for s := range p.outs {
		all[s] = struct{}{}
	}
	for s := range p.from {
		all[s] = struct{}{}
	}
	return slices.Sorted(maps.Keys(all))
}

type savedPaths[S cmp.Ordered] struct {
	From      map[S]map[S]int64
	Ins, Outs map[S]int64
	N         int64
}

// AppendBinary appends what p has seen.
func (p *Paths[S]) AppendBinary(b []byte) ([]byte, error) {
	return saved.As[savedPaths[S]]("behaviour.Paths", 1).Append(b, &savedPaths[S]{p.from, p.ins, p.outs, p.n})
}

// UnmarshalBinary replaces what p has seen by what AppendBinary has appended.
func (p *Paths[S]) UnmarshalBinary(data []byte) error {
	var s savedPaths[S]
	if err := saved.As[savedPaths[S]]("behaviour.Paths", 1).Read(data, &s, nil); err != nil {
		return err
	}
	*p = *NewPaths[S]()
	p.n = s.N
	maps.Copy(p.from, s.From)
	maps.Copy(p.ins, s.Ins)
	maps.Copy(p.outs, s.Outs)
	return nil
}
