package sketch

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// Frequent holds the counts of m keys at most. When there are more, the median of the counts is taken from all, and keys without
// a count are dropped. So a count is low by at most the sum of what was taken, which is at most 2/m of the sum of all counts, and never high. A key
// whose count is more than that is held for sure.
//
// Memory is m keys in a map; Add takes O(1) time amortised, and O(m log m) when there are too many. The order of events and how parts are merged may
// move a count, within the same bound. Up to m keys it is exact. Keys are kept: a string that is part of a great one keeps that.
//
// It is not the frequent items of Apache DataSketches for Go 0.1.0, which allocates as it goes, and restored does not go on bit for bit.
//
// Source: Misra, Gries, "Finding repeated elements", Science of Computer Programming 2, 1982; the median: Anderson, Bevan, Lang, Liberty, Rhodes, Thaler, "A
// high-performance algorithm for identifying frequent items in data streams", IMC 2017; merging: Agarwal, Cormode, Huang, Phillips, Wei, Yi, "Mergeable summaries", PODS 2012.
type Frequent[K Key] struct {
	most   int
	total  uint64
	taken  uint64
	counts map[K]uint64
	order  []uint64 `binary:"-"`
}

type plainFrequent[K Key] Frequent[K]

// A Counted is a key, and between which two its count is.
type Counted[K Key] struct {
	Key       K
	Low, High uint64
}

// NewFrequent returns the summary of nothing. Options: Counters, 1024, between 2 and 16777216.
func NewFrequent[K Key](opts ...Option) *Frequent[K] {
	f := &Frequent[K]{most: 1024}
	for _, o := range opts {
		if o.key != counters {
			o.refuse("NewFrequent")
		}
		f.most = int(o.value)
	}
	need(f.most >= 2 && f.most <= 1<<24, "NewFrequent: Counters is between 2 and 16777216, not %d", f.most)
	return f
}

// Add adds n to the count of a key.
func (f *Frequent[K]) Add(key K, n uint64) {
	if n == 0 {
		return
	}
	f.total = plus(f.total, n)
	f.add(key, n)
	f.shrink()
}

func (f *Frequent[K]) add(key K, n uint64) {
	if f.counts == nil {
		f.counts = map[K]uint64{}
	}
	f.counts[key] = plus(f.counts[key], n)
}

// shrink takes the median from all counts, if they are too many. It looks at all of them, so that the order of the map does not matter.
func (f *Frequent[K]) shrink() {
	if len(f.counts) <= f.most {
		return
	}
	f.order = f.order[:0]
	for _, n := range f.counts {
		f.order = append(f.order, n)
	}
	slices.Sort(f.order)
	least := f.order[len(f.order)/2]
	for k, n := range f.counts {
		if n <= least {
			delete(f.counts, k)
		} else {
			f.counts[k] = n - least
		}
	}
	f.taken = plus(f.taken, least)
}

// Count returns between which two the count of a key is.
func (f *Frequent[K]) Count(key K) (low, high uint64) {
	n := f.counts[key]
	return n, plus(n, f.taken)
}

// Total returns the sum of all counts.
func (f *Frequent[K]) Total() uint64 { return f.total }

// Error returns how much a count may be low.
func (f *Frequent[K]) Error() uint64 { return f.taken }

// Top returns the k keys with the greatest counts, greatest first; of equal ones the lesser key comes first. It panics if k is
// negative.
func (f *Frequent[K]) Top(k int) []Counted[K] {
	need(k >= 0, "Frequent.Top: k is 0 or more, not %d", k)
	all := make([]Counted[K], 0, len(f.counts))
	for key, n := range f.counts {
		all = append(all, Counted[K]{key, n, plus(n, f.taken)})
	}
	slices.SortFunc(all, func(a, b Counted[K]) int { return cmp.Or(cmp.Compare(b.Low, a.Low), cmp.Compare(a.Key, b.Key)) })
	return slices.Clip(all[:min(k, len(all))])
}

// Merge adds what other counted. It panics if that has another number of counters.
func (f *Frequent[K]) Merge(other *Frequent[K]) {
	need(f.most == other.most, "Frequent.Merge: %d counters into %d", other.most, f.most)
	for k, n := range other.counts {
		f.add(k, n)
	}
	f.total, f.taken = plus(f.total, other.total), plus(f.taken, other.taken)
	f.shrink()
}

// AppendBinary appends the summary.
func (f *Frequent[K]) AppendBinary(b []byte) ([]byte, error) {
	return saved.As[plainFrequent[K]]("sketch.Frequent", 1).Append(b, (*plainFrequent[K])(f))
}

// UnmarshalBinary replaces the summary.
func (f *Frequent[K]) UnmarshalBinary(data []byte) error {
	return saved.As[plainFrequent[K]]("sketch.Frequent", 1).Read(data, (*plainFrequent[K])(f), func(p *plainFrequent[K]) error {
		if p.most < 2 || p.most > 1<<24 || len(p.counts) > p.most || p.taken > p.total {
			return errBroken
		}
		for _, n := range p.counts {
			if n == 0 || n > p.total {
				return errBroken
			}
		}
		return nil
	})
}

// TopK returns the k most frequent keys, most frequent first: see [Frequent] for the error and the options. A key that is listed may
// not belong there if counts are nearer to each other than the error. It panics if k is not positive or more than Counters.
func TopK[T any, K Key](of func(T) K, k int, opts ...Option) window.Aggregator[T, *Frequent[K], []Counted[K]] {
	need(of != nil, "TopK: the function of is nil")
	most := NewFrequent[K](opts...).most
	need(k > 0 && k <= most, "TopK: k is between 1 and %d, not %d", most, k)
	return topK[T, K]{of, k, opts}
}

type topK[T any, K Key] struct {
	of   func(T) K
	k    int
	opts []Option
}

func (t topK[T, K]) New() *Frequent[K]                      { return NewFrequent[K](t.opts...) }
func (t topK[T, K]) Add(acc *Frequent[K], v T) *Frequent[K] { acc.Add(t.of(v), 1); return acc }
func (t topK[T, K]) Merge(a, b *Frequent[K]) *Frequent[K]   { a.Merge(b); return a }
func (t topK[T, K]) Result(acc *Frequent[K]) []Counted[K]   { return acc.Top(t.k) }
