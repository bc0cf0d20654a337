package audit

import (
	"context"
	"iter"
)

// Lines are those of a log: each an entry, without a line end, in order.
type Lines interface {
	// Lines gives all lines from the first on, and ends with the first error. What it gives is the
	// caller's until the next one.
	Lines(ctx context.Context) iter.Seq2[[]byte, error]
}

// Storage is where a log is: a file ([File]), a table (package sqlaudit), or a place of the caller's own. A Log calls
// one method at a time, Open first and Close last; a Verify may call Lines meanwhile.
type Storage interface {
	Lines
	// Open begins to write, and keeps others from it as far as it can. Where the last line is
	// unfinished, it removes that and returns how many bytes it had.
	Open(ctx context.Context) (left int, err error)
	// Append adds a line behind the last one. It is durable when Append returns. Seq is its number,
	// from 1: a place that knows numbers refuses one that it has.
	Append(ctx context.Context, seq int64, line []byte) error
	Close() error
}
