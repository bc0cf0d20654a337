package redissource

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
)

// A Source reads from Redis. Its value is a description, which may be opened again once a run is
// over; its statistics go on.
type Source[T any] struct {
	what   string
	client redis.UniversalClient
	config config
	stats  counters
	open   func(*opened) ([]stream.Reader[T], error)
	alone  string // why other processes may not read beside it
}

// An opened source is what its readers share.
type opened struct {
	*stream.SourceContext
	config
	client redis.UniversalClient
	stats  *counters
}

func newSource[T any](client redis.UniversalClient, what string, opts []Option, open func(*opened) ([]stream.Reader[T], error)) *Source[T] {
	if client == nil {
		panic("redissource: the client is nil")
	}
	return &Source[T]{what: what, client: client, config: configOf(opts), open: open}
}

// Open makes the readers. Nothing is asked of the server before a reader is read, other than where
// its stream ends.
func (s *Source[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	return s.open(&opened{c, s.config, s.client, &s.stats})
}

// FixedPartitions says that several processes may open the source, each to read some of its keys, but for a Group: see [stream.Fixed].
func (s *Source[T]) FixedPartitions() string { return s.alone }

// String is what a plan shows.
func (s *Source[T]) String() string { return s.what }

// Stats returns what the source has counted since it was made. Any goroutine may call it.
func (s *Source[T]) Stats() Stats {
	c := &s.stats
	return Stats{
		Read: c.read.Load(), Rejected: c.rejected.Load(), Lost: c.lost.Load(), Dropped: c.dropped.Load(),
		Claimed: c.claimed.Load(), Repeated: c.repeated.Load(), Skipped: c.skipped.Load(), Retries: c.retries.Load(),
	}
}

// Stats are what a source has counted.
type Stats struct {
	Read     int64 // values that the pipeline was given
	Rejected int64 // values that could not be decoded
	Lost     int64 // entries that were trimmed or deleted before they were read
	Dropped  int64 // messages for which the queue had no room
	Claimed  int64 // entries that were taken over from consumers that are dead
	Repeated int64 // of Read, those that had been delivered to a consumer before: they may have been read
	Skipped  int64 // entries that were delivered again and are in the checkpoint already
	Retries  int64 // calls that failed for a reason which passes, and were made again
}

type counters struct {
	read, rejected, lost, dropped, claimed, repeated, skipped, retries atomic.Int64
}

// ErrLost is the error of a source that was told by FailOnLoss to end the run, when entries were
// trimmed or deleted before it could read them.
var ErrLost = errors.New("redissource: entries were trimmed before they were read")

// ErrReplaced is the error of a source that was to go on in a stream, where that has been deleted and
// made anew: its entries have smaller ids than the one to go on from.
var ErrReplaced = errors.New("redissource: the stream has been replaced")

// A ReadError is the error of a source that cannot read.
type ReadError struct {
	Source string // what was read: "stream orders"
	Err    error  // why, as the server or the client has it
}

// Error names the place and the cause, and the way out where there is one.
func (e *ReadError) Error() string {
	s := fmt.Sprintf("redissource: read %s: %v", e.Source, e.Err)
	if way := redisio.WayOut(e.Err); way != "" {
		s += "; " + way
	}
	return s
}

// Unwrap returns e.Err.
func (e *ReadError) Unwrap() error { return e.Err }

// logger is never nil.
func (o *opened) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// lose counts and logs entries that nobody can read any more.
func (o *opened) lose(n int64, key, why string) error {
	if n <= 0 {
		return nil
	}
	o.stats.lost.Add(n)
	o.logger().Error("entries are lost", "key", key, "entries", n, "cause", why)
	if o.failOnLoss {
		return &ReadError{key, fmt.Errorf("%w: %d entries, %s; to go on without them, run without FailOnLoss until a checkpoint has been taken", ErrLost, n, why)}
	}
	return nil
}
