package sqlsink

import (
	"context"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/sqldb"
)

// A Fault says what is to be done about an error of a database.
type Fault int

const (
	UnknownFault = Fault(sqldb.FaultUnknown) // end the run: nothing is lost by that
	RowFault     = Fault(sqldb.FaultOfRow)   // the database refuses this row, and would again: it is a failure of its event
	PassingFault = Fault(sqldb.FaultPassing) // it has to do with no row, and passes: try again
)

// Faults sets who says what an error of the database means. Of returns
// UnknownFault for what it leaves to the sink, which knows the errors of PostgreSQL
// (SQLSTATE), MySQL and MariaDB (numbers), SQLite (result codes), of connections and
// of time that has run out. Of is given the database's error, without the row, and may be
// called by several goroutines.
func Faults(of func(error) Fault) Option {
	if of == nil {
		panic("sqlsink: Faults(nil)")
	}
	return func(c *config) {
		c.fault = func(err error) Fault {
			if f := of(err); f != UnknownFault {
				return f
			}
			return faultOf(err)
		}
	}
}

// An argumentError is of a value of which no arguments can be made.
type argumentError struct{ err error }

func (e *argumentError) Error() string { return e.err.Error() }
func (e *argumentError) Unwrap() error { return e.err }

// faultOf says what an error means. It goes by what the database says: the text of a
// RefusedError has the row in it, which may read like any other error.
func (s *target) faultOf(err error) Fault {
	if _, ok := errors.AsType[*argumentError](err); ok {
		return RowFault
	}
	if _, ok := errors.AsType[*changedError](err); ok {
		return UnknownFault // whatever the caller makes of what is unknown
	}
	if _, ok := errors.AsType[*conflictError](err); ok {
		return PassingFault
	}
	if _, ok := errors.AsType[*FencedError](err); ok {
		return UnknownFault
	}
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		err = refused.Err
	}
	return s.fault(err)
}

// unplaced adds to an error that cannot be placed what to do about it.
func (s *target) unplaced(err error) error {
	if err == nil || s.faultOf(err) != UnknownFault || errors.Is(err, context.Canceled) {
		return err
	}
	if _, ok := errors.AsType[*FencedError](err); ok {
		return err
	}
	return fmt.Errorf("%w (whether that is a row's own fault is not known: see Faults)", err)
}

// isTwice reports whether PostgreSQL says that a statement upserts a row twice: of keys
// that only the database knows to be equal. One after the other they can be.
func isTwice(err error) bool {
	x, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	return ok && x.SQLState() == "21000"
}

// faultOf is what the sink knows of errors by itself.
func faultOf(err error) Fault { return Fault(sqldb.FaultOf(err)) }
