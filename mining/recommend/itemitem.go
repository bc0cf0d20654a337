package recommend

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// An ItemItem recommends what the users of a user's items have, too: the similarity of two items is the cosine of their users, the
// number who have both divided by the root of the numbers who have each. It learns with each Add: pairs are counted as they come. A user's
// score of an item is the sum of the similarities of those of its K nearest items that the user has.
//
// It is Sarwar, Karypis, Konstan and Riedl, "Item-based Collaborative Filtering Recommendation Algorithms", WWW 2001, and Deshpande and
// Karypis, "Item-Based Top-N Recommendation Algorithms", 2004. It takes 24 bytes for each pair of items that a user has had together, some
// millions for thousands of items; once there are as many as MaxPairs, no new ones are added, and Left counts them.
type ItemItem[U, I cmp.Ordered] struct {
	history History[U, I]
	k       int
	longest int
	most    int

	latest [][]int32 // of each user, as many as make pairs
	count  []float64 // users of each item
	pairs  pairs
	near   [][]int32 // items that have been together with each
	left   int64

	nearest [][]neighbour // cached, nil where counts have changed
}

type neighbour struct {
	item int32
	sim  float64
}

// An ItemOption sets how an ItemItem learns.
type ItemOption func(*itemConfig)

type itemConfig struct{ k, longest, most int }

// Nearest sets how many neighbours of an item count. The default is 20. 0 has all count.
func Nearest(k int) ItemOption {
	if k < 0 {
		panic(fmt.Sprintf("recommend: Nearest(%d): want 0 or more", k))
	}
	return func(c *itemConfig) { c.k = k }
}

// MaxItems sets with how many of a user's items, the latest, a new one makes pairs. The default is 1,000.
func MaxItems(n int) ItemOption {
	if n < 1 {
		panic(fmt.Sprintf("recommend: MaxItems(%d): want at least 1", n))
	}
	return func(c *itemConfig) { c.longest = n }
}

// MaxPairs sets how many pairs of items are counted. The default is 20,000,000, which take half a gigabyte.
func MaxPairs(n int) ItemOption {
	if n < 1 {
		panic(fmt.Sprintf("recommend: MaxPairs(%d): want at least 1", n))
	}
	return func(c *itemConfig) { c.most = n }
}

// NewItemItem returns one that has seen nothing.
func NewItemItem[U, I cmp.Ordered](opts ...ItemOption) *ItemItem[U, I] {
	c := itemConfig{k: 20, longest: 1000, most: 20_000_000}
	for _, o := range opts {
		o(&c)
	}
	return &ItemItem[U, I]{k: c.k, longest: c.longest, most: c.most}
}

// Add notes that a user has an item. Once more is as once. It takes time for each item that the user has.
func (m *ItemItem[U, I]) Add(user U, item I) {
	if i, ok := m.history.items.number[item]; ok {
		if _, found := slices.BinarySearch(m.history.row(user).items, i); found {
			return
		}
	}
	m.history.Add(user, item, 1)
	u, i := m.history.users.number[user], m.history.items.number[item]
	for len(m.count) <= int(i) {
		m.count, m.near, m.nearest = append(m.count, 0), append(m.near, nil), append(m.nearest, nil)
	}
	for len(m.latest) <= int(u) {
		m.latest = append(m.latest, nil)
	}
	m.count[i]++
	m.forget(i)
	for _, j := range m.latest[u] {
		switch m.pairs.add(i, j, m.most) {
		case 0:
			m.left++
		case 1:
			m.near[i], m.near[j] = append(m.near[i], j), append(m.near[j], i)
		}
		m.nearest[j] = nil
	}
	if m.latest[u] = append(m.latest[u], i); len(m.latest[u]) > m.longest {
		m.latest[u] = slices.Delete(m.latest[u], 0, 1)
	}
}

// forget has the neighbours of an item, and those lists that it is in, found anew: its users have changed.
func (m *ItemItem[U, I]) forget(i int32) {
	m.nearest[i] = nil
	for _, j := range m.near[i] {
		m.nearest[j] = nil
	}
}

// Left returns how many pairs were not counted, as there were MaxPairs.
func (m *ItemItem[U, I]) Left() int64 { return m.left }

// neighbours returns the nearest items of an item, the nearest first.
func (m *ItemItem[U, I]) neighbours(i int32) []neighbour {
	if m.nearest[i] != nil {
		return m.nearest[i]
	}
	all := make([]neighbour, 0, len(m.near[i]))
	for _, j := range m.near[i] {
		all = append(all, neighbour{j, float64(m.pairs.of(i, j)) / math.Sqrt(m.count[i]*m.count[j])})
	}
	names := m.history.items.all
	slices.SortFunc(all, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(b.sim, a.sim), cmp.Compare(names[a.item], names[b.item]))
	})
	if m.k > 0 && len(all) > m.k {
		all = slices.Clone(all[:m.k])
	}
	m.nearest[i] = all
	return all
}

// Similar returns the n nearest items of an item, the nearest first, with their similarity as Score.
func (m *ItemItem[U, I]) Similar(item I, n int) (all []Recommendation[I]) {
	i, ok := m.history.items.number[item]
	if !ok {
		return nil
	}
	for _, x := range m.neighbours(i) {
		if len(all) == n {
			break
		}
		all = append(all, Recommendation[I]{Item: m.history.items.all[x.item], Score: x.sim})
	}
	return all
}

