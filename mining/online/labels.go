package online

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/stream"
)

// Labels are a stream of labels that come after what they are of. They are made by [NewLabels].
//
//	labels := online.NewLabels(returns, Return.Order, 30*24*time.Hour, Return.Label, online.Missing(0))
//	scored := labels.Examples(orders, Order.ID).KeyBy(online.All).Apply(online.OfExamples(task).PerKey, stream.InOrder())
//	judged := labels.Judge(scored, Order.ID)
type Labels[K comparable, L any] struct {
	from   stream.Stream[L]
	of     func(L) K
	label  func(L) float64
	within time.Duration
	labelling
}

// NewLabels returns the labels of a stream. Of gives the key by which requests are found, and label what is right.
//
// The label of a request is the first one of its key, by event time, that is from its time on and no more than
// within later; of two at one time the lower. One label may be that of several requests. A request is told when the
// watermark has passed its label, at the time of the label, whatever the order in which the two came. A second label, one that is too
// early or too late and one that nobody has asked for have no effect. A request without label is told by
// [Missing], or not at all. A label that is NaN or infinite is a failure of its event. Events that are late may miss each other.
//
// Requests are held, each with its value, until they are told or within has passed, and labels until no request can follow that they
// are of. All streams have event times. It panics if a function is nil, and if there is no time for labels.
func NewLabels[K comparable, L any](from stream.Stream[L], of func(L) K, within time.Duration, label func(L) float64, opts ...LabelOption) *Labels[K, L] {
	need(of != nil, "NewLabels: the function of is nil")
	need(label != nil, "NewLabels: the function label is nil")
	set := labelling{missing: mining.Missing}
	for i, o := range opts {
		need(o != nil, fmt.Sprintf("NewLabels: option %d of %d is nil", i+1, len(opts)))
		o(&set)
	}
	need(set.first <= within, fmt.Sprintf("NewLabels: labels from %v to %v after their requests: there is no such time", set.first, within))
	return &Labels[K, L]{from, of, label, within, set}
}

// A LabelOption sets how labels find the requests that they are of.
type LabelOption func(*labelling)

type labelling struct {
	missing float64       // NaN: requests without label are not told
	first   time.Duration // from when on labels count, after their request
	settled bool          // requests are told when the time is over
}

// Missing has a request that no label has come for within the time be told with y, when the time is over: where
// somebody who does not return an order says nothing, the label is 0. The default is to leave it out. When
// the stream ends all time is over, also that of requests which were made just before.
func Missing(y float64) LabelOption { return func(c *labelling) { c.missing = y } }

// After has labels count from d after their requests on, and none before. It is negative where clocks differ, and
// 1 (a nanosecond) where a request is a label too, as an order is one for the order before. The default is 0.
func After(d time.Duration) LabelOption { return func(c *labelling) { c.first = d } }

// Settled has every request be told when the time is over, whenever its label came. By default it is told as soon as its
// label is known. Where labels of one kind come sooner, a model then sees more of them than there are as long as a stream is
// young, or when it changes: those who buy again do so in days, and those who do not are known after months.
func Settled() LabelOption { return func(c *labelling) { c.settled = true } }

// labelled gives what made makes of a request and its label.
func labelled[K comparable, T, L, U any](l *Labels[K, L], requests stream.Stream[T], id func(T) K, made func(T, float64) U) stream.Stream[U] {
	return requests.KeyBy(id).Connect(l.from.KeyBy(l.of), func(c *stream.OperatorContext) (stream.CoProcessor[K, T, L, U], error) {
		return &labeller[K, T, L, U]{
			labelling: l.labelling, within: l.within, label: l.label, made: made, context: c,
			waiting: c.KeyedState[K, waiting[T]]("waiting"), timers: c.Timers[K](),
		}, nil
	})
}

// A labeller brings requests and labels together.
//
// Nothing is decided before the watermark has passed it, so that the order of arrival means nothing: a timer is set for each
// time at which something may have to be told or forgotten.
type labeller[K comparable, T, L, U any] struct {
	labelling
	within  time.Duration
	label   func(L) float64
	made    func(T, float64) U
	context *stream.OperatorContext
	waiting *stream.KeyedState[K, waiting[T]]
	timers  *stream.Timers[K]
}

