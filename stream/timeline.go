package stream

import "slices"

// A timeline holds events by time, and those of one time by their place.
type timeline[T any] struct {
	all  []waiting[T]
	gone int // how many of all have been dropped
}

// A keptWaiting is an event of a timeline as it is saved.
type keptWaiting[K comparable, T any] struct {
	Hash    uint64 `binary:"1"`
	Key     K      `binary:"2"`
	At      Time   `binary:"3"`
	Seq     uint64 `binary:"4"`
	Value   T      `binary:"5"`
	Matched bool   `binary:"6"`
}

func (x *keptWaiting[K, T]) waiting() waiting[T] { return waiting[T]{x.At, x.Seq, x.Value, x.Matched} }

// saveTimeline saves the timeline of a key.
func saveTimeline[K comparable, T any](hash uint64, k K, l *timeline[T], put func(uint64, keptWaiting[K, T])) {
	for _, w := range l.held() {
		put(hash, keptWaiting[K, T]{hash, k, w.at, w.seq, w.v, w.matched})
	}
}

type waiting[T any] struct {
	at      Time
	seq     uint64
	v       T
	matched bool
}

// held returns the events. The slice is valid until the next change.
func (l *timeline[T]) held() []waiting[T] { return l.all[l.gone:] }

// ends reads of the first and the last one that is held, and so brings them into the
// processor's caches.
func (l *timeline[T]) ends() (read uint64) {
	if held := l.held(); len(held) > 0 {
		read = uint64(held[0].at) + held[len(held)-1].seq
	}
	return read
}

// insert puts an event in its place, which is nearly always the end.
func (l *timeline[T]) insert(w waiting[T]) {
	i := len(l.all)
	for i > l.gone && (l.all[i-1].at > w.at || l.all[i-1].at == w.at && l.all[i-1].seq > w.seq) {
		i--
	}
	l.all = slices.Insert(l.all, i, w)
}

// from returns the index among the held events of the first at or after t.
func (l *timeline[T]) from(t Time) int {
	held := l.held()
	if len(held) == 0 || held[0].at >= t {
		return 0
	}
	i, _ := slices.BinarySearchFunc(held, t, func(w waiting[T], t Time) int {
		if w.at < t {
			return -1
		}
		return 1
	})
	return i
}

// unmatched returns an event at a time with a place that has no match, or nil.
// Several can have the same time and place: what a FlatMap made of one event.
func (l *timeline[T]) unmatched(at Time, seq uint64) *waiting[T] {
	for i := l.gone + l.from(at); i < len(l.all) && l.all[i].at == at; i++ {
		if w := &l.all[i]; w.seq == seq && !w.matched {
			return w
		}
	}
	return nil
}

// drop drops the first n events, and returns how many of them have no match. Amortised it costs O(n), however many stay.
func (l *timeline[T]) drop(n int) (unmatched int) {
	if n == 0 {
		return 0
	}
	for _, w := range l.all[l.gone : l.gone+n] {
		if !w.matched {
			unmatched++
		}
	}
	clear(l.all[l.gone : l.gone+n])
	if l.gone += n; 2*l.gone >= len(l.all) {
		l.all = slices.Delete(l.all, 0, l.gone)
		l.gone = 0
	}
	return unmatched
}

// before returns how many of the events are before t.
func (l *timeline[T]) before(t Time) int {
	n := l.gone
	for n < len(l.all) && l.all[n].at < t {
		n++
	}
	return n - l.gone
}
