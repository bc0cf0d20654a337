package pattern

import "github.com/freshet-go/freshet/stream"

// settle gives the matches that no partial match which began before can make void any more, and leaves out what
// they skip.
func (a *automaton) settle(b *buffer, give func(done)) {
	for len(b.Done) > 0 {
		first := 0
		for i := range b.Done {
			if b.Done[i].First < b.Done[first].First {
				first = i
			}
		}
		d := b.Done[first]
		if len(b.Runs) > 0 && b.Runs[0].First < d.First {
			return
		}
		b.Done = append(b.Done[:first], b.Done[first+1:]...)
		give(d)
		a.leaveOut(b, a.skipped(b, d))
	}
}

// skipped returns the first event with which other matches may begin.
func (a *automaton) skipped(b *buffer, d done) int32 {
	switch a.skip.kind {
	case toNext:
		return d.First + 1
	case pastLast:
		return b.Links[d.Last].Event + 1
	}
	upTo := d.First
	for i := d.Last; i >= 0; i = b.Links[i].Before {
		if a.steps[b.Links[i].Step].name == a.skip.step {
			upTo = b.Links[i].Event
			if a.skip.kind == toLast {
				break
			}
		}
	}
	return upTo
}

// leaveOut forgets matches, also partial ones, that begin before an event.
func (a *automaton) leaveOut(b *buffer, upTo int32) {
	n := 0
	for n < len(b.Runs) && b.Runs[n].First < upTo {
		n++
	}
	b.Runs = append(b.Runs[:0], b.Runs[n:]...)
	left := b.Done[:0]
	for _, d := range b.Done {
		if d.First >= upTo {
			left = append(left, d)
		}
	}
	b.Done = left
}

// expire ends the partial matches whose time has passed: lost is called for those that have timed out, and matches
// are given.
func (a *automaton) expire(b *buffer, now stream.Time, lost, give func(done)) {
	n := 0
	for ; n < len(b.Runs) && now.Sub(b.Runs[n].From) >= a.within; n++ {
		r := &b.Runs[n]
		d := done{r.Last, r.First, r.From.Add(a.within)}
		switch matched := r.Ways&to(len(a.steps)) != 0 && a.endsByTime(); {
		case !matched:
			lost(d)
		case a.skip.kind == none:
			give(d)
		default:
			b.Done = append(b.Done, d)
		}
	}
	b.Runs = append(b.Runs[:0], b.Runs[n:]...)
	a.settle(b, give)
}

// end gives what is held back when no event follows any more.
func (a *automaton) end(b *buffer, give func(done)) {
	b.Runs = b.Runs[:0]
	a.settle(b, give)
}
