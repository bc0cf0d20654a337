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

// labelled gives what made makes of a request and its label.
func labelled[K comparable, T, L, U any](who string, requests stream.Stream[T], id func(T) K, labels stream.Stream[L], of func(L) K,
	within time.Duration, label func(L) float64, opts []LabelOption, made func(T, float64) U) stream.Stream[U] {
	need(id != nil, who+": the function id is nil")
	need(of != nil, who+": the function of is nil")
	need(label != nil, who+": the function label is nil")
	need(within >= 0, who+": within is negative")
	set := labelling{missing: mining.Missing, within: within}
	for i, o := range opts {
		need(o != nil, fmt.Sprintf("%s: option %d of %d is nil", who, i+1, len(opts)))
		o(&set)
	}
	return requests.KeyBy(id).Connect(labels.KeyBy(of), func(c *stream.OperatorContext) (stream.CoProcessor[K, T, L, U], error) {
		return &labeller[K, T, L, U]{
			labelling: set, label: label, made: made, context: c,
			waiting: c.KeyedState[K, waiting[T]]("waiting"), timers: c.Timers[K](),
		}, nil
	})
}

// A labeller brings requests and labels together.
//
// Nothing is decided before the watermark has reached it, so that the order of arrival means nothing: a timer is set for each
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
	Asked   bool        `binary:"1"`
	At      stream.Time `binary:"2"` // of the request
	Request T           `binary:"3"`
	Labels  []told      `binary:"4"` // in their order
}

// A told label is one that may be that of a request.
type told struct {
	At    stream.Time `binary:"1"`
	Label float64     `binary:"2"`
}

func (t told) compare(u told) int {
	return cmp.Or(cmp.Compare(t.At, u.At), cmp.Compare(t.Label, u.Label))
}

// mostLabels bounds the labels of a key that wait for their request. Of those that have their request one is held.
const mostLabels = 16

var (
	errTwice = errors.New("online: a second request of a key that still waits for its label")
	errMany  = fmt.Errorf("online: more than %d labels of a key that nobody has asked for yet", mostLabels)
	errLabel = errors.New("online: the label is NaN or infinite")
)

func (l *labeller[K, T, L, U]) ProcessLeft(in *stream.KeyedBatch[K, T], _ *stream.Emitter[U]) error {
	for row, v := range in.All() {
		key, at := in.Ref(row), in.Time(row)
		w := l.waiting.At(key)
		if w.Asked {
			if err := l.context.Fail(&in.Batch, row, errTwice); err != nil {
				return err
			}
			continue
		}
		w.Asked, w.At, w.Request = true, at, v
		l.wake(key, l.until(at))
		l.choose(key, w)
	}
	return nil
}

// until is when the last label of a request may be.
func (l *labeller[K, T, L, U]) until(at stream.Time) stream.Time { return at.Add(l.within) }

// wake has OnTimer called when no event at a time can follow any more. A watermark of that time would be
// too early: it is one behind which events of that very time may come.
func (l *labeller[K, T, L, U]) wake(key stream.KeyRef[K], at stream.Time) {
	l.timers.Set(key, at.Add(1))
}

// choose drops all labels of a request but the one that counts so far.
func (l *labeller[K, T, L, U]) choose(key stream.KeyRef[K], w *waiting[T]) {
	w.Labels = slices.DeleteFunc(w.Labels, func(t told) bool { return t.At < w.At.Add(-l.early) || t.At > l.until(w.At) })
	if len(w.Labels) > 0 {
		w.Labels = w.Labels[:1]
		l.wake(key, w.toldAt())
	}
}

// toldAt is when a request with a label is told.
func (w *waiting[T]) toldAt() stream.Time { return max(w.At, w.Labels[0].At) }

func (l *labeller[K, T, L, U]) ProcessRight(in *stream.KeyedBatch[K, L], _ *stream.Emitter[U]) error {
	return l.context.Each(&in.Batch, func(row int) error {
		key, t := in.Ref(row), told{in.Time(row), l.label(in.Value(row))}
		if !mining.Known(t.Label) {
			return errLabel
		}
		w := l.waiting.At(key)
		i, _ := slices.BinarySearchFunc(w.Labels, t, told.compare)
		w.Labels = slices.Insert(w.Labels, i, t)
		switch {
		case w.Asked:
			l.choose(key, w)
		case len(w.Labels) > mostLabels:
			w.Labels = w.Labels[:mostLabels]
			return errMany
		default: // requests that are on time and up to early later may still come until then
			l.wake(key, t.At.Add(l.early))
		}
		return nil
	})
}

// OnTimer tells what has come of a key by the time before that of the timer.
func (l *labeller[K, T, L, U]) OnTimer(t stream.Timer[K], out *stream.Emitter[U]) error {
	w, ok := l.waiting.Get(t.KeyRef)
	by := t.At.Add(-1)
	switch {
	case !ok:
	case !w.Asked:
		w.Labels = slices.DeleteFunc(w.Labels, func(d told) bool { return d.At.Add(l.early) <= by })
		if len(w.Labels) == 0 {
			l.waiting.Delete(t.KeyRef)
		} else {
			l.waiting.Put(t.KeyRef, w)
		}
	case len(w.Labels) > 0 && w.toldAt() <= by:
		out.Emit(l.made(w.Request, w.Labels[0].Label), w.toldAt())
		l.waiting.Delete(t.KeyRef)
	case l.until(w.At) <= by:
		if mining.Known(l.missing) {
			out.Emit(l.made(w.Request, l.missing), l.until(w.At))
		}
		l.waiting.Delete(t.KeyRef)
	}
	return nil
}
