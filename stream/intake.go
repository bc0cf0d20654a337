package stream

import (
	"errors"

	"github.com/freshet-go/freshet/internal/engine"
)

// An Intake is what a Reader puts events into, and records that are no events.
// Either all events of one Read have event times or none has, and either all are marked
// or none is; anything else is an error of the reader that ends the run.
type Intake[T any] struct{ b Batch[T] }

// Room returns how many more events may be put in.
func (in *Intake[T]) Room() int { return cap(in.b.values) - len(in.b.values) }

// Len returns how many events have been put in.
func (in *Intake[T]) Len() int { return len(in.b.values) }

// Append puts in events without event times.
func (in *Intake[T]) Append[_ lazily](vs ...T) {
	if len(vs) == 1 { // most calls: this costs no call
		in.b.values = append(in.b.values, vs[0])
		return
	}
	in.b.values = append(in.b.values, vs...)
}

// AppendAt puts in an event with its event time, which is after window.MinTime and before window.MaxTime;
// anything else is an error of the reader that ends the run.
func (in *Intake[T]) AppendAt[_ lazily](v T, at Time) {
	in.b.values = append(in.b.values, v)
	in.b.head.times = append(in.b.head.times, at)
}

// Lend puts in events without copying them: the reader must not change vs
// while the run lasts. It has to be the only call that puts in events.
func (in *Intake[T]) Lend[_ lazily](vs []T) { in.b.values = vs[:len(vs):len(vs)] }

// Next puts in a zero event and returns it to be filled in place. Unread takes it
// back if that fails.
func (in *Intake[T]) Next[_ lazily]() *T {
	var zero T
	in.b.values = append(in.b.values, zero)
	return &in.b.values[len(in.b.values)-1]
}

// Unread takes the last event out again.
func (in *Intake[T]) Unread[_ lazily]() { in.b.values = in.b.values[:len(in.b.values)-1] }

// Extend puts in n zero events, Room of them at most, and returns them to be filled in
// place, column by column say. Truncate takes back those that could not be.
func (in *Intake[T]) Extend[_ lazily](n int) []T {
	from := len(in.b.values)
	in.b.values = in.b.values[:from+n]
	clear(in.b.values[from:])
	return in.b.values[from : from+n : from+n]
}

// Truncate takes the last events out again, so that n are left. It is called before they are
// marked.
func (in *Intake[T]) Truncate[_ lazily](n int) { in.b.values = in.b.values[:n] }

// Mark notes where in its partition the last event put in stands: a number
// from 0 to 2^48-1, such as a byte offset; any other is an error of the reader that ends the run. Errors name the place, see
// Locator, and events of one partition and one event time stand in the order of these numbers, whichever was put in first. So they should
// ascend: one that is lower than one before, as of a file that was cut, is no error. Where no event is marked,
// they are numbered from 0.
func (in *Intake[T]) Mark[_ lazily](position int64) {
	in.b.head.mark(position)
}

// SetWatermark promises that no event before wm follows in the partition,
// other than late ones. One that is lower than one before is passed over, as a watermark never goes back: the higher one
// still holds, and the log says so, once a run. It is for readers that know; where the
// data tells, EventTime is the way. A Read without events may promise one: a
// heartbeat of a partition that has nothing to give. EventTime takes it for
// a watermark of the partition where the source's events have no times of
// their own.
func (in *Intake[T]) SetWatermark[_ lazily](wm Time) {
	in.b.head.part.Promise(wm)
}

// SetIdle says that the partition has nothing for now, as at the end of what is
// there: it is not waited for, and what it gives later may be late. That lasts
// until it gives an event, or a watermark that is higher. It is for readers that
// promise watermarks; for event times that EventTime takes there is Idle.
func (in *Intake[T]) SetIdle[_ lazily]() { in.b.head.part.SaysIdle = true }

// Reject hands in a record that is no event, with its place and the reason.
// What becomes of it is for the pipeline to say: by default the run stops. The
// record is copied.
func (in *Intake[T]) Reject[_ lazily](record []byte, position int64, cause error) {
	if cause == nil {
		cause = errors.New("its reader has rejected it without a reason")
	}
	in.b.head.rejects = append(in.b.head.rejects, Rejected{append([]byte(nil), record...), position, cause})
}

// A Rejected is a record that a reader handed to Reject.
type Rejected struct {
	Record   []byte
	Position int64
	Err      error
}

// NewIntake returns an empty intake for a reader to fill, as Run would hand it.
// It is for tests of readers, as Batch, Rejected and Position are.
func NewIntake[T any](room int) *Intake[T] {
	part := &engine.Partition{Name: "test", Front: engine.MinTime, Promised: engine.MinTime}
	return &Intake[T]{Batch[T]{head: header{part: part, seq: part.Seq()}, values: make([]T, 0, room)}}
}

// Batch returns the events that were put in, as an operator sees them.
func (in *Intake[T]) Batch[_ lazily]() *Batch[T] { return &in.b }

// Rejected returns the records handed to Reject.
func (in *Intake[T]) Rejected[_ lazily]() []Rejected { return in.b.head.rejects }

// Position returns what Mark noted for the event of a row.
func (in *Intake[T]) Position[_ lazily](row int) int64 {
	return int64(in.b.head.seqOf(row) & (1<<engine.SeqBits - 1))
}
