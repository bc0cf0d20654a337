package streamtest

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// An Input is a source that gives what a test pushes. It has one partition,
// or as many as NewInput was told; each keeps its order.
type Input[T any] struct{ parts []*inputPart[T] }

// NewInput returns an empty input. The number of partitions is 1, or the one
// given.
func NewInput[T any](partitions ...int) *Input[T] {
	n := 1
	if len(partitions) > 0 {
		n = partitions[0]
	}
	in := &Input[T]{}
	for i := range n {
		in.parts = append(in.parts, &inputPart[T]{name: "partition " + strconv.Itoa(i)})
	}
	return in
}

// String describes the input.
func (in *Input[T]) String() string { return fmt.Sprintf("test input of %d partitions", len(in.parts)) }

// Push gives values without event times: a pipeline that needs them calls
// EventTime.
func (in *Input[T]) Push(values ...T) { in.PushTo(0, values...) }

// PushTo is Push into a partition.
func (in *Input[T]) PushTo(partition int, values ...T) {
	for _, v := range values {
		in.add(partition, step[T]{kind: event, value: v})
	}
}

// PushAt gives values with an event time. An event behind the watermark is
// late. Values with and without event times do not mix in an input.
func (in *Input[T]) PushAt(at time.Time, values ...T) { in.PushAtTo(0, at, values...) }

// PushAtTo is PushAt into a partition.
func (in *Input[T]) PushAtTo(partition int, at time.Time, values ...T) {
	for _, v := range values {
		in.add(partition, step[T]{kind: timed, value: v, at: timeOf(at)})
	}
}

// AdvanceWatermark promises that no event before at follows, in any partition.
func (in *Input[T]) AdvanceWatermark(at time.Time) {
	for i := range in.parts {
		in.AdvanceWatermarkOf(i, at)
	}
}

// AdvanceWatermarkOf is AdvanceWatermark for one partition.
func (in *Input[T]) AdvanceWatermarkOf(partition int, at time.Time) {
	in.add(partition, step[T]{kind: watermark, at: timeOf(at)})
}

// PushBad gives a record that is no event.
func (in *Input[T]) PushBad(record string, cause error) {
	in.add(0, step[T]{kind: bad, record: record, err: cause})
}

// Fail makes the next read fail.
func (in *Input[T]) Fail(cause error) { in.add(0, step[T]{kind: fail, err: cause}) }

// End ends the input: the watermark passes the end of time.
func (in *Input[T]) End() {
	for i := range in.parts {
		in.EndOf(i)
	}
}

// EndOf ends one partition.
func (in *Input[T]) EndOf(partition int) { in.add(partition, step[T]{kind: end}) }

func timeOf(at time.Time) window.Time {
	t, ok := window.At(at)
	if !ok {
		panic(fmt.Sprintf("streamtest: %v is outside the years 1678 to 2261", at))
	}
	return t
}

func (in *Input[T]) add(partition int, s step[T]) {
	p := in.parts[partition]
	p.steps = append(p.steps, s)
}

// Open returns the partitions. Where the run begins with a checkpoint, they
// pass over as much of what has been pushed as had been read.
func (in *Input[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	var readers []stream.Reader[T]
	for _, p := range in.parts {
		if at, ok := c.Offsets[p.name]; ok {
			n, err := strconv.Atoi(at)
			if err != nil {
				return nil, fmt.Errorf("streamtest: offset %q of %s", at, p.name)
			}
			p.next = n
		}
		readers = append(readers, p)
	}
	return readers, nil
}

// A step is one thing that a test does to an input.
type step[T any] struct {
	kind   stepKind
	value  T
	at     window.Time
	record string
	err    error
}

type stepKind uint8

const (
	event stepKind = iota
	timed
	watermark
	bad
	fail
	end
)

type inputPart[T any] struct {
	name  string
	steps []step[T] // from next on not yet read
	next  int
}

func (p *inputPart[T]) Partition() string { return p.name }
func (p *inputPart[T]) Waits() bool       { return true }
func (p *inputPart[T]) Offset() string    { return strconv.Itoa(p.next) }
func (p *inputPart[T]) Close() error      { return nil }

// Read gives events up to the next watermark, so that what follows it is held
// against it.
func (p *inputPart[T]) Read(_ context.Context, b *stream.Intake[T]) error {
	for any := false; p.next < len(p.steps); any = true {
		s := p.steps[p.next]
		if b.Room() == 0 || any && (s.kind == end || s.kind == fail) {
			return nil
		}
		p.next++
		switch s.kind {
		case event:
			b.Append(s.value)
		case timed:
			b.AppendAt(s.value, s.at)
		case watermark:
			b.SetWatermark(s.at)
			return nil
		case bad:
			b.Reject([]byte(s.record), int64(p.next-1), s.err)
		case fail:
			return s.err
		case end:
			p.next-- // a run that begins behind it has to hear of it too
			return io.EOF
		}
		if p.next == len(p.steps) {
			return nil
		}
	}
	return stream.ErrNothing
}
