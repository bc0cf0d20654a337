package source

import (
	"context"
	"fmt"
	"io"
	"iter"
	"runtime/debug"
	"strconv"

	"github.com/freshet-go/freshet/internal/origin"
	"github.com/freshet-go/freshet/stream"
)

// Seq gives the values of seq as one partition. The offset is how many it has
// given: a run that goes on from one iterates seq from its start and passes
// that many over, so seq has to give the same values each time.
//
// seq runs until a batch is full, so what it waits for holds up what it gave
// before: a seq that waits for the outside world is better sent to [Chan].
// It is left, as by break, when the run ends; ctx is looked at between two
// batches. Seq panics if seq is nil.
func Seq[T any](seq iter.Seq[T]) stream.Source[T] {
	if seq == nil {
		panic("source: Seq(nil): the sequence is nil")
	}
	return sequence[T](seq)
}

type sequence[T any] iter.Seq[T]

func (s sequence[T]) String() string { return "sequence" }

// Local is stream.Local's.
func (s sequence[T]) Local() string { return "its sequence is a function in one process" }

// Open returns the one reader. It does not begin to iterate.
func (s sequence[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	r := &seqReader[T]{seq: iter.Seq[T](s)}
	if from, ok := c.Offsets[r.Partition()]; ok {
		n, err := strconv.ParseInt(from, 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("source: sequence has no value %q to go on from", from)
		}
		r.skip, r.given = n, n
	}
	return []stream.Reader[T]{r}, nil
}

// A seqReader runs seq as a coroutine that fills one batch at a turn: handing
// over single values would switch once for each.
type seqReader[T any] struct {
	seq   iter.Seq[T]
	next  func() (struct{}, bool)
	stop  func()
	batch *stream.Intake[T] // what seq fills in this turn
	ctx   context.Context   // of this turn
	skip  int64             // values to pass over
	given int64             // values given, those passed over included
	ended bool
	fault error // of seq, which has panicked
}

func (r *seqReader[T]) Partition() string { return "sequence" }

func (r *seqReader[T]) Read(ctx context.Context, b *stream.Intake[T]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.ended {
		return io.EOF
	}
	if r.next == nil {
		r.next, r.stop = iter.Pull(r.turns)
	}
	r.batch, r.ctx = b, ctx
	_, more := r.next()
	r.batch, r.ctx = nil, nil
	if more {
		return ctx.Err()
	}
	r.ended = true
	if r.fault != nil {
		return r.fault
	}
	if r.skip > 0 {
		return readError("sequence", r.given-r.skip, fmt.Errorf("it ends before value %d, where to go on: %w", r.given, io.ErrUnexpectedEOF))
	}
	return io.EOF
}

// turns iterates seq and yields whenever the batch is full or the run ends.
func (r *seqReader[T]) turns(yield func(struct{}) bool) {
	defer func() {
		if v := recover(); v != nil { // here, as iter.Pull passes it on without where it was
			r.fault = &stream.PanicError{Value: v, Where: origin.OfPanic(), Stack: debug.Stack()}
		}
	}()
	for v := range r.seq {
		if r.skip > 0 {
			if r.ctx.Err() != nil && !yield(struct{}{}) {
				return
			}
			r.skip--
			continue
		}
		r.batch.Append(v)
		r.given++
		if (r.batch.Room() == 0 || r.ctx.Err() != nil) && !yield(struct{}{}) {
			return
		}
	}
}

func (r *seqReader[T]) Offset() string { return strconv.FormatInt(r.given, 10) }

func (r *seqReader[T]) Close() error {
	if r.stop != nil {
		r.stop()
	}
	if !r.ended { // Read has not told of it
		return r.fault
	}
	return nil
}
