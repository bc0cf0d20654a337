package engine

import (
	"context"
	"errors"
)

// ErrNothing is what a read may return when there is nothing at the moment.
var ErrNothing = errors.New("stream: nothing to read for now")

// A reader reads one partition; see stream.Reader.
type reader interface {
	Partition() string
	Offset() string
	Close() error
}

// A drainer is a reader that is told to take no more; see stream.Drainer.
type drainer interface{ Drain() }

// An acknowledger is a reader that is told what is durable; see stream.Acknowledger.
type acknowledger interface {
	Commit(ctx context.Context, offset string) error
}

// An entry is how a reading gets events of some type.
type entry interface {
	// Fill reads from a partition, and returns how many events it has given, and how
	// many records that are none.
	Fill(ctx context.Context, p *Partition) (events, rejected int, err error)
	// Pass sends what was read through the stage. Promised is the watermark
	// that the partition had before.
	Pass(p *Partition, promised Time) error
	Control(Control) error
}
