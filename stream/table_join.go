package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/equal"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/table"
)

// Join is the table of what f makes of the rows of t and other that have the same key: with Inner where both have one, with
// LeftOuter where t has, with RightOuter where other has, with FullOuter where one of them has. A row that is not
// there is zero in the Match. f has to give the same for the same rows each time.
//
// It holds the rows of both tables, and the changes that the watermark has not passed. It forgets a row when its table
// deletes it: what bounds the tables, such as TimeToLive where they are made, bounds it. Divert is
// to Failures of the Match.
func (t Table[K, L]) Join[R, V any](other Table[K, R], kind JoinKind, f func(Match[L, R]) V, opts ...Option) Table[K, V] {
	started(t.changes.out != nil, "Join", "Table")
	started(other.changes.out != nil, "Join", "Table")
	given("Join", "the function f", f)
	kindGiven("Join", kind)
	same := sameAs[V]()
	n := addPair(t.changes, other.changes, "jointables", kind.String(), opts)
	n.Parts, n.Params = true, JoinParams{Kind: kind}
	n.Depends(engine.SettingKind, kind.String())
	needsTime(n, "", 0, 1)
	p := t.changes.out.p
	bindFailures[Match[L, R]](p, n)
	out := newKeyedOutput[K, Change[V]](p, n)
	meet(t.changes, other.changes, n, tableOut(out),
		func(op *engine.Instance, m *meeting[K, Change[L], Change[R], struct{}]) {
			x := &pairing[K, L, R, V]{matcher: matcher[L, R, V]{guard: newGuard[Match[L, R]](op), kind: kind, f: f}, same: same, out: writerOf[K, V](m)}
			x.coder = state.NewCoder[keptPair[K, L, R]]()
			op.Hold(x, x.coder)
			alignedBy(m, x)
		})
	return Table[K, V]{Keyed[K, Change[V]]{out}}
}

// A matcher makes a row of a match.
type matcher[L, R, V any] struct {
	guard[Match[L, R]]
	kind JoinKind
	f    func(Match[L, R]) V
}

// was is the row that a match had, if it had one.
func (x *matcher[L, R, V]) was(m *Match[L, R]) (v V, had bool) {
	if !x.kind.keeps(m) {
		return v, false
	}
	v, cause := guarded(x.f, m)
	return v, cause == nil
}

// is is the row that a match has now. One that the function fails on has none.
func (x *matcher[L, R, V]) is(m *Match[L, R], at Time) (v V, is bool, err error) {
	if !x.kind.keeps(m) {
		return v, false, nil
	}
	v, cause := guarded(x.f, m)
	if cause != nil {
		return v, false, x.reject(*m, at, "event time "+at.String(), cause)
	}
	return v, true, nil
}

// keeps reports whether a join of the kind gives a match.
func (k JoinKind) keeps[L, R any](m *Match[L, R]) bool {
	return m.HasLeft && m.HasRight || m.HasLeft && k.keepsLeft() || m.HasRight && k.keepsRight()
}

// A pairing holds the rows of two tables by their key.
type pairing[K comparable, L, R, V any] struct {
	matcher[L, R, V]
	same    equal.Test
	out     *tableWriter[K, V]
	pairs   table.Table[K, pairState[L, R]]
	touched []touchedRow[V]
	gone    []hashedKey[K]
	lone    lonePair
	coder   *state.Coder[keptPair[K, L, R]]
}

type pairState[L, R any] struct {
	Match[L, R]
	mark bool // it was touched by changes of the time at hand
}

func (x *pairing[K, L, R, V]) takeLeft(b *KeyedBatch[K, Change[L]], row int, _ *Emitter[struct{}]) error {
	p, c := x.touch(b.hashes[row], b.keys[row]), &b.values[row]
	p.Left, p.HasLeft = c.After, c.Kind != Delete
	return nil
}

func (x *pairing[K, L, R, V]) takeRight(b *KeyedBatch[K, Change[R]], row int, _ *Emitter[struct{}]) error {
	p, c := x.touch(b.hashes[row], b.keys[row]), &b.values[row]
	p.Right, p.HasRight = c.After, c.Kind != Delete
	return nil
}

func (x *pairing[K, L, R, V]) touch[_ lazily](hash uint64, k K) *pairState[L, R] {
	place, _ := x.pairs.Ensure(hash, k)
	p := &x.pairs.Entries()[place].Val
	if !p.mark {
		p.mark = true
		r := touchedRow[V]{place: place}
		r.was, r.had = x.was(&p.Match)
		x.touched = append(x.touched, r)
	}
	return p
}

func (x *pairing[K, L, R, V]) commit(at Time, _ *Emitter[struct{}]) error {
	pairs, hashes := x.pairs.Entries(), x.pairs.Hashes()
	for i := range x.touched {
		r := &x.touched[i]
		e, hash := &pairs[r.place], hashes[r.place]
		e.Val.mark = false
		c := x.out.next()
		c.Before = r.was
		var is bool
		var err error
		if c.After, is, err = x.is(&e.Val.Match, at); err != nil {
			return err
		}
		if becomes(c, r.had, is, x.same) {
			x.out.told(hash, e.Key, at)
			if x.out.err != nil {
				return x.out.err
			}
		}
		if !e.Val.HasLeft && !e.Val.HasRight {
			x.gone = append(x.gone, hashedKey[K]{hash, e.Key})
		}
	}
	for _, ref := range x.gone {
		x.pairs.Delete(ref.hash, ref.key)
	}
	clear(x.touched)
	clear(x.gone)
	x.touched, x.gone = x.touched[:0], x.gone[:0]
	return x.settle()
}

func (x *pairing[K, L, R, V]) count() int { return x.pairs.Len() }

// A keptPair is a pair of rows as it is saved.
type keptPair[K comparable, L, R any] struct {
	Hash     uint64 `binary:"1"`
	Key      K      `binary:"2"`
	Left     L      `binary:"3"`
	Right    R      `binary:"4"`
	HasLeft  bool   `binary:"5"`
	HasRight bool   `binary:"6"`
}

func (x *pairing[K, L, R, V]) Save(s *state.Saving) error {
	pairs, hashes := x.pairs.Entries(), x.pairs.Hashes()
	s.Keys += int64(len(pairs))
	put := x.coder.Into(s, len(pairs))
	for i := range pairs {
		m := &pairs[i].Val.Match
		put(hashes[i], keptPair[K, L, R]{hashes[i], pairs[i].Key, m.Left, m.Right, m.HasLeft, m.HasRight})
	}
	return nil
}

func (x *pairing[K, L, R, V]) Restore(r *state.Restoring) error {
	return x.coder.EachGroup(r, func(k keptPair[K, L, R]) {
		p, _ := x.pairs.At(k.Hash, k.Key)
		p.Match = Match[L, R]{Left: k.Left, Right: k.Right, HasLeft: k.HasLeft, HasRight: k.HasRight}
	})
}
