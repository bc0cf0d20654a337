package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/equal"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/table"
)

// ForeignKeyJoin is the table of what f makes of each row of t and the row of other that has the key which foreign gives for
// it: of each order and its customer. Its keys are those of t. With LeftOuter rows of t count too for which other has
// none; it panics for other kinds. When the row of other changes, so do the results of all rows that refer to it, at the same
// time; one that comes to refer to another row is updated once. f has to give the same for the same rows each time.
//
// It holds the rows of both tables, and the changes that the watermark has not passed. It forgets a row
// when its table deletes it. A change of a row of other costs as much as there are rows that refer to it. Divert is to
// Failures of the Match; a row that foreign fails on stops the run.
//
// It is three operators: one that finds the keys, the join, and one that puts together what has become of a row that
// refers to another. Where the join has a name, the others have it with "-keys" and "-rows".
func (t Table[K, L]) ForeignKeyJoin[F comparable, R, V any](other Table[F, R], foreign func(K, L) F, kind JoinKind, f func(Match[L, R]) V, opts ...Option) Table[K, V] {
	started(t.changes.out != nil, "ForeignKeyJoin", "Table")
	started(other.changes.out != nil, "ForeignKeyJoin", "Table")
	given("ForeignKeyJoin", "the function foreign", foreign)
	given("ForeignKeyJoin", "the function f", f)
	kindGiven("ForeignKeyJoin", kind)
	if kind != Inner && kind != LeftOuter {
		panic("stream: ForeignKeyJoin is inner or left outer, not " + kind.String())
	}
	hash, err := keyhash.Of[K]()
	if err != nil {
		panic("stream: ForeignKeyJoin: " + err.Error())
	}
	named := func(part string) (opt []Option) {
		if c := configure(opts); c.name != "" {
			opt = append(opt, Name(c.name+part))
		}
		return opt
	}
	same := sameAs[V]()
	left := rekey(t, "foreignkey", named("-keys"), foreign, func(k K, c Change[L]) foreignRow[K, L] { return foreignRow[K, L]{k, c} })
	n := addPair(left, other.changes, "foreignkeyjoin", kind.String(), opts)
	n.Params = JoinParams{Kind: kind}
	n.Depends(engine.SettingKind, kind.String())
	needsTime(n, "", 0, 1)
	p := t.changes.out.p
	bindFailures[Match[L, R]](p, n)
	out := newKeyedOutput[K, Change[V]](p, n)
	meet(left, other.changes, n, tableOut(out),
		func(op *engine.Instance, m *meeting[F, foreignRow[K, L], Change[R], struct{}]) {
			x := &foreignJoin[F, K, L, R, V]{matcher: matcher[L, R, V]{guard: newGuard[Match[L, R]](op), kind: kind, f: f}, same: same, hash: hash, out: writerOf[K, V](m)}
			x.lefts, x.rights = state.NewCoder[keptForeign[F, K, L]](), state.NewCoder[keptState[F, R]]()
			op.Hold((*foreignLefts[F, K, L, R, V])(x), x.lefts)
			op.Hold((*foreignRights[F, K, L, R, V])(x), x.rights)
			alignedBy(m, x)
		})
	return combine(Keyed[K, Change[V]]{out}, "foreignrows", named("-rows"), same)
}

// A foreignRow is a change of a row on its way to the key that it refers to.
type foreignRow[K comparable, L any] struct {
	Key    K         `binary:"1"`
	Change Change[L] `binary:"2"`
}

// A foreignJoin holds rows by the key that they refer to, and the row of that key.
type foreignJoin[F, K comparable, L, R, V any] struct {
	matcher[L, R, V]
	same    equal.Test
	hash    func(K) uint64
	out     *tableWriter[K, V]
	states  table.Table[F, foreignState[K, L, R]]
	touched []touchedForeign[V]
	gone    []goneForeign[K]
	seen    []hashedKey[F]

	lefts  *state.Coder[keptForeign[F, K, L]]
	rights *state.Coder[keptState[F, R]]
}