// Recommend returns the n items that go best with what a user has, with the up to three items that speak for each. A user whom nobody
// knows gets nothing: ask Popular then. It fills a cache of neighbours, and so is not for several goroutines at once.
func (m *ItemItem[U, I]) Recommend(user U, keep func(I) bool, n int) []Recommendation[I] {
	return m.to(m.history.row(user).items, keep, n)
}

// RecommendFor is Recommend for one who has these items: a cart, say.
func (m *ItemItem[U, I]) RecommendFor(items []I, keep func(I) bool, n int) []Recommendation[I] {
	var has []int32
	for _, item := range items {
		if i, ok := m.history.items.number[item]; ok {
			has = append(has, i)
		}
	}
	slices.Sort(has)
	return m.to(slices.Compact(has), keep, n)
}

func (m *ItemItem[U, I]) to(has []int32, keep func(I) bool, n int) []Recommendation[I] {
	scores := make([]float64, len(m.count))
	for i := range scores {
		scores[i] = math.NaN() // nothing speaks for it
	}
	for _, i := range has {
		for _, x := range m.neighbours(i) {
			if math.IsNaN(scores[x.item]) {
				scores[x.item] = 0
			}
			scores[x.item] += x.sim
		}
	}
	all := best(m.history.items.all, scores, has, keep, n)
	reasons := map[int32][]neighbour{}
	for _, r := range all {
		reasons[m.history.items.number[r.Item]] = nil
	}
	if len(all) > 0 {
		least := all[len(all)-1].Score
		for _, i := range has {
			for _, x := range m.neighbours(i) {
				if scores[x.item] < least {
					continue
				}
				if said, ok := reasons[x.item]; ok {
					reasons[x.item] = append(said, neighbour{i, x.sim})
				}
			}
		}
	}
	for k := range all {
		all[k].Because = because(m.history.items.all, reasons[m.history.items.number[all[k].Item]])
	}
	return all
}

// because returns the up to three items that say most.
func because[I cmp.Ordered](items []I, reasons []neighbour) (names []I) {
	slices.SortFunc(reasons, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(b.sim, a.sim), cmp.Compare(items[a.item], items[b.item]))
	})
	for _, r := range reasons[:min(3, len(reasons))] {
		names = append(names, items[r.item])
	}
	return names
}

type savedItemItem[U, I cmp.Ordered] struct {
	K, Longest, Most int
	Users            []U
	Items            []I
	Has, Latest      [][]int32
	Keys             []uint64
	Counts           []uint32
	Left             int64
}

// AppendBinary appends all that m holds.
func (m *ItemItem[U, I]) AppendBinary(b []byte) ([]byte, error) {
	s := savedItemItem[U, I]{
		K: m.k, Longest: m.longest, Most: m.most, Users: m.history.users.all, Items: m.history.items.all, Latest: m.latest, Left: m.left,
	}
	for _, r := range m.history.rows {
		s.Has = append(s.Has, r.items)
	}
	s.Keys, s.Counts = m.pairs.sorted()
	return saved.As[savedItemItem[U, I]]("recommend.ItemItem", 1).Append(b, &s)
}

// UnmarshalBinary replaces what m holds by what AppendBinary has appended.
func (m *ItemItem[U, I]) UnmarshalBinary(data []byte) error {
	var s savedItemItem[U, I]
	err := saved.As[savedItemItem[U, I]]("recommend.ItemItem", 1).Read(data, &s, func(s *savedItemItem[U, I]) error {
		if len(s.Has) != len(s.Users) || len(s.Latest) != len(s.Users) || len(s.Keys) != len(s.Counts) {
			return fmt.Errorf("%d users, %d with items, %d with late ones, %d pairs with %d counts", len(s.Users), len(s.Has), len(s.Latest), len(s.Keys), len(s.Counts))
		}
		for _, all := range [][][]int32{s.Has, s.Latest} {
			for u, items := range all {
				for _, i := range items {
					if i < 0 || int(i) >= len(s.Items) {
						return fmt.Errorf("user %d has item %d of %d", u, i, len(s.Items))
					}
				}
			}
		}
		for _, key := range s.Keys {
			if key>>32 >= key&0xffffffff || key&0xffffffff >= uint64(len(s.Items)) {
				return fmt.Errorf("a pair of the items %d and %d, of %d", key>>32, key&0xffffffff, len(s.Items))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r := ItemItem[U, I]{k: s.K, longest: s.Longest, most: s.Most, latest: s.Latest, left: s.Left}
	for _, u := range s.Users {
		r.history.users.of(u)
	}
	for _, i := range s.Items {
		r.history.items.of(i)
	}
	r.count, r.near, r.nearest = make([]float64, len(s.Items)), make([][]int32, len(s.Items)), make([][]neighbour, len(s.Items))
	for _, has := range s.Has {
		r.history.rows = append(r.history.rows, row{has, slices.Repeat([]float64{1}, len(has))})
		for _, i := range has {
			r.count[i]++
		}
	}
	for k, key := range s.Keys {
		i, j := int32(key>>32), int32(key)
		r.near[i], r.near[j] = append(r.near[i], j), append(r.near[j], i)
		r.pairs.add(i, j, r.most)
		r.pairs.counts[r.pairs.slot(key)] = s.Counts[k]
	}
	*m = r
	return nil
}
