package sqlsink

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// Statement executes statement for each event, with the arguments that row makes of
// its value, one for each placeholder:
//
//	sqlsink.Statement(db, "INSERT INTO sales (shop, amount) VALUES (?, ?)",
//		func(s Sale) []any { return []any{s.Shop, s.Amount} })
//
// The caller opens db, with a driver of their own, and closes it behind Run.
// Arguments may be of what database/sql takes by default: numbers, bools,
// strings, []byte, time.Time, nil, pointers to them and [driver.Valuer]. A nil
// []byte is NULL. A value of which no arguments can be made is a failure of its event.
//
// In a run with [stream.Checkpoints] every event is executed exactly once. The
// arguments are kept in memory and become a part of the checkpoint. When that
// is durable, one transaction executes them all and notes the checkpoint's id,
// in a table named freshet_commits that is made if it is missing, under the
// names of the pipeline and the operator. So results can be seen when the checkpoint
// has come about, all at once. A run that begins with an older checkpoint than
// the one noted, or with none, is refused with a [*stream.RewindError]. It costs
// the memory of the rows between two checkpoints, their place in the
// checkpoint, and one execution each; see [MaxRows]. One whose checkpoint holds
// that a newer id had been noted, as the database was deleted or put back from a copy, is
// refused with a [*stream.LostResultsError].
//
// A row that the database refuses then is a failure, too: with
// [stream.SkipFailures] it is left out and counted, with [stream.Divert] it is in the stream of
// failures, with a [*RefusedError] and no position, and all others are executed once. By default it
// fails the run, and again whenever it begins again, as the checkpoint has promised
// it; a run with one of these options goes on. For Divert the values are kept in the checkpoint beside the arguments, so they have to be
// such that [codec.Binary] can store. A row of a checkpoint that was made
// without Divert has no value in the stream of failures. The statement may be changed while rows wait in a
// checkpoint if it takes as many arguments, in the same order; with more or fewer it is refused.
//
// In a run without, each batch is one transaction, and every event is executed
// at least once. A row that the database refuses is a failure of
// its event; the events before it have been written. With a statement that
// says what becomes of a row which is there already, as INSERT ... ON CONFLICT
// (key) DO UPDATE or INSERT ... ON DUPLICATE KEY UPDATE, the table is the same
// however often an event comes: that is as good as once.
//
// Instances execute at once, each with a connection of db; those of a run with
// checkpoints share the connection that commits. The statement is prepared
// when the sink is opened. It is tested with SQLite, MariaDB, whose tables have to be transactional, and PostgreSQL,
// which needs [Dollars].
//
// What passes is no row's fault: a lock that another has, a deadlock, a connection that was lost, a
// database that restarts. The transaction is tried again, after waits that double from 5 ms to
// a second, half of them by chance, for as long as [Retry] says; then it is a [*sink.WriteError],
// which [stream.Restarts] takes up. What cannot be placed ends
// the run at once with a *sink.WriteError, so that no row is lost; see [Faults]. Only one run at a time
// may use a pipeline's name with a database: an earlier one that goes on meanwhile ends with a [*FencedError].
func Statement[T any](db *sql.DB, query string, row func(T) []any, opts ...Option) stream.Sink[T] {
	if db == nil || row == nil {
		panic("sqlsink: Statement: the database or the function row is nil")
	}
	var s *typed[T]
	s = newTyped(configure(opts), db, statement(query), func() func([]any, T) ([]any, error) {
		return func(args []any, v T) ([]any, error) { return convert(args, row(v), s) }
	})
	return s
}

// convert appends arguments as drivers get them.
func convert(args, row []any, of fmt.Stringer) ([]any, error) {
	for i, a := range row {
		x, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err == nil && !isValue(x) {
			err = fmt.Errorf("a %T cannot be stored in a checkpoint", x)
		}
		if err != nil {
			return nil, fmt.Errorf("sink: argument %d of %s: %w", i+1, of, err)
		}
		switch v := x.(type) {
		case []byte:
			if v == nil {
				x = nil
			}
		case time.Time:
			x = v.Round(0) // some drivers would send the monotonic clock's too
		}
		args = append(args, x)
	}
	return args, nil
}
