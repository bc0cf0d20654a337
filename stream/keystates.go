package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"

	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/internal/timer"
)

// keyStates holds a value for each key, for a time.
type keyStates[K comparable, S any] struct {
	ttl    time.Duration // 0: for ever
	states table.Table[K, keyState[S]]
	due    timer.Queue[hashedKey[K]]
	coder  *state.Coder[keptState[K, S]]
}

// A keptState is the state of a key as it is saved.
type keptState[K comparable, S any] struct {
	Hash uint64 `binary:"1"`
	Key  K      `binary:"2"`
	Val  S      `binary:"3"`
	Last Time   `binary:"4"`
}

func (s *keyStates[K, S]) makeCoder() state.Checker {
	s.coder = state.NewCoder[keptState[K, S]]()
	return s.coder
}

func (s *keyStates[K, S]) Save(to *state.Saving) error {
	entries, hashes := s.states.Entries(), s.states.Hashes()
	to.Keys += int64(len(entries))
	put := s.coder.Into(to, len(entries))
	for i := range entries {
		e := &entries[i]
		put(hashes[i], keptState[K, S]{hashes[i], e.Key, e.Val.val, e.Val.last})
	}
	return nil
}

func (s *keyStates[K, S]) Restore(r *state.Restoring) error {
	return s.coder.EachGroup(r, s.put)
}

func (s *keyStates[K, S]) put(x keptState[K, S]) {
	p, _ := s.at(x.Hash, x.Key, x.Last)
	p.val = x.Val
}

type keyState[S any] struct {
	val  S
	last Time // the latest event of the key
}

// A hashedKey is a key with its hash.
type hashedKey[K comparable] struct {
	hash uint64
	key  K
}

// at returns the state of k, which has an event at t, and whether it is new.
func (s *keyStates[K, S]) at(hash uint64, k K, t Time) (*keyState[S], bool) {
	p, made, fresh := s.visit(hash, k, t)
	if made {
		s.keep(hash, k, p)
	}
	return p, fresh
}

// visit is at for a state that may not be worth holding. One that was made by
// this call has to be given to keep, or to be deleted.
func (s *keyStates[K, S]) visit(hash uint64, k K, t Time) (p *keyState[S], made, fresh bool) {
	p, made = s.states.At(hash, k)
	switch {
	case made:
		p.last, fresh = t, true
	case s.ttl > 0 && t >= p.last.Add(s.ttl):
		*p, fresh = keyState[S]{last: t}, true
	}
	p.last = max(p.last, t)
	return p, made, fresh
}

// keep has a new state expire.
func (s *keyStates[K, S]) keep(hash uint64, k K, p *keyState[S]) {
	if s.ttl == 0 {
		return
	}
	s.due.Push(int64(p.last.Add(s.ttl)), hash, hashedKey[K]{hash, k})
	if s.due.Len() > 2*s.states.Len()+1024 {
		s.sweep()
	}
}

// sweep has each state be due once: one that was deleted and made again is in the
// queue for each of its lives. It is called when that is more than half of the queue.
func (s *keyStates[K, S]) sweep() {
	s.due = timer.Queue[hashedKey[K]]{}
	hashes := s.states.Hashes()
	for i, e := range s.states.Entries() {
		s.due.Push(int64(e.Val.last.Add(s.ttl)), hashes[i], hashedKey[K]{hashes[i], e.Key})
	}
}

// expire forgets the keys whose time to live has passed at watermark wm. At the end of a stream that is all of them.
func (s *keyStates[K, S]) expire(wm Time) {
	if wm == engine.MaxTime && s.ttl > 0 {
		s.states.Reset()
		s.due = timer.Queue[hashedKey[K]]{}
		return
	}
	for {
		at, ok := s.due.Next()
		if !ok || Time(at) > wm {
			return
		}
		ref := s.due.Pop().Val
		p := s.states.Find(ref.hash, ref.key)
		if p == nil {
			continue
		}
		if due := p.last.Add(s.ttl); due > wm {
			s.due.Push(int64(due), ref.hash, ref) // it was used since
			continue
		}
		s.states.Delete(ref.hash, ref.key)
	}
}
