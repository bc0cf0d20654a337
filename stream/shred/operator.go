package shred

import (
	"errors"
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/stream"
)

// Seal adds an operator that encrypts the marked fields of each value under the keys of persons, in order; times stay as they are. It
// should be the first one behind the source, so that nothing is stored in the clear. It holds no state. The keeper is asked once for each batch that
// has persons who are not remembered, and the stream waits for it.
//
// What has data of a person who is forgotten goes to the second stream, with theirs empty and that of others sealed. Nobody has to
// consume that.
//
// A value that does not say whose it is, ErrNobody, fails as an event fails on a function: the run stops, or see stream.SkipFailures. With
// stream.Divert its value is as it came, in the clear. A keeper that does not answer stops the run, whatever the options: see Patience.
func Seal[T any](s stream.Stream[T], p *Policy[T], opts ...stream.Option) (sealed, forgotten stream.Stream[T]) {
	return through(s, p, "Seal", false, opts)
}

// Open adds an operator that decrypts what Seal has encrypted, in order; times stay as they are. It holds no state. It belongs right in front
// of who has to read the fields: what is behind it is in the clear, in state and files, too.
//
// What has data of a person who is forgotten goes to the second stream, with theirs empty and that of others open. Nobody has to
// consume that.
//
// ErrUnknown, ErrDamaged, ErrPlain and ErrNobody fail as an event fails on a function: the run stops, or see
// stream.SkipFailures and stream.Divert. A keeper that does not answer stops the run.
func Open[T any](s stream.Stream[T], p *Policy[T], opts ...stream.Option) (open, forgotten stream.Stream[T]) {
	return through(s, p, "Open", true, opts)
}

func through[T any](s stream.Stream[T], p *Policy[T], call string, open bool, opts []stream.Option) (out, forgotten stream.Stream[T]) {
	if p == nil {
		panic("shred: " + call + ": the Policy is nil")
	}
	var side stream.Side[T]
	out = s.Apply(func(c *stream.OperatorContext) (stream.Processor[T, T], error) {
		return &worker[T]{context: c, policy: p, open: open, side: &side}, nil
	}, append(slices.Clone(opts), stream.SideOutput(&side))...)
	return out, side.Stream()
}

// A worker is an instance of either operator.
type worker[T any] struct {
	stream.Stateless
	context *stream.OperatorContext
	policy  *Policy[T]
	open    bool
	side    *stream.Side[T]

	// Of the batch at hand.
	rows   []int
	values []T // the slots point into them
	slots  []slot
	errs   []error
}

func (w *worker[T]) Process(in *stream.Batch[T], out *stream.Emitter[T]) error {
	defer w.clear()
	for row, v := range in.All() {
		w.rows, w.values = append(w.rows, row), append(w.values, v)
	}
	for i := range w.values { // they stay where they are from now on
		from := len(w.slots)
		w.policy.plan.slots(unsafe.Pointer(&w.values[i]), "", &w.slots)
		for k := from; k < len(w.slots); k++ {
			w.slots[k].of = i
		}
		w.errs = append(w.errs, nil)
	}
	if err := w.policy.persons.work(w.context.Context, w.slots, w.errs, w.open, w.policy.plain); err != nil {
		return err
	}
	forgotten := w.context.Side(w.side)
	for i, row := range w.rows {
		switch err := w.errs[i]; {
		case err == nil:
			out.From(in, row, w.values[i])
		case errors.Is(err, ErrForgotten):
			forgotten.From(in, row, w.values[i])
		default:
			if err := w.context.Fail(in, row, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// clear forgets the batch.
func (w *worker[T]) clear() {
	clear(w.values)
	clear(w.slots)
	clear(w.errs)
	w.rows, w.values, w.slots, w.errs = w.rows[:0], w.values[:0], w.slots[:0], w.errs[:0]
}
