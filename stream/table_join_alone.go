package stream

import "github.com/freshet-go/freshet/internal/engine"

// A lonePair is what pairing knows of rows that are alone at their times.
type lonePair struct {
	lefts, rights []uint32 // where the pairs of what is on hand may be

	step loneStep // of the row at hand
	had  bool     // whether there was a result
}

func (x *pairing[K, L, R, V]) aheadLeft(b *KeyedBatch[K, Change[L]]) {
	x.lone.lefts = sized(x.lone.lefts, len(b.hashes))
	x.pairs.Probe(b.hashes, nil, x.lone.lefts)
}

func (x *pairing[K, L, R, V]) aheadRight(b *KeyedBatch[K, Change[R]]) {
	x.lone.rights = sized(x.lone.rights, len(b.hashes))
	x.pairs.Probe(b.hashes, nil, x.lone.rights)
}

func (x *pairing[K, L, R, V]) aloneLeft(b *KeyedBatch[K, Change[L]], at *int, until Time) error {
	return alonePairs(x, b, x.lone.lefts, at, until, func(m *Match[L, R], c *Change[L]) { m.Left, m.HasLeft = c.After, c.Kind != Delete })
}

func (x *pairing[K, L, R, V]) aloneRight(b *KeyedBatch[K, Change[R]], at *int, until Time) error {
	return alonePairs(x, b, x.lone.rights, at, until, func(m *Match[L, R], c *Change[R]) { m.Right, m.HasRight = c.After, c.Kind != Delete })
}

// alonePairs takes rows of one side from *at on that are alone at their times, and before until. set puts a row into its pair.
func alonePairs[K comparable, L, R, V, T any](x *pairing[K, L, R, V], b *KeyedBatch[K, Change[T]], slots []uint32, at *int, until Time, set func(*Match[L, R], *Change[T])) error {
	for {
		cause := alonePairsFrom(x, b, slots, at, until, set)
		switch step := x.lone.step; {
		case cause == nil:
			return x.settle()
		case cause == engine.ErrStopped, step == loneTold:
			return cause
		case step == loneWas: // that was told when it came, and there was none
			x.lone.step, x.lone.had = loneSet, false
		default:
			m, t := &x.pairs.Find(b.hashes[*at], b.keys[*at]).Match, b.head.times[*at]
			if err := x.reject(*m, t, "event time "+t.String(), cause); err != nil {
				return err
			}
			if becomes(x.out.next(), x.lone.had, false, x.same) {
				x.out.told(b.hashes[*at], b.keys[*at], t)
			}
			x.lone.step = loneNew
			*at++
		}
	}
}

// alonePairsFrom is alonePairs up to a row that the function of the join panics on.
func alonePairsFrom[K comparable, L, R, V, T any](x *pairing[K, L, R, V], b *KeyedBatch[K, Change[T]], slots []uint32, at *int, until Time, set func(*Match[L, R], *Change[T])) (cause error) {
	defer engine.Rescue(&cause)
	h, w, pairs, times, halt := &x.lone, x.out, x.pairs.Entries(), b.head.times, x.op.Halt()
	keys, hashes, values := b.keys[:len(times)], b.hashes[:len(times)], b.values[:len(times)]
	slots = slots[:len(times)]
	i := *at
	for ; i < len(times) && times[i] < until && (i+1 < len(times) && times[i+1] != times[i] || h.step != loneNew); i++ {
		*at = i
		if halt.Load() {
			return engine.ErrStopped
		}
		place := int(slots[i]) - 1
		if uint(place) >= uint(len(pairs)) || pairs[place].Key != keys[i] {
			place, _ = x.pairs.Ensure(hashes[i], keys[i])
			pairs = x.pairs.Entries()
		}
		m, c := &pairs[place].Val.Match, w.next()
		if h.step == loneNew {
			h.step, h.had = loneWas, x.kind.keeps(m)
			if h.had {
				c.Before = x.f(*m)
			}
		}
		set(m, &values[i])
		h.step = loneIs
		is := x.kind.keeps(m)
		if is {
			c.After = x.f(*m)
		}
		h.step = loneTold
		if !m.HasLeft && !m.HasRight {
			x.pairs.DeleteAt(place)
			pairs = x.pairs.Entries()
		}
		if becomes(c, h.had, is, x.same) {
			w.told(hashes[i], keys[i], times[i])
			if w.err != nil {
				return w.err
			}
		}
		h.step = loneNew
	}
	*at = i
	return nil
}
