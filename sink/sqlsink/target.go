package sqlsink

import (
	"database/sql"
	"fmt"
	"runtime/debug"

	"github.com/freshet-go/freshet/internal/sqldb"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A target is a sink: what is executed, and of what.
type target[T any] struct {
	config
	db   *sql.DB
	plan plan

	// newArguments returns what appends the arguments of an event, for one goroutine.
	newArguments func() func(args []any, v T) ([]any, error)
}

// String returns the statement, as far as it fits in a line.
func (s *target[T]) String() string { return sqldb.Shorten(s.plan.String(), 60) }

func (s *target[T]) failed(err error) error {
	if err == nil {
		return nil
	}
	return &sink.WriteError{Sink: s.String(), Err: err}
}

// Open returns a writer that executes, or in a run with checkpoints one that
// gathers for the committer.
func (s *target[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	arguments := s.safeArguments()
	if c.Transactional {
		w := &gatherer[T]{sink: s, noted: s.plan.noted(), ask: c.Checkpoint, arguments: arguments}
		if c.Diverts {
			values, err := codec.TryBinary[T]()
			if err != nil {
				return nil, fmt.Errorf("sink: %s with Divert keeps its values in checkpoints: %w", s, err)
			}
			w.values = values.NewEncoder()
		}
		return w, nil
	}
	w := &writer[T]{target: s, logger: c.Logger, arguments: arguments}
	err := s.again(c.Context, c.Logger, func() (err error) {
		w.opened, err = s.plan.prepare(c.Context, s.db)
		return err
	})
	if err != nil {
		return nil, s.failed(err)
	}
	return w, nil
}

// safeArguments is newArguments with all that goes wrong as an argumentError.
func (s *target[T]) safeArguments() func(args []any, v T) ([]any, error) {
	arguments := s.newArguments()
	return func(args []any, v T) (_ []any, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = &argumentError{&stream.PanicError{Value: r, Stack: debug.Stack()}}
			}
		}()
		if args, err = arguments(args, v); err != nil {
			return nil, &argumentError{err}
		}
		return args, nil
	}
}
