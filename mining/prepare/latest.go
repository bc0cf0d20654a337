package prepare

import (
	"errors"
	"slices"
)

// A latest is the last values of a place, as they came and in order. To add one takes time O(n): it moves memory,
// which for a thousand is as fast as a tree.
type latest struct {
	ring   []float64
	next   int // where in ring the next one goes, once it is full
	sorted []float64
}

func (l *latest) add(v float64, most int) {
	if len(l.ring) < most {
		l.ring = append(l.ring, v)
	} else {
		old := l.ring[l.next]
		l.ring[l.next] = v
		l.next = (l.next + 1) % most
		i, _ := slices.BinarySearch(l.sorted, old)
		l.sorted = slices.Delete(l.sorted, i, i+1)
	}
	i, _ := slices.BinarySearch(l.sorted, v)
	l.sorted = slices.Insert(l.sorted, i, v)
}

// quantile is between the two values beside it, as NumPy's default, and 0 of none.
func (l *latest) quantile(q float64) float64 {
	n := len(l.sorted)
	if n == 0 {
		return 0
	}
	at := q * float64(n-1)
	i := int(at)
	part := at - float64(i)
	v := l.sorted[i]
	if part > 0 {
		v = v*(1-part) + l.sorted[i+1]*part
	}
	return v
}

func (l *latest) check(most int) error {
	if len(l.ring) != len(l.sorted) || len(l.ring) > most || l.next < 0 || l.next >= most || !slices.IsSorted(l.sorted) {
		return errors.New("its values are not in order")
	}
	return nil
}
