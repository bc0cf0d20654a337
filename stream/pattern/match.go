package pattern

import (
	"fmt"

	"github.com/freshet-go/freshet/stream"
)

// Match looks for a pattern in the events of each key, and gives what has matched. Events are
// taken in the order of their times, and of their places in their partitions where times are equal: each waits until the watermark has
// passed it. An event that is late is left out, and counted as TooLate; see Late. Events without event times are
// stream.ErrNoTime.
//
// A match has the time of its last event, or that at which it was known where it had to wait: of the event
// behind it with NotNext at the end, when Within has passed with NotFollowedBy at the end, and where it was held back by
// Skip the time of what let it go. One that is held back for ever is given at the end of the stream, with the time of its last event.
//
// A condition on an event alone is asked of each event once. It is asked also where the key has no partial match, unless a step of the pattern
// has to be the next one: by Next, Consecutive or NotNext. One that panics is asked again if a partial match depends on it, and is a failure then only.
//
// A condition that panics, and an event beyond Limit, is a failure of the event, which has then not been there; see
// stream.SkipFailures and stream.Divert. Conditions are called by several goroutines, one a shard.
//
// A key is held while it has partial matches, and at most Within longer. With Within these end when it has passed; without it bound them by Until,
// NotFollowedBy or stream.TimeToLive, by which the partial matches of a key are forgotten that long after its latest event. An event costs a
// look-up of its key, unless no condition is met, and for each partial match of it a test of the steps that may be next. In a run with Checkpoints all is
// saved and restored, with any number of shards. A checkpoint of another pattern, which has other steps, Within, Skip or TimedOut, is refused:
// give it another name, or see stream.DropState.
//
// It panics if the pattern is not whole: if all steps are optional, all behind a not are, a NotFollowedBy is at the end
// without Within, TimedOut is given without Within, or Skip names no step.
func Match[K comparable, T any](in stream.Keyed[K, T], p Pattern[T], opts ...stream.Option) stream.Stream[Matched[K, T]] {
	p.check()
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("pattern: Match: option %d of %d is nil", i+1, len(opts)))
		}
	}
	a := compile(p)
	aside := asideOf[K, T](opts)
	if aside.timedOut != nil && p.within == 0 {
		panic("pattern: TimedOut of a pattern without Within: nothing times out")
	}
	timed := timing(a, aside.timedOut != nil)
	all := []stream.Option{stream.InOrder()}
	lives := a.within > 0 && timed != always
	if lives {
		all = append(all, stream.TimeToLive(a.within+1)) // at Within what was held back is given
	}
	id := text(p)
	if aside.timedOut != nil {
		id += ".TimedOut"
	}
	return in.Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[K, T, Matched[K, T]], error) {
		m := &matcher[K, T]{c: c, a: a, aside: aside, id: id, timed: timed, lives: lives, now: minTime}
		m.held = c.KeyedState[K, *held[T]]("matches")
		m.asking.p, m.asking.soFar.steps, m.asking.firsts = &p, a.steps, firstsOf(&p)
		// An event that changes nothing prolongs the life of what is held all the same, unless Within ends it by then.
		m.quiet = a.quiet && (c.TimeToLive() == 0 || lives && c.TimeToLive() == a.within+1)
		m.step.a, m.step.c = a, &m.asking
		m.give, m.lose = m.given, m.lost
		m.row = m.take
		if timed == never {
			return m, nil
		}
		m.timers = c.Timers[K]()
		return &timedMatcher[K, T]{m}, nil
	}, append(all, opts...)...)
}

// A matcher is an instance of the operator.
type matcher[K comparable, T any] struct {
	c     *stream.OperatorContext
	a     *automaton
	aside aside[K, T]
	id    string
	timed timed
	lives bool        // keys have a time to live
	quiet bool        // events that meet no condition are passed over
	now   stream.Time // the watermark

	held   *stream.KeyedState[K, *held[T]]
	timers *stream.Timers[K] // nil if timed is never

	step   stepping
	asking asking[T]
	survey survey
	ahead  []*held[T] // of the rows of a survey
	sweep  sweep
	path   []link
	spare  []*held[T] // of keys that are held no more

	// The event or the timer at hand.
	in   *stream.KeyedBatch[K, T]
	at   int // the row
	key  K
	due  stream.Time // when a timer fires
	hold *held[T]
	out  *stream.Emitter[Matched[K, T]]

	row        func(row int) error // take
	give, lose func(done)          // given and lost
}

const minTime = stream.Time(-1 << 63)

func (m *matcher[K, T]) Process(in *stream.KeyedBatch[K, T], out *stream.Emitter[Matched[K, T]]) error {
	m.in, m.out = in, out
	m.look(in)
	var err error
	if m.quiet && !m.survey.behind {
		err = m.c.EachOf(&in.Batch, m.survey.rows, m.row)
	} else {
		err = m.c.Each(&in.Batch, m.row)
	}
	m.in, m.out = nil, nil
	return err
}

