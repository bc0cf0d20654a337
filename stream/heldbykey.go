package stream

import "github.com/freshet-go/freshet/internal/table"

// heldByKey holds state by key in a table of references, so that it stays where
// it is while others come and go.
type heldByKey[K comparable, S any] struct {
	states table.Table[K, *S]
	free   []*S
}

func (r *heldByKey[K, S]) at(hash uint64, k K) *S {
	p, fresh := r.states.At(hash, k)
	if fresh {
		if n := len(r.free); n > 0 {
			*p, r.free = r.free[n-1], r.free[:n-1]
		} else {
			*p = new(S)
		}
	}
	return *p
}

func (r *heldByKey[K, S]) find(hash uint64, k K) *S {
	if p := r.states.Find(hash, k); p != nil {
		return *p
	}
	return nil
}

// drop forgets a key whose state has been emptied.
func (r *heldByKey[K, S]) drop(hash uint64, k K) {
	if p := r.states.Find(hash, k); p != nil {
		if len(r.free) < 1024 {
			r.free = append(r.free, *p)
		}
		r.states.Delete(hash, k)
	}
}
