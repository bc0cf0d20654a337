package sqlsink_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A poison row is one that the driver refuses, or the database with a number that nobody knows.
type poison struct {
	ID   int64     `sql:"id,key"`
	Size int64     `sql:"size"`
	At   time.Time `sql:"at"`
}

// A row among many that a checkpoint has promised is named whatever is wrong with it, and can be left out: no checkpoint is one with
// which each later run fails, and nobody knows why.
func poisonRows(t *testing.T, s *sqlservers.Server) {
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	signal := "CREATE TRIGGER refuse BEFORE INSERT ON poison FOR EACH ROW IF NEW.size = 13 THEN SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31999, MESSAGE_TEXT = 'nobody knows'; END IF"
	if s.Name == "PostgreSQL" {
		signal = "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN IF NEW.size = 13 THEN RAISE EXCEPTION 'nobody knows' USING ERRCODE = 'ZZ999'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql;" +
			"CREATE TRIGGER refuse BEFORE INSERT ON poison FOR EACH ROW EXECUTE FUNCTION refuse()"
	}
	for _, of := range []struct {
		bad     poison
		unknown bool
	}{
		{bad: poison{7, 1, time.Date(9999, 12, 31, 23, 30, 0, 0, time.UTC)}}, // of year 10000 in Berlin: go-sql-driver refuses it
		{bad: poison{7, 3_000_000_000, noon}},                                // pgx refuses it
		{bad: poison{7, 13, noon}, unknown: true},
	} {
		dsn, at := s.DSN(t), "TIMESTAMPTZ"
		if s.Name != "PostgreSQL" {
			dsn, at = dsn+"&loc=Europe%2FBerlin", "DATETIME"
		} else if of.bad.At != noon {
			continue // it has no such limit
		}
		db := sqlservers.Open(t, s.Driver, dsn, "CREATE TABLE poison (id BIGINT PRIMARY KEY, size INTEGER, at "+at+")", signal)
		var all []poison
		for i := range 20 {
			all = append(all, poison{int64(i), int64(i), noon})
		}
		all[13].Size = 0
		all[7] = of.bad
		store := checkpoint.Memory()
		run := func(faults func(error) sqlsink.Fault, opts ...stream.Option) error {
			p := stream.New("poison")
			p.From(source.Slice(all)).To(sqlsink.Upsert[poison](db, "poison", dialects[s.Name], sqlsink.Faults(faults), sqlsink.Retry(0)), append(opts, stream.Name("rows"))...)
			return p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(store, time.Hour))
		}
		asIs := func(error) sqlsink.Fault { return sqlsink.UnknownFault }
		err := run(asIs)
		refused, ok := errors.AsType[*sqlsink.RefusedError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, int64(7), refused.Args[0], "%v", err)
		assert.ErrorContains(t, err, `row "poison/rows" of table freshet_commits hold 1`)
		faults := asIs
		if of.unknown {
			assert.ErrorContains(t, err, "have Faults say so")
			require.Error(t, run(asIs, stream.SkipFailures()), "nobody knows that it is the row's fault")
			faults = func(error) sqlsink.Fault { return sqlsink.RowFault }
		}
		require.NoError(t, run(faults, stream.SkipFailures()))
		assert.Len(t, sqlservers.Query(t, db, "SELECT id FROM poison WHERE id <> 7"), 19)
	}
}

// A time that MySQL does not have is a failure of its event before a checkpoint promises the row, in Upsert and in Changes.
func TestYears(t *testing.T) {
	db := sqlservers.Open(t, "mysql", "root@tcp(127.0.0.1:1)/nowhere") // which nobody asks
	open := func(s stream.Sink[poison]) stream.Writer[poison] {
		w, err := s.Open(committing(t))
		require.NoError(t, err)
		return w
	}
	for year, bad := range map[int]bool{-1: true, 0: true, 1: false, 1969: false, 9999: false, 10000: true, 200000: true} {
		in := stream.NewIntake[poison](1)
		in.Append(poison{ID: 1, At: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
		err := open(sqlsink.Upsert[poison](db, "poison", sqlsink.MySQL)).Write(t.Context(), in.Batch())
		changes := stream.NewIntake[stream.Change[poison]](1)
		changes.Append(stream.Change[poison]{Kind: stream.Insert, After: poison{ID: 1, At: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}})
		w, e := sqlsink.Changes[poison](db, "poison", sqlsink.MySQL).Open(committing(t))
		require.NoError(t, e)
		for _, err := range []error{err, w.Write(t.Context(), changes.Batch())} {
			row, ok := errors.AsType[*stream.RowError](err)
			require.Equal(t, bad, ok, "year %d: %v", year, err)
			if bad {
				assert.ErrorContains(t, row, fmt.Sprintf("field At of column at: MySQL has the years from 1 to 9999, and not %d", year))
			}
		}
	}
}
