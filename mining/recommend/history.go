package recommend

import (
	"cmp"
	"fmt"
	"slices"
)

// A History is who has which items: bought, or looked at for long. The zero value is of nobody. It takes 12 bytes for each pair of a user and
// an item, and maps of the users and of the items.
type History[U, I cmp.Ordered] struct {
	users names[U]
	items names[I]
	rows  []row // of each user
}

// A row is the items of a user, ascending.
type row struct {
	items  []int32
	weight []float64
}

// names numbers values.
type names[T cmp.Ordered] struct {
	number map[T]int32
	all    []T
}

func (n *names[T]) of(v T) int32 {
	i, ok := n.number[v]
	if !ok {
		if n.number == nil {
			n.number = map[T]int32{}
		}
		i = int32(len(n.all))
		n.number[v] = i
		n.all = append(n.all, v)
	}
	return i
}

// Add notes that a user has an item once more, with a weight: 1 for a purchase, or how much it says. Weights of a pair add up. It
// panics unless the weight is above 0 and at most 1e6.
func (h *History[U, I]) Add(user U, item I, weight float64) {
	if !(weight > 0 && weight <= 1e6) {
		panic(fmt.Sprintf("recommend: History.Add with the weight %v: want more than 0, up to 1e6", weight))
	}
	u, i := h.users.of(user), h.items.of(item)
	if int(u) == len(h.rows) {
		h.rows = append(h.rows, row{})
	}
	r := &h.rows[u]
	at, found := slices.BinarySearch(r.items, i)
	if found {
		r.weight[at] += weight
		return
	}
	r.items, r.weight = slices.Insert(r.items, at, i), slices.Insert(r.weight, at, weight)
}

// Users returns how many users there are.
func (h *History[U, I]) Users() int { return len(h.users.all) }

// Items returns how many items there are.
func (h *History[U, I]) Items() int { return len(h.items.all) }

// Of returns the items that a user has, ascending.
func (h *History[U, I]) Of(user U) (items []I) {
	for _, i := range h.row(user).items {
		items = append(items, h.items.all[i])
	}
	slices.Sort(items)
	return items
}

func (h *History[U, I]) row(user U) row {
	if u, ok := h.users.number[user]; ok {
		return h.rows[u]
	}
	return row{}
}

// byItem returns the rows the other way round: the users of each item.
func (h *History[U, I]) byItem() []row {
	columns := make([]row, len(h.items.all))
	for u, r := range h.rows {
		for k, i := range r.items {
			c := &columns[i]
			c.items, c.weight = append(c.items, int32(u)), append(c.weight, r.weight[k])
		}
	}
	return columns
}

// A Recommendation is an item to show.
type Recommendation[I cmp.Ordered] struct {
	Item  I
	Score float64 // on the model's scale: the greatest comes first
	// Because are items that the user has and that speak for it, the one that says most first. Models that
	// cannot say leave it empty.
	Because []I
}

// best returns the n items with the greatest scores, of equal ones the least item: those that the user does not have and that keep
// allows, where it is not nil. Keep is asked of items that would be among the best.
func best[I cmp.Ordered](items []I, scores []float64, has []int32, keep func(I) bool, n int) []Recommendation[I] {
	if n <= 0 {
		return nil
	}
	var top []Recommendation[I] // the best first
	for i, s := range scores {
		if s-s != 0 { // nothing speaks for it
			continue
		}
		r := Recommendation[I]{Item: items[i], Score: s}
		if len(top) == n && better(top[n-1], r) <= 0 {
			continue
		}
		if _, found := slices.BinarySearch(has, int32(i)); found || keep != nil && !keep(r.Item) {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, r, better)
		if len(top) == n {
			top = top[:n-1]
		}
		top = slices.Insert(top, at, r)
	}
	return top
}

// better orders recommendations, the best first.
func better[I cmp.Ordered](a, b Recommendation[I]) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Item, b.Item))
}
