package sqlsource_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

type numbered struct {
	ID int64 `sql:"id,key"`
}

// otherEngine returns a database, and what builds a pipeline that copies a source of numbers into its table seen.
func otherEngine(t *testing.T, src func(*sql.DB) stream.Source[numbered]) (db *sql.DB, build func() any) {
	db = sqlservers.SQLite(t).Open(t, "CREATE TABLE numbers (id INTEGER PRIMARY KEY)", "CREATE TABLE seen (id INTEGER NOT NULL)")
	return db, func() any {
		p := stream.New("other engine")
		p.From(src(db), stream.Name("numbers")).
			To(sqlsink.Statement(db, "INSERT INTO seen (id) VALUES (?)", func(n numbered) []any { return []any{n.ID} }), stream.Name("seen"))
		return p
	}
}

func inserted(t *testing.T, db *sql.DB, from, to int) (all []string) {
	for i := from; i < to; i++ {
		_, err := db.Exec("INSERT INTO numbers VALUES (?)", i)
		require.NoError(t, err)
		all = append(all, fmt.Sprint(i))
	}
	return all
}

func seen(t *testing.T, db *sql.DB) []string {
	return sqlservers.Query(t, db, "SELECT id FROM seen ORDER BY id")
}

// In another engine each part of a table is read by an instance, and a table that is polled by one: each row comes once, though jobs are killed and go on with other numbers of instances.
func TestOtherEngine(t *testing.T) {
	db, build := otherEngine(t, func(db *sql.DB) stream.Source[numbered] {
		return sqlsource.Table[numbered](db, "numbers", sqlsource.SQLite, sqlsource.Ranges(3), sqlsource.PageRows(7))
	})
	want := inserted(t, db, 100, 300)
	doortest.Disturb(t, build, rand.New(rand.NewPCG(1, 13)))
	require.Equal(t, want, seen(t, db))

	db, build = otherEngine(t, func(db *sql.DB) stream.Source[numbered] {
		return sqlsource.Poll[numbered](db, "numbers", sqlsource.SQLite, sqlsource.Every(time.Millisecond), sqlsource.PageRows(7))
	})
	want = inserted(t, db, 100, 200)
	next := func(life int) { want = append(want, inserted(t, db, 200+20*life, 220+20*life)...) }
	doortest.DisturbEndless(t, build, rand.New(rand.NewPCG(2, 13)), next, func() bool { return len(seen(t, db)) >= len(want) })
	require.Equal(t, want, seen(t, db))
}

// The parts of a table are those that it had when they were handed out, also for instances that are opened when it has grown.
func TestOtherEngineParts(t *testing.T) {
	db, build := otherEngine(t, func(db *sql.DB) stream.Source[numbered] {
		return sqlsource.Table[numbered](db, "numbers", sqlsource.SQLite, sqlsource.Ranges(4))
	})
	inserted(t, db, 0, 100)
	var mu sync.Mutex
	n := 100
	job, err := doortest.Start(t.Context(), build, doortest.Options{
		Config: door.Config{Shards: 2, Batch: 10, Checkpoints: true},
		Open: func(pipeline any, o door.Opening) (door.Instance, error) {
			mu.Lock()
			defer mu.Unlock()
			if o.Plan.Stage(o.Stage).Kind == door.Source {
				inserted(t, db, n, n+50)
				n += 50
			}
			return door.Open(pipeline, o)
		},
	})
	require.NoError(t, err)
	require.NoError(t, job.Wait(t.Context()))
	got := seen(t, db)
	require.Len(t, slices.Compact(slices.Clone(got)), len(got), "no row comes twice")
	var want []string
	for i := range n {
		want = append(want, fmt.Sprint(i))
	}
	require.Subset(t, got, want[:100], "none of those that were there is left out")
	require.Subset(t, want, got)
}
