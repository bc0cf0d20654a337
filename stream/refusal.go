package stream

import (
	"context"
	"io"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A SkippingCommitter is a Committer that can leave out rows which its place
// refuses. Without it, one such row fails every run that begins with the
// checkpoint.
type SkippingCommitter interface {
	Committer
	// CommitSkipping is Commit for an operator with SkipFailures or Divert. All
	// rows appear but those that it returns, whose own fault it is that they
	// cannot. That they are left out has to be noted together with the results, be it all
	// or nothing: called again with the same arguments it returns the same rows.
	CommitSkipping(ctx context.Context, id int64, prepared [][]byte) ([]Refusal, error)
}

// A Refusal is a row that a SkippingCommitter has left out.
type Refusal struct {
	// Value is that of the event, of the type that the sink takes: with Divert it is in the stream
	// of failures. It may be nil, where what was prepared does not hold it.
	Value any
	Time  Time
	// Row is what Prepare would have returned for this row alone. Where the stream of failures
	// has ended already, it is committed again with the next checkpoint.
	Row []byte
	Err error // why; it names the row
}

// restedReaders are those of a source in a run that only passes on what the last
// commit of the run before has refused: all has been read.
func restedReaders[T any](sources []keeper.Source) (all []anyReader) {
	for _, s := range sources {
		all = append(all, rested[T]{s})
	}
	return all
}

type rested[T any] struct{ from keeper.Source }

func (r rested[T]) Partition() string                      { return r.from.Partition }
func (r rested[T]) Offset() string                         { return r.from.Offset }
func (r rested[T]) Read(context.Context, *Intake[T]) error { return io.EOF }
func (r rested[T]) Close() error                           { return nil }