type foreignState[K comparable, L, R any] struct {
	right    R
	hasRight bool
	lefts    table.Table[K, foreignLeft[L]]
}

type foreignLeft[L any] struct {
	val  L
	is   bool // it may have gone at the time at hand
	mark bool // it was touched
}

// A touchedForeign is what a row was, by its place among those of a key in its place.
type touchedForeign[V any] struct {
	state, left int
	was         V
	had         bool
}

type goneForeign[K comparable] struct {
	state int
	hashedKey[K]
}

func (x *foreignJoin[F, K, L, R, V]) takeRight(b *KeyedBatch[F, Change[R]], row int, _ *Emitter[struct{}]) error {
	at := x.reach(b.hashes[row], b.keys[row])
	s := &x.states.Entries()[at].Val
	for i := range s.lefts.Len() {
		if x.op.Halted() {
			return engine.ErrStopped
		}
		x.touch(at, i)
	}
	c := &b.values[row]
	s.right, s.hasRight = c.After, c.Kind != Delete
	return nil
}

func (x *foreignJoin[F, K, L, R, V]) takeLeft(b *KeyedBatch[F, foreignRow[K, L]], row int, _ *Emitter[struct{}]) error {
	at := x.reach(b.hashes[row], b.keys[row])
	s, k, c := &x.states.Entries()[at].Val, b.values[row].Key, &b.values[row].Change
	i, _ := s.lefts.Ensure(x.hash(k), k)
	x.touch(at, i)
	l := &s.lefts.Entries()[i].Val
	l.val, l.is = c.After, c.Kind != Delete
	return nil
}

// reach finds what is held for a key, and notes that it may be empty in the end.
func (x *foreignJoin[F, K, L, R, V]) reach(hash uint64, k F) int {
	at, _ := x.states.Ensure(hash, k)
	x.seen = append(x.seen, hashedKey[F]{hash, k})
	return at
}

// touch notes what the i-th row of a key was, if it is touched for the first time. A row that comes to be is touched behind
// the right side, and was nothing.
func (x *foreignJoin[F, K, L, R, V]) touch(at, i int) {
	s := &x.states.Entries()[at].Val
	l := &s.lefts.Entries()[i].Val
	if l.mark {
		return
	}
	l.mark = true
	r := touchedForeign[V]{state: at, left: i}
	if l.is {
		r.was, r.had = x.was(&Match[L, R]{l.val, s.right, true, s.hasRight})
	}
	x.touched = append(x.touched, r)
}

func (x *foreignJoin[F, K, L, R, V]) commit(at Time, _ *Emitter[struct{}]) error {
	for i := range x.touched {
		if x.op.Halted() {
			return engine.ErrStopped
		}
		r := &x.touched[i]
		s := &x.states.Entries()[r.state].Val
		e, hash := &s.lefts.Entries()[r.left], s.lefts.Hashes()[r.left]
		e.Val.mark = false
		c, is := x.out.next(), false
		c.Before = r.was
		if e.Val.is {
			var err error
			if c.After, is, err = x.is(&Match[L, R]{e.Val.val, s.right, true, s.hasRight}, at); err != nil {
				return err
			}
		} else {
			x.gone = append(x.gone, goneForeign[K]{r.state, hashedKey[K]{hash, e.Key}})
		}
		if becomes(c, r.had, is, x.same) {
			x.out.told(hash, e.Key, at)
			if x.out.err != nil {
				return x.out.err
			}
		}
	}
	for _, g := range x.gone {
		x.states.Entries()[g.state].Val.lefts.Delete(g.hash, g.key)
	}
	for _, ref := range x.seen { // the last: places change
		if s := x.states.Find(ref.hash, ref.key); s != nil && !s.hasRight && s.lefts.Len() == 0 {
			x.states.Delete(ref.hash, ref.key)
		}
	}
	clear(x.touched)
	clear(x.gone)
	clear(x.seen)
	x.touched, x.gone, x.seen = x.touched[:0], x.gone[:0], x.seen[:0]
	return x.settle()
}

func (x *foreignJoin[F, K, L, R, V]) count() int { return x.states.Len() }
