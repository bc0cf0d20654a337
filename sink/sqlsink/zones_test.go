package sqlsink_test

import (
	"bytes"
	"log/slog"
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

// An appointment has a time in columns of every kind.
type appointment struct {
	Local  time.Time  `sql:"local,key" zone:"Europe/Berlin"`
	Text   *time.Time `sql:"text" zone:"Europe/Berlin"`
	Day    time.Time  `sql:"day" zone:"Europe/Berlin"`
	Moment time.Time  `sql:"moment" zone:"Europe/Berlin"`
	Plain  time.Time  `sql:"plain"`
}

// What has no zone of its own is written by the clock of the tag's, in rows and in the keys of deletes, also from a checkpoint; a moment
// stays one.
func zones(t *testing.T, s *sqlservers.Server) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	at := func(hour int) time.Time { return time.Date(2026, 7, 1, hour, 30, 0, 123456000, time.UTC) }
	row := func(hour int) appointment {
		x := at(hour)
		return appointment{x.In(time.FixedZone("", 3*3600)), &x, time.Date(2026, 7, 1, 0, 0, 0, 0, berlin), x, x}
	}
	for _, saved := range []bool{false, true} {
		db := sqlservers.Open(t, s.Driver, s.DSN(t)+"&time_zone=%27%2B00%3A00%27",
			"CREATE TABLE appointments (local DATETIME(6) PRIMARY KEY, text VARCHAR(30), day DATE, moment TIMESTAMP(6) NULL, plain DATETIME(6))")
		p := stream.New("zones")
		p.From(source.Slice([]stream.Change[appointment]{
			{Kind: stream.Insert, After: row(10)},
			{Kind: stream.Insert, After: row(11)},
			{Kind: stream.Delete, Before: row(10), HasBefore: true},
			{Kind: stream.Update, Before: row(11), HasBefore: true, After: row(12)},
		})).To(sqlsink.Changes[appointment](db, "appointments", sqlsink.MySQL, sqlsink.RowsPerStatement(1)))
		opts := []stream.RunOption{stream.Shards(1)}
		if saved {
			opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))
		}
		require.NoError(t, p.Run(t.Context(), opts...))
		got := sqlservers.Query(t, db, "SELECT CAST(local AS CHAR), text, CAST(day AS CHAR), CAST(moment AS CHAR), CAST(plain AS CHAR) FROM appointments")
		assert.Equal(t, []string{"2026-07-01 14:30:00.123456|2026-07-01 14:30:00.123456|2026-07-01|2026-07-01 12:30:00.123456|2026-07-01 12:30:00.123456"}, got)
	}
}

// Who writes moments that become others hears of it; nobody else does.
func wrongMoments(t *testing.T, s *sqlservers.Server) {
	type row struct {
		ID int       `sql:"id,key"`
		At time.Time `sql:"at"`
	}
	dsn := s.DSN(t)
	for _, of := range []struct{ table, column, params, warned string }{
		{"a", "TIMESTAMP NULL", "&time_zone=%27%2B00%3A00%27", ""},
		{"b", "TIMESTAMP NULL", "&time_zone=%27%2B02%3A00%27", "2026-01-01 00:00:00 +0000 UTC becomes 2025-12-31 22:00:00 +0000 UTC"},
		{"c", "TIMESTAMP NULL", "&time_zone=%27%2B00%3A00%27&loc=Europe%2FBerlin", "2026-01-01 00:00:00 +0000 UTC becomes 2026-01-01 01:00:00 +0000 UTC"},
		{"d", "DATETIME", "&time_zone=%27%2B02%3A00%27", ""},
	} {
		db := sqlservers.Open(t, s.Driver, dsn+of.params, "CREATE TABLE "+of.table+" (id INTEGER PRIMARY KEY, at "+of.column+")")
		for _, saved := range []bool{false, true} {
			var log bytes.Buffer
			p := stream.New("moments " + of.table)
			p.From(source.Slice([]row{{1, time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)}})).To(sqlsink.Upsert[row](db, of.table, sqlsink.MySQL))
			opts := []stream.RunOption{stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))}
			if saved {
				opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))
			}
			require.NoError(t, p.Run(t.Context(), opts...))
			if of.warned == "" {
				assert.NotContains(t, log.String(), "TIMESTAMP")
			} else {
				assert.Contains(t, log.String(), of.warned)
			}
		}
	}
}
