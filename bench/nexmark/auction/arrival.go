package auction

// Events returns the first n events in the order of their arrival. What is
// delayed beyond the last of the others comes at the end.
func (c Config) Events(n int) []Event {
	all := make([]Event, 0, n)
	a := newArrivals(c, int64(n), 1, 0)
	for {
		e, ok := a.next()
		if !ok {
			return all
		}
		all = append(all, e)
	}
}

// Arrivals returns a function that gives the events of a partition of Source
// one by one, and false behind the last.
func (c Config) Arrivals(n int64, partitions, partition int) func() (Event, bool) {
	return newArrivals(c, n, int64(partitions), int64(partition)).next
}

// Split deals events out to partitions in turn, each in order of arrival.
func Split(events []Event, parts int) [][]Event {
	all := make([][]Event, parts)
	for i := range all {
		all[i] = make([]Event, 0, len(events)/parts+1)
	}
	for i, e := range events {
		all[i%parts] = append(all[i%parts], e)
	}
	return all
}

// arrivals gives the events of a partition in the order in which they arrive.
// The partition has every stride-th event.
//
// Each turn has one event, unless that is delayed, and those that were delayed
// until it: they wait in a ring of turns.
type arrivals struct {
	gen    *generator
	events int64 // of all partitions
	stride int64
	turn   int64     // of the partition
	gone   int       // how many of the turn have been given
	ring   [][]int64 // by turn, the numbers of the events that wait for it
}

func newArrivals(c Config, events, stride, part int64) *arrivals {
	g := newGenerator(c)
	return &arrivals{gen: g, events: events, stride: stride, turn: part, ring: make([][]int64, g.mostDelay()/stride+2)}
}

// next returns the next event, and false behind the last one.
func (a *arrivals) next() (Event, bool) {
	for {
		slot := &a.ring[a.turn/a.stride%int64(len(a.ring))]
		if a.gone == 0 {
			a.gone = 1
			if a.turn < a.events {
				d := a.gen.delay(a.turn) / a.stride
				if d == 0 {
					return a.gen.event(a.turn), true
				}
				to := &a.ring[(a.turn/a.stride+d)%int64(len(a.ring))]
				*to = append(*to, a.turn)
			}
		}
		if i := a.gone - 1; i < len(*slot) {
			a.gone++
			return a.gen.event((*slot)[i]), true
		}
		*slot = (*slot)[:0]
		if a.turn >= a.events+a.gen.mostDelay() {
			return Event{}, false
		}
		a.turn += a.stride
		a.gone = 0
	}
}

// skipTo goes on at a place that a was at before: it looks again at the events
// that may wait for the turn.
func (a *arrivals) skipTo(turn int64, gone int) {
	first := max(a.turn, turn-int64(len(a.ring))*a.stride)
	for n := first; n < turn; n += a.stride {
		if n >= a.events {
			break
		}
		if d := a.gen.delay(n) / a.stride; d > 0 && n+d*a.stride >= turn {
			to := &a.ring[(n/a.stride+d)%int64(len(a.ring))]
			*to = append(*to, n)
		}
	}
	a.turn, a.gone = turn, gone
	if gone > 0 && turn < a.events { // it has been dealt with, so it may wait
		if d := a.gen.delay(turn) / a.stride; d > 0 {
			to := &a.ring[(turn/a.stride+d)%int64(len(a.ring))]
			*to = append(*to, turn)
		}
	}
}