// waiting is what has come of a key.
type waiting[T any] struct {
	Requests []request[T] `binary:"1"` // that have not been told
	Labels   []told       `binary:"2"` // that requests may still come for, in their order
}

// A request waits for its label.
type request[T any] struct {
	At      stream.Time `binary:"1"`
	Value   T           `binary:"2"`
	Label   told        `binary:"3"` // the first one so far
	Answers int         `binary:"4"` // how many there have been
}

// A told label is one with its time.
type told struct {
	At    stream.Time `binary:"1"`
	Label float64     `binary:"2"`
}

func (t told) compare(u told) int {
	return cmp.Or(cmp.Compare(t.At, u.At), cmp.Compare(t.Label, u.Label))
}

var errLabel = errors.New("online: the label is NaN or infinite")

func (l *labeller[K, T, L, U]) ProcessLeft(in *stream.KeyedBatch[K, T], _ *stream.Emitter[U]) error {
	for row, v := range in.All() {
		key := in.Ref(row)
		r := request[T]{At: in.Time(row), Value: v}
		l.wake(key, r.At.Add(l.within))
		w := l.waiting.At(key)
		for _, t := range w.Labels {
			l.hear(key, &r, t)
		}
		w.Requests = append(w.Requests, r)
	}
	return nil
}

func (l *labeller[K, T, L, U]) ProcessRight(in *stream.KeyedBatch[K, L], _ *stream.Emitter[U]) error {
	return l.context.Each(&in.Batch, func(row int) error {
		key, t := in.Ref(row), told{in.Time(row), l.label(in.Value(row))}
		if !mining.Known(t.Label) {
			return errLabel
		}
		l.wake(key, t.At.Add(-l.first)) // requests that are later are none of its
		w := l.waiting.At(key)
		i, _ := slices.BinarySearchFunc(w.Labels, t, told.compare)
		w.Labels = slices.Insert(w.Labels, i, t)
		for i := range w.Requests {
			l.hear(key, &w.Requests[i], t)
		}
		return nil
	})
}

// hear has a request take a label, if it is one of its and the first.
func (l *labeller[K, T, L, U]) hear(key stream.KeyRef[K], r *request[T], t told) {
	if t.At < r.At.Add(l.first) || t.At > r.At.Add(l.within) || r.Answers > 0 && t.compare(r.Label) >= 0 {
		return
	}
	r.Label, r.Answers = t, r.Answers+1
	l.wake(key, l.due(r))
}

// due is when a request is told.
func (l *labeller[K, T, L, U]) due(r *request[T]) stream.Time {
	if r.Answers == 0 || l.settled {
		return r.At.Add(l.within)
	}
	return max(r.At, r.Label.At)
}

// wake has OnTimer called when no event at a time can follow any more. A watermark of that time would be
// too early: it is one behind which events of that very time may come.
func (l *labeller[K, T, L, U]) wake(key stream.KeyRef[K], at stream.Time) {
	l.timers.Set(key, at.Add(1))
}

// OnTimer tells what is due by the time before that of the timer.
func (l *labeller[K, T, L, U]) OnTimer(t stream.Timer[K], out *stream.Emitter[U]) error {
	w, ok := l.waiting.Get(t.KeyRef)
	if !ok {
		return nil
	}
	by := t.At.Add(-1)
	slices.SortStableFunc(w.Requests, func(a, b request[T]) int { return cmp.Compare(a.At, b.At) })
	w.Requests = slices.DeleteFunc(w.Requests, func(r request[T]) bool {
		at := l.due(&r)
		if at > by {
			return false
		}
		y := l.missing
		if r.Answers > 0 {
			y = r.Label.Label
		}
		if mining.Known(y) {
			out.Emit(l.made(r.Value, y), at)
		}
		return true
	})
	w.Labels = slices.DeleteFunc(w.Labels, func(t told) bool { return t.At.Add(-l.first) <= by })
	if len(w.Requests)+len(w.Labels) == 0 {
		l.waiting.Delete(t.KeyRef)
	} else {
		l.waiting.Put(t.KeyRef, w)
	}
	return nil
}
