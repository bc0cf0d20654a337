package recommend

import (
	"cmp"
	"fmt"
)

// A savedHistory is how a History is saved with a model.
type savedHistory[U, I cmp.Ordered] struct {
	Users   []U
	Items   []I
	Has     [][]int32
	Weights [][]float64
}

func saveHistory[U, I cmp.Ordered](h *History[U, I]) savedHistory[U, I] {
	s := savedHistory[U, I]{Users: h.users.all, Items: h.items.all}
	for _, r := range h.rows {
		s.Has, s.Weights = append(s.Has, r.items), append(s.Weights, r.weight)
	}
	return s
}

// history returns what was saved, once it has been checked.
func (s *savedHistory[U, I]) history() *History[U, I] {
	h := new(History[U, I])
	for _, u := range s.Users {
		h.users.of(u)
	}
	for _, i := range s.Items {
		h.items.of(i)
	}
	for u := range s.Has {
		h.rows = append(h.rows, row{s.Has[u], s.Weights[u]})
	}
	return h
}

// check reports what does not fit vectors of f factors.
func (s *savedHistory[U, I]) check(f int, users, items []float64) error {
	if f < 1 || len(users) != f*len(s.Users) || len(items) != f*len(s.Items) || len(s.Has) != len(s.Users) || len(s.Weights) != len(s.Has) {
		return fmt.Errorf("%d factors: %d users have %d, %d items have %d", f, len(s.Users), len(users), len(s.Items), len(items))
	}
	for u, has := range s.Has {
		if len(has) != len(s.Weights[u]) {
			return fmt.Errorf("user %d has %d items and %d weights", u, len(has), len(s.Weights[u]))
		}
		for _, i := range has {
			if i < 0 || int(i) >= len(s.Items) {
				return fmt.Errorf("user %d has item %d of %d", u, i, len(s.Items))
			}
		}
	}
	return nil
}