// take takes the event of a row.
func (m *matcher[K, T]) take(row int) error {
	in, at := m.in, m.in.Time(row)
	if at < m.now || in.Late(row) {
		return m.late(row)
	}
	var known *answer
	if m.quiet {
		switch a := &m.survey.known[row]; a.is {
		case idle:
			return nil
		case asked:
			known = a
		}
	}
	ref := in.Ref(row)
	h, there := m.held.Get(ref)
	if there && known != nil && !m.a.concerns(&h.Buffer, known) {
		return nil
	}
	m.asking.about(h, in.Value(row))
	if m.step.sure = 0; known != nil {
		m.asking.knows(known)
		m.step.sure, m.step.taken = m.asking.firsts.whole, ways(known.taken)
	}
	if !there {
		if !m.asking.mayBegin(m.a.from) {
			return nil
		}
		h = m.fresh()
		m.asking.held = h
	}
	took, err := m.tried(h, at)
	if err != nil {
		return fmt.Errorf("%w: more than %d, and %d partial matches, of the key %v", err, m.a.limit, len(h.Buffer.Runs), ref.Key())
	}
	if took {
		h.Values = append(h.Values, m.asking.event)
	} else if !there {
		m.recycle(h)
		return nil
	}
	m.at, m.key, m.hold = row, ref.Key(), h
	m.step.commit(m.give)
	m.keep(ref, h, there)
	return nil
}

// tried has the event meet the partial matches of its key. Where a condition panics nothing has changed.
func (m *matcher[K, T]) tried(h *held[T], at stream.Time) (took bool, err error) {
	whole := false
	defer func() {
		if !whole {
			m.step.undo()
		}
	}()
	took, err = m.step.process(&h.Buffer, at)
	whole = true
	return took, err
}

// keep holds what there is for a key, and sets its timer.
func (m *matcher[K, T]) keep(k stream.KeyRef[K], h *held[T], there bool) {
	h.tidy(&m.sweep)
	if m.timed != never {
		m.wake(k, &h.Buffer)
	}
	switch empty := h.empty(); {
	case empty && there && !m.lives: // else it is likely to be needed again before its time to live has passed
		m.held.Delete(k)
		m.recycle(h)
	case empty && !there:
		m.recycle(h)
	case !there:
		m.held.Put(k, h)
	}
}

// recycle keeps the memory of what is held no more for other keys, unless it is much.
func (m *matcher[K, T]) recycle(h *held[T]) {
	if len(m.spare) < 1024 && cap(h.Values) <= manyEvents {
		m.spare = append(m.spare, h)
	}
}

// manyEvents are too many for their memory to be kept for other keys.
const manyEvents = 128

// fresh returns what is held for a key of which nothing has been held.
func (m *matcher[K, T]) fresh() *held[T] {
	if n := len(m.spare); n > 0 {
		h := m.spare[n-1]
		m.spare = m.spare[:n-1]
		return h
	}
	return new(roomy[T]).in(&held[T]{Buffer: buffer{Wake: minTime}})
}

// given puts out a match of the event or the timer at hand.
func (m *matcher[K, T]) given(d done) {
	x := m.matched(m.key, m.hold, d.Last)
	switch {
	case m.in != nil:
		m.out.From(&m.in.Batch, m.at, x)
	case m.due == maxTime:
		m.out.Emit(x, d.At)
	default:
		m.out.Emit(x, m.due)
	}
}

// late leaves out an event.
func (m *matcher[K, T]) late(row int) error {
	if m.aside.late == nil {
		m.c.TooLate(1)
		return nil
	}
	m.c.KeptLate(1)
	m.c.Side(m.aside.late).From(&m.in.Batch, row, m.in.Value(row))
	return nil
}

// Advance is told the watermark.
func (m *matcher[K, T]) Advance(wm stream.Time, _ *stream.Emitter[Matched[K, T]]) error {
	m.now = wm
	return nil
}

// Save puts what is not held by key.
func (m *matcher[K, T]) Save(w *stream.StateWriter) error {
	return w.Put("pattern", saved{version, m.id, m.now})
}

// version is that of the layout of all that is saved.
const version = 2

// A saved is what a checkpoint has besides what is held by key.
type saved struct {
	Version   int         `binary:"1"`
	Pattern   string      `binary:"2"`
	Watermark stream.Time `binary:"3"`
}

// Restore refuses what another pattern has held.
func (m *matcher[K, T]) Restore(r *stream.StateReader) error {
	all, err := r.Get[saved]("pattern")
	if err != nil {
		return err
	}
	old := false
	for i, s := range all {
		switch {
		case s.Version < 1 || s.Version > version:
			return fmt.Errorf("its state has the version %d, and this program reads versions 1 to %d", s.Version, version)
		case s.Pattern != m.id:
			return fmt.Errorf("the checkpoint has partial matches of %s, and the pattern is %s now: give the operator another name, or drop its state", s.Pattern, m.id)
		case i == 0:
			m.now = s.Watermark
		default:
			m.now = min(m.now, s.Watermark)
		}
		old = old || s.Version == 1
	}
	for ref, h := range m.held.All() {
		if old {
			h.Buffer.ofVersion1()
		}
		*m.held.At(ref) = new(roomy[T]).in(h)
	}
	return nil
}
