package main

import (
	"slices"

	"github.com/freshet-go/freshet/mining"
)

// snapshot returns the customers of a shop as they were known at the cutoff, in the order of their numbers, with 1 for
// those who ordered again within the horizon.
func (s *shop) snapshot() *mining.Table {
	known, again := map[int]*History{}, map[int]bool{}
	for _, o := range s.orders {
		switch {
		case o.From.Before(s.cutoff):
			if known[o.Customer] == nil {
				known[o.Customer] = new(History)
			}
			known[o.Customer].Add(o)
		case o.From.Before(s.cutoff.Add(horizon)):
			again[o.Customer] = true
		}
	}
	var customers []int
	for c := range known {
		customers = append(customers, c)
	}
	slices.Sort(customers)
	t := &mining.Table{Names: names}
	var x mining.Vector
	for _, c := range customers {
		x.Reset()
		known[c].Features(s.cutoff, &x)
		y := 0.0
		if again[c] {
			y = 1
		}
		t.Add(x, y)
	}
	return t
}

// split returns four fifths of a table to learn from and the others, every fifth, to judge by.
func split(t *mining.Table) (train, test *mining.Table) {
	var a, b []int
	for i := range t.Len() {
		if i%5 == 0 {
			b = append(b, i)
		} else {
			a = append(a, i)
		}
	}
	return t.Select(a), t.Select(b)
}
