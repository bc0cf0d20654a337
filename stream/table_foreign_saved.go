package stream

import "github.com/freshet-go/freshet/internal/state"

// A keptForeign is a row that refers to a key, as it is saved: by that key.
type keptForeign[F, K comparable, L any] struct {
	Hash uint64 `binary:"1"`
	To   F      `binary:"2"`
	Key  K      `binary:"3"`
	Val  L      `binary:"4"`
}

// foreignLefts is the join as the holder of the rows that refer.
type foreignLefts[F, K comparable, L, R, V any] foreignJoin[F, K, L, R, V]

func (x *foreignLefts[F, K, L, R, V]) Save(s *state.Saving) error {
	states, hashes := x.states.Entries(), x.states.Hashes()
	put := x.lefts.Into(s, len(states))
	for i := range states {
		s.Keys++
		lefts := states[i].Val.lefts.Entries()
		for j := range lefts {
			put(hashes[i], keptForeign[F, K, L]{hashes[i], states[i].Key, lefts[j].Key, lefts[j].Val.val})
		}
	}
	return nil
}

func (x *foreignLefts[F, K, L, R, V]) Restore(r *state.Restoring) error {
	return x.lefts.EachGroup(r, func(k keptForeign[F, K, L]) {
		s, _ := x.states.At(k.Hash, k.To)
		l, _ := s.lefts.At(x.hash(k.Key), k.Key)
		l.val, l.is = k.Val, true
	})
}

// foreignRights is the join as the holder of the rows that are referred to.
type foreignRights[F, K comparable, L, R, V any] foreignJoin[F, K, L, R, V]

func (x *foreignRights[F, K, L, R, V]) Save(s *state.Saving) error {
	states, hashes := x.states.Entries(), x.states.Hashes()
	put := x.rights.Into(s, len(states))
	for i := range states {
		if e := &states[i]; e.Val.hasRight {
			put(hashes[i], keptState[F, R]{Hash: hashes[i], Key: e.Key, Val: e.Val.right})
		}
	}
	return nil
}

func (x *foreignRights[F, K, L, R, V]) Restore(r *state.Restoring) error {
	return x.rights.EachGroup(r, func(k keptState[F, R]) {
		s, _ := x.states.At(k.Hash, k.Key)
		s.right, s.hasRight = k.Val, true
	})
}
