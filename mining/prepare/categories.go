package prepare

import (
	"errors"
	"slices"
)

// categories numbers the values that came, in their order, up to a bound.
type categories struct {
	Keys  []float64 // in order
	Slots []uint32  // of Keys, the number of each
}

// find returns the number of v, or -1.
func (c *categories) find(v float64) int {
	if i, ok := slices.BinarySearch(c.Keys, v); ok {
		return int(c.Slots[i])
	}
	return -1
}

// add returns the number of v, which is new if there is room, and -1 if there is none.
func (c *categories) add(v float64, most int) int {
	i, ok := slices.BinarySearch(c.Keys, v)
	if ok {
		return int(c.Slots[i])
	}
	n := len(c.Keys)
	if n >= most {
		return -1
	}
	c.Keys = slices.Insert(c.Keys, i, v)
	c.Slots = slices.Insert(c.Slots, i, uint32(n))
	return n
}

func (c *categories) check(most int) error {
	if len(c.Keys) != len(c.Slots) || len(c.Keys) > most || !slices.IsSorted(c.Keys) {
		return errors.New("its categories are not in order")
	}
	seen := make([]bool, len(c.Slots))
	for _, s := range c.Slots {
		if int(s) >= len(seen) || seen[s] {
			return errors.New("its categories are not numbered")
		}
		seen[s] = true
	}
	return nil
}

// A tally counts categories.
type tally struct {
	Seen   categories
	Counts []float64 // by number
}

// add counts v, if there is room.
func (t *tally) add(v, weight float64, most int) {
	slot := t.Seen.add(v, most)
	if slot < 0 {
		return
	}
	if slot == len(t.Counts) {
		t.Counts = append(t.Counts, 0)
	}
	t.Counts[slot] = min(far, t.Counts[slot]+weight)
}

func (t *tally) count(v float64) float64 {
	if slot := t.Seen.find(v); slot >= 0 {
		return t.Counts[slot]
	}
	return 0
}

// most returns the value that came most often, of several the least, and 0 of none.
func (t *tally) most() (v float64) {
	best := 0.0
	for i, k := range t.Seen.Keys {
		if c := t.Counts[t.Seen.Slots[i]]; c > best {
			best, v = c, k
		}
	}
	return v
}

func (t *tally) merge(o *tally, most int) {
	for i, k := range o.Seen.inOrder() {
		t.add(k, o.Counts[i], most)
	}
}

func (t *tally) check(most int) error {
	if len(t.Counts) != len(t.Seen.Keys) {
		return errors.New("its counts are not of its categories")
	}
	return t.Seen.check(most)
}

// inOrder returns the values in the order in which they came.
func (c *categories) inOrder() []float64 {
	keys := make([]float64, len(c.Keys))
	for i, k := range c.Keys {
		keys[c.Slots[i]] = k
	}
	return keys
}
