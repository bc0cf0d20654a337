package redissink

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
)

// A Sink writes to Redis, each event at least once: what was written since the last checkpoint comes again after a restart.
// See ExactlyOnce.
type Sink[T any] struct {
	what      string
	client    redis.UniversalClient
	config    config
	newEncode func() encode[T]
	key       func(T) string // nil where there is no key to delete
}

// An encode makes commands of an event. It is used by one writer.
type encode[T any] func(c *commands, v T) error

func newSink[T any](client redis.UniversalClient, what string, key func(T) string, opts []Option, newEncode func(*config) encode[T]) *Sink[T] {
	if client == nil {
		panic("redissink: the client is nil")
	}
	s := &Sink[T]{what: what, client: client, config: configOf(opts), key: key}
	s.newEncode = func() encode[T] { return newEncode(&s.config) }
	return s
}

// String is what a plan shows.
func (s *Sink[T]) String() string { return "redis " + s.what }

// Open makes a writer. Nothing is sent before it writes.
func (s *Sink[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	return &writer[T]{encoder: encoder[T]{encode: s.newEncode()}, sender: newSender(s.client, c, s.config)}, nil
}

// A WriteError is the error of a sink that the server does not take something from.
type WriteError struct {
	Sink    string // the operator's name
	Command string // "HSET"; empty where it was none
	Key     string
	Err     error // as the server or the client has it
}

// Error names the operator, the key and the cause, and the way out where there is one.
func (e *WriteError) Error() string {
	s := "redissink: " + e.Sink + ": "
	if e.Command != "" {
		s += fmt.Sprintf("%s %s: ", e.Command, e.Key)
	}
	s += e.Err.Error()
	if way := redisio.WayOut(e.Err); way != "" {
		s += "; " + way
	}
	return s
}

// Unwrap returns e.Err.
func (e *WriteError) Unwrap() error { return e.Err }

// An encoder gathers the commands of events.
type encoder[T any] struct {
	encode   encode[T]
	commands commands
	scripted bool // all commands are executed by scripts; else those that are joined are
}

// add adds the commands of one event of a batch.
func (e *encoder[T]) add(row int, v T) error {
	text, ends, list := e.commands.mark()
	err := e.encode(&e.commands, v)
	if err == nil {
		err = e.commands.tooLong(list, e.scripted)
	}
	if err != nil {
		e.commands.back(text, ends, list)
		return &stream.RowError{Row: row, Err: err}
	}
	return nil
}

// A writer sends commands in pipelines.
type writer[T any] struct {
	encoder[T]
	sender sender
}

// Write sends what makes a pipeline, and keeps the rest until Flush.
func (w *writer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	for row, v := range b.All() {
		if err := ctx.Err(); err != nil {
			return err // StopTimeout has passed, and no function of the caller's is called any more
		}
		if err := w.add(row, v); err != nil {
			return err
		}
		if len(w.commands.list) >= w.sender.batch || len(w.commands.text) >= mostText {
			if err := w.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush sends what is left.
func (w *writer[T]) Flush(ctx context.Context) error {
	if len(w.commands.list) == 0 {
		return nil
	}
	err := w.sender.send(ctx, &w.commands)
	w.commands.reset()
	return err
}

// Close has nothing to close: the client is the caller's.
func (w *writer[T]) Close() error { return nil }
