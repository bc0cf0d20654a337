package stream

import (
	"slices"

	"github.com/freshet-go/freshet/internal/state"
)

// A keptRanked is a row of a ranking as it is saved. Its result is worked out again.
type keptRanked[P, K comparable, V any] struct {
	Hash uint64 `binary:"1"`
	Part P      `binary:"2"`
	Key  K      `binary:"3"`
	Val  V      `binary:"4"`
}

func (x *ranking[P, K, V, R]) Save(s *state.Saving) error {
	s.Keys += int64(x.parts.Len())
	put := x.coder.Into(s, x.rows)
	hashes := x.parts.Hashes()
	for i, e := range x.parts.Entries() {
		for _, r := range e.Val.rows {
			put(hashes[i], keptRanked[P, K, V]{hashes[i], e.Key, r.key, r.val})
		}
	}
	return nil
}

func (x *ranking[P, K, V, R]) Restore(r *state.Restoring) error {
	return x.coder.EachGroup(r, func(k keptRanked[P, K, V]) {
		s, fresh := x.parts.At(k.Hash, k.Part)
		if fresh {
			*s = &rankedPart[K, V, R]{stale: true}
		}
		(*s).rows = append((*s).rows, &rankedRow[K, V, R]{key: k.Key, val: k.Val})
		x.rows++
	})
}

// settle puts the rows of a partition that was restored into their order, with the results that they had.
func (x *ranking[P, K, V, R]) settle[_ lazily](part *rankedPart[K, V, R]) {
	slices.SortFunc(part.rows, func(a, b *rankedRow[K, V, R]) int {
		if c := x.compare(a.val, b.val); c != 0 {
			return c
		}
		return x.keys(&a.key, &b.key)
	})
	part.stale = false
	x.quiet = true
	defer func() { x.quiet = false }()
	x.work(part, 0, min(x.first, len(part.rows)))
}
