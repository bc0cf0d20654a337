package stream

import "github.com/freshet-go/freshet/internal/state"

// intervalLefts is the join as the holder of its left events. Which of them
// are to be given alone follows from them.
type intervalLefts[K comparable, L, R, U any] intervalJoin[K, L, R, U]

func (j *intervalLefts[K, L, R, U]) Save(s *state.Saving) error {
	entries, hashes := j.keys.states.Entries(), j.keys.states.Hashes()
	s.Keys += int64(len(entries))
	put := j.lefts.Into(s, len(entries))
	for i := range entries {
		saveTimeline(hashes[i], entries[i].Key, &entries[i].Val.left, put)
	}
	return nil
}

func (j *intervalLefts[K, L, R, U]) Restore(r *state.Restoring) error {
	j.now = r.Watermark
	return j.lefts.EachGroup(r, func(x keptWaiting[K, L]) {
		j.keys.at(x.Hash, x.Key).left.insert(x.waiting())
		if !x.Matched && j.kind.keepsLeft() {
			j.alone.Push(int64(shift(x.At, j.upper).Add(1)), x.Seq, aloneSoFar[K]{hashedKey[K]{x.Hash, x.Key}, x.At, x.Seq, false})
		}
	})
}

// intervalRights is the join as the holder of its right events.
type intervalRights[K comparable, L, R, U any] intervalJoin[K, L, R, U]

func (j *intervalRights[K, L, R, U]) Save(s *state.Saving) error {
	entries, hashes := j.keys.states.Entries(), j.keys.states.Hashes()
	put := j.rights.Into(s, len(entries))
	for i := range entries {
		saveTimeline(hashes[i], entries[i].Key, &entries[i].Val.right, put)
	}
	return nil
}

func (j *intervalRights[K, L, R, U]) Restore(r *state.Restoring) error {
	return j.rights.EachGroup(r, func(x keptWaiting[K, R]) {
		j.keys.at(x.Hash, x.Key).right.insert(x.waiting())
		if !x.Matched && j.kind.keepsRight() {
			j.alone.Push(int64(shift(x.At, -j.lower).Add(1)), x.Seq, aloneSoFar[K]{hashedKey[K]{x.Hash, x.Key}, x.At, x.Seq, true})
		}
	})
}
