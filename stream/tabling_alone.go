package stream

// alone takes in an event that is the only one of its time, and puts out what it has changed.
func (x *tabling[K, T, S, V]) alone[_ lazily](b *KeyedBatch[K, T], row int, t Time) (cause error) {
	hash, key := b.hashes[row], b.keys[row]
	place, _ := x.rows.Ensure(hash, key)
	s := &x.rows.Entries()[place].Val
	d := &x.one
	*d = rowChange[V]{had: s.is}
	if s.is {
		d.was = x.rule.value(&s.val)
	}
	s.last, x.lone = t, place+1
	if s.is, cause = x.rule.apply(&s.val, s.is, &b.Batch, row); cause != nil {
		return cause
	}
	x.lone, x.putting = 0, true
	if d.is = s.is; d.is {
		d.now = x.rule.value(&s.val)
	} else {
		x.rows.Delete(hash, key)
	}
	var some bool
	if x.change, some = d.change(x.same); some {
		x.out.put(hash, key, t, &x.change)
	}
	x.putting = x.out.err != nil
	return x.out.err
}

// settleAlone has the row of an event that has failed committed with others: the event may have changed it before.
func (x *tabling[K, T, S, V]) settleAlone[_ lazily]() {
	if x.lone > 0 {
		x.touched = append(x.touched, touchedRow[V]{x.lone - 1, x.one.was, x.one.had})
		x.rows.Entries()[x.lone-1].Val.mark = int32(len(x.touched))
		x.lone = 0
	}
}
