package pattern

import (
	"slices"

	"github.com/freshet-go/freshet/stream"
)

// A survey asks of all events of a batch what matters, before the first is taken: most events of most streams meet no
// condition, and need no look-up then. For the others what is held for their keys is brought into the processor's caches, of all
// together.
type survey struct {
	rows   []int32  // those that matter
	behind bool     // there are others that are late
	known  []answer // by row
	seen   int64    // has the compiler not take out loads
}

// An answer is what a survey knows of a row: which conditions on the event alone are met. It is small, as there is one for each row.
type answer struct {
	taken, over, hit answers
	is               answerKind
}

type answerKind uint8

const (
	unasked answerKind = iota // conditions are asked when they are needed
	idle                      // none is met, and the event changes nothing
	asked                     // one is met; it is idle + 1
)

// firsts are the conditions of a pattern on an event alone, by number.
type firsts[T any] struct {
	steps, untils, nots []func(T) bool // untils has nils, or is nil
	rest                bool           // there are others than those of steps
	whole               ways           // the steps that have no other conditions
}

func firstsOf[T any](p *Pattern[T]) (f firsts[T]) {
	for i := range p.steps {
		f.steps = append(f.steps, p.steps[i].where[0].alone)
		if len(p.steps[i].where) == 1 {
			f.whole |= to(i)
		}
	}
	if slices.ContainsFunc(p.steps, func(s step[T]) bool { return s.until != nil }) {
		for i := range p.steps {
			f.untils = append(f.untils, p.steps[i].until)
		}
	}
	for i := range p.nots {
		f.nots = append(f.nots, p.nots[i].where[0].alone)
	}
	f.rest = len(f.untils)+len(f.nots) > 0
	return f
}

// ask asks all of them, and returns 1 if any is met, or else 0. Here as in its caller nothing branches by what conditions say, which the processor
// cannot foresee.
func (f *firsts[T]) ask(v T, a *answer) int {
	taken, over, hit := answers(0), answers(0), answers(0)
	for i, meets := range f.steps {
		taken |= bit(meets(v)) << i
	}
	if f.rest {
		over, hit = answersOf(f.untils, v), answersOf(f.nots, v)
	}
	any := bit(taken|over|hit != 0)
	*a = answer{taken, over, hit, idle + answerKind(any)}
	return int(any)
}

func answersOf[T any](all []func(T) bool, v T) (yes answers) {
	for i, f := range all {
		if f != nil {
			yes |= bit(f(v)) << i
		}
	}
	return yes
}

func bit(is bool) (b answers) {
	if is {
		b = 1
	}
	return b
}

// look surveys a batch.
func (m *matcher[K, T]) look(in *stream.KeyedBatch[K, T]) {
	s, n := &m.survey, in.Len()
	s.rows, s.behind = s.rows[:0], false
	if !m.quiet {
		for row := range in.All() {
			if in.Time(row) >= m.now && !in.Late(row) { // what is late prolongs no life
				s.rows = append(s.rows, int32(row))
			}
		}
	} else {
		for k := 0; k < n; {
			k = m.lookFrom(in, k)
		}
	}
	if n == 1 || m.held.Len() < fewKeys {
		return
	}
	m.held.Prefetch(in, s.rows)
	// One loop after another, so that no load waits for one of the same loop: the processor has many of them under way at once.
	m.ahead = m.held.Prefetched(in, s.rows, m.ahead)
	for _, h := range m.ahead {
		s.seen += h.touch()
	}
	clear(m.ahead)
	m.ahead = m.ahead[:0]
}

// fewKeys are so few that the processor's caches have room for what is held for them.
const fewKeys = 2000

// lookFrom surveys rows from the k-th one on. It returns how many it has come by: where a condition panics it ends, and that row is
// asked when it is taken.
func (m *matcher[K, T]) lookFrom(in *stream.KeyedBatch[K, T], k int) (next int) {
	s, nth := &m.survey, 0
	defer func() {
		if recover() != nil {
			next = nth
		}
	}()
	for row, v := range in.All() {
		if nth++; nth <= k {
			continue
		}
		for len(s.known) <= row {
			s.known = append(s.known, answer{})
		}
		a := &s.known[row]
		a.is = unasked
		if in.Time(row) < m.now || in.Late(row) {
			s.behind = true
			continue
		}
		s.rows = append(s.rows, int32(row)) // it stays where a condition panics
		met := m.asking.firsts.ask(v, a)
		s.rows = s.rows[:len(s.rows)-1+met]
	}
	return nth
}

// concerns reports whether an event of which a survey knows may change what is held for its key, in an automaton that is quiet.
func (a *automaton) concerns(b *buffer, x *answer) bool {
	taken := ways(x.taken)
	if x.over|x.hit != 0 || taken&a.from != 0 || taken != 0 && a.insists {
		return true
	}
	for i := range b.Runs {
		if r := &b.Runs[i]; r.Ways&taken != 0 || r.Ways&again != 0 && taken&to(int(r.Step)) != 0 {
			return true
		}
	}
	return false
}
