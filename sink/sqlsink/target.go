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

// A target is what of a sink does not depend on the type of its events: so it is compiled once.
type target struct {
	config
	db   *sql.DB
	plan plan

	// readValue reads a value that a checkpoint keeps for Divert.
	readValue func(kept []byte) (any, error)
}

// String returns the statement, as far as it fits in a line.
func (s *target) String() string { return sqldb.Shorten(s.plan.String(), 60) }

func (s *target) failed(err error) error {
	if err == nil {
		return nil
	}
	return &sink.WriteError{Sink: s.String(), Err: err}
}

// A typed target is a sink of events of type T.
type typed[T any] struct {
	*target
	// newArguments returns what appends the arguments of an event, for one goroutine.
	newArguments func() func(args []any, v T) ([]any, error)
	// newPut returns what appends them to a checkpoint as appendArguments does, for one goroutine.
	newPut func() func(b []byte, v T) ([]byte, error)
}

func newTyped[T any](c config, db *sql.DB, plan plan, newArguments func() func([]any, T) ([]any, error)) *typed[T] {
	s := &typed[T]{target: &target{config: c, db: db, plan: plan, readValue: readValue[T]}, newArguments: newArguments}
	s.newPut = func() func([]byte, T) ([]byte, error) {
		arguments, args := newArguments(), []any(nil)
		return func(b []byte, v T) (_ []byte, err error) {
			if args, err = arguments(args[:0], v); err != nil {
				return nil, err
			}
			return appendArguments(b, args), nil
		}
	}
	return s
}

// Open returns a writer that executes, or in a run with checkpoints one that
// gathers for the committer.
func (s *typed[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	if c.Transactional {
		w := &gatherer[T]{gathering: gathering{sink: s.target, noted: s.plan.noted(), ask: c.Checkpoint}, put: guarded(s.newPut())}
		if c.Diverts {
			values, err := codec.TryBinary[T]()
			if err != nil {
				return nil, fmt.Errorf("sink: %s with Divert keeps its values in checkpoints: %w", s, err)
			}
			w.values = values.NewEncoder()
		}
		return w, nil
	}
	w := &writer[T]{writing: writing{target: s.target, logger: c.Logger}, arguments: guarded(s.newArguments())}
	err := s.again(c.Context, c.Logger, func() (err error) {
		if c.Instance == 0 {
			err = s.doubt(c)
		}
		if err == nil {
			w.opened, err = s.plan.prepare(c.Context, s.db)
		}
		return err
	})
	if err != nil {
		return nil, s.failed(err)
	}
	return w, nil
}

// doubt warns of what is doubtful.
func (s *target) doubt(c *stream.SinkContext) error {
	doubt, err := s.plan.doubtful(c.Context, s.db)
	if doubt != nil && c.Logger != nil {
		c.Logger.Warn("times will not be what they seem", "sink", s.String(), "cause", doubt)
	}
	return err
}

// guarded is f with all that goes wrong as an argumentError.
func guarded[B, T any](f func([]B, T) ([]B, error)) func([]B, T) ([]B, error) {
	return func(b []B, v T) (_ []B, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = &argumentError{&stream.PanicError{Value: r, Stack: debug.Stack()}}
			}
		}()
		if b, err = f(b, v); err != nil {
			return nil, &argumentError{err}
		}
		return b, nil
	}
}

// readValue reads what the encoder of a gatherer has written.
func readValue[T any](kept []byte) (any, error) {
	format, err := codec.TryBinary[T]()
	if err != nil {
		return nil, err
	}
	dec := format.NewDecoder()
	_, record, err := dec.Split(kept, true)
	if err != nil {
		return nil, err
	}
	var v T
	if err := dec.Decode(record, &v); err != nil {
		return nil, err
	}
	return v, nil
}
