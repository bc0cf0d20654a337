// Package gather reads the vectors of events for models that weight each place: missing
// values are left out, huge ones are cut, and the values of a place that comes twice are added up.
package gather

import "github.com/freshet-go/freshet/mining"

// Limit bounds what a model sees of a value: greater ones count as Limit, so that products with
// weights stay finite.
const Limit = 1e15

// A Scratch is the memory for it. Models have one that is not saved.
type Scratch struct {
	place []uint32
	value []float64
	slot  []uint32 // of each place, its slot in value and one; 0: none
}

// Of returns the values of x and their places: nil are the places 0, 1, 2, ... Each
// place comes once. Values are known and within Limit. They are valid until the next call, and not to be
// changed. It panics if x has a place that is not below n; who names the model. An ordinary dense
// vector costs one comparison a value.
func (s *Scratch) Of(x mining.Vector, n int, who string) (places []uint32, values []float64) {
	if len(x.Index) == 0 && len(x.Value) <= n {
		for _, v := range x.Value {
			if !(v <= Limit && v >= -Limit) {
				return nil, s.dense(x.Value)
			}
		}
		return nil, x.Value
	}
	if len(x.Index) == len(x.Value) && ordinary(x, n) {
		return x.Index, x.Value
	}
	x.Within(n, who)
	return s.sparse(x, n)
}

// ordinary reports whether all values are known and within Limit, and their places in order, each once,
// below n, as prepare.Hashing's are: then there is nothing to do.
func ordinary(x mining.Vector, n int) bool {
	next := 0
	for i, v := range x.Value {
		p := int(x.Index[i])
		if p < next || !(v <= Limit && v >= -Limit) {
			return false
		}
		next = p + 1
	}
	return next <= n
}

// dense has 0 for what is missing.
func (s *Scratch) dense(values []float64) []float64 {
	s.value = s.value[:0]
	for _, v := range values {
		s.value = append(s.value, cut(v))
	}
	return s.value
}

func (s *Scratch) sparse(x mining.Vector, n int) ([]uint32, []float64) {
	if len(s.slot) != n {
		s.slot = make([]uint32, n)
	}
	s.place, s.value = s.place[:0], s.value[:0]
	for p, v := range x.Dense() {
		s.add(uint32(p), v)
	}
	for i, v := range x.Sparse() {
		s.add(x.Index[i], v)
	}
	kept := 0
	for i, p := range s.place {
		s.slot[p] = 0
		if v := s.value[i]; v != 0 && mining.Known(v) {
			s.place[kept], s.value[kept] = p, cut(v)
			kept++
		}
	}
	return s.place[:kept], s.value[:kept]
}

func (s *Scratch) add(place uint32, v float64) {
	if i := s.slot[place]; i > 0 {
		s.value[i-1] += v
		return
	}
	s.place, s.value = append(s.place, place), append(s.value, v)
	s.slot[place] = uint32(len(s.place))
}

// cut returns 0 for what is missing, and otherwise v within Limit.
func cut(v float64) float64 {
	if !mining.Known(v) {
		return 0
	}
	return min(Limit, max(-Limit, v))
}
