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

// A LabelOption sets how labels find the requests that they are of.
type LabelOption func(*labelling)

type labelling struct {
	missing      float64       // NaN: requests without label are not told
	from, within time.Duration // of a label, after its request
}

// Missing has a request that no label has come for within the time be told with y, when the time is over: where
// somebody who does not return an order says nothing, the label is 0. The default is to leave it out. When
// the stream ends all time is over, also that of requests which were made just before.
func Missing(y float64) LabelOption { return func(c *labelling) { c.missing = y } }

// After has labels count from d after their requests on, and none before. It is negative where clocks differ, and
// 1 (a nanosecond) where a request is a label too, as an order is one for the order before. The default is 0.
func After(d time.Duration) LabelOption { return func(c *labelling) { c.from = d } }

// labelled gives what made makes of a request and its label.
func labelled[K comparable, T, L, U any](who string, requests stream.Stream[T], id func(T) K, labels stream.Stream[L], of func(L) K,
	within time.Duration, label func(L) float64, opts []LabelOption, made func(T, float64) U) stream.Stream[U] {
	need(id != nil, who+": the function id is nil")
	need(of != nil, who+": the function of is nil")
	need(label != nil, who+": the function label is nil")
	set := labelling{missing: mining.Missing, within: within}
	for i, o := range opts {
		need(o != nil, fmt.Sprintf("%s: option %d of %d is nil", who, i+1, len(opts)))
		o(&set)
	}
	need(set.from <= within, fmt.Sprintf("%s: labels from %v to %v after their requests: there is no such time", who, set.from, within))
	return requests.KeyBy(id).Connect(labels.KeyBy(of), func(c *stream.OperatorContext) (stream.CoProcessor[K, T, L, U], error) {
		return &labeller[K, T, L, U]{
			labelling: set, label: label, made: made, context: c,
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
		l.wake(key, t.At.Add(-l.from)) // requests that are later are none of its
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
	if t.At < r.At.Add(l.from) || t.At > r.At.Add(l.within) || r.Answers > 0 && t.compare(r.Label) >= 0 {
		return
	}
	r.Label, r.Answers = t, r.Answers+1
	l.wake(key, r.due(l.within))
}

// due is when a request is told.
func (r *request[T]) due(within time.Duration) stream.Time {
	if r.Answers == 0 {
		return r.At.Add(within)
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
		at := r.due(l.within)
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
	w.Labels = slices.DeleteFunc(w.Labels, func(t told) bool { return t.At.Add(-l.from) <= by })
	if len(w.Requests)+len(w.Labels) == 0 {
		l.waiting.Delete(t.KeyRef)
	} else {
		l.waiting.Put(t.KeyRef, w)
	}
	return nil
}
