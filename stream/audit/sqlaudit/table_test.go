package sqlaudit

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/audit"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

func database(t *testing.T, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "db"))
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err)
	}
	return db
}

// A log in a table is verified as one in a file, and two that write it do not fork it. What a database refuses of
// a commit is in it.
func TestTable(t *testing.T) {
	db := database(t, "CREATE TABLE audit (seq BIGINT PRIMARY KEY, entry TEXT NOT NULL)", "CREATE TABLE numbers (n INTEGER CHECK (n <> 2))")
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	l, err := audit.Open(t.Context(), Table(db, "audit"), key)
	require.NoError(t, err)
	late, err := audit.Open(t.Context(), Table(db, "audit"), key)
	require.NoError(t, err)

	p := stream.New("numbers")
	p.From(source.Slice([]int{1, 2, 3})).
		To(sqlsink.Statement(db, "INSERT INTO numbers (n) VALUES (?)", func(n int) []any { return []any{n} }), stream.Name("rows"), stream.SkipFailures())
	require.NoError(t, l.Run(t.Context(), p, stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), time.Hour)))
	require.ErrorContains(t, late.Note(t.Context(), "fork"), "entry 2 (fork) cannot be written")

	keys := []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}
	var refused []audit.Entry
	report, err := audit.Verify(t.Context(), Table(db, "audit"), keys, audit.Against(l.Head()), audit.Each(func(e audit.Entry) {
		if e.What == audit.RowsRefused {
			refused = append(refused, e)
		}
	}))
	require.NoError(t, err)
	require.Equal(t, l.Head().Seq, report.Entries)
	require.Len(t, refused, 1)
	require.Equal(t, "rows", refused[0].Operator)
	require.Equal(t, "1", refused[0].Detail["rows"])
	require.NoError(t, l.Close())

	_, err = db.Exec("CREATE TABLE whole AS SELECT * FROM audit")
	require.NoError(t, err)
	for _, attack := range []string{
		"DELETE FROM audit WHERE seq = 3",
		"UPDATE audit SET seq = 1000 WHERE seq = 2",
		"UPDATE audit SET entry = replace(entry, 'begins', 'ended') WHERE seq = 3",
		"DELETE FROM audit WHERE seq > 4",
	} {
		for _, s := range []string{"DELETE FROM audit", "INSERT INTO audit SELECT * FROM whole", attack} {
			_, err := db.Exec(s)
			require.NoError(t, err)
		}
		_, err = audit.Verify(context.Background(), Table(db, "audit"), keys, audit.Against(l.Head()))
		require.ErrorIs(t, err, audit.ErrTampered, attack)
	}
	require.Panics(t, func() { Table(db, "audit; DROP TABLE numbers") })
	require.Panics(t, func() { Table(nil, "audit") })
	_, err = audit.Open(t.Context(), Table(db, "none"), key)
	require.Error(t, err)
	require.Equal(t, "$1, $2", of(db, "audit", []Option{Dollars()}).marks)
}
