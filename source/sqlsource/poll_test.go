package sqlsource_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

// An entry has a key that the database hands out.
type entry struct {
	ID     int64 `sql:"id,key"`
	Writer int   `sql:"writer"`
}

func entries(t testing.TB, s *sqlservers.Server) *sql.DB {
	kind := map[string]string{"SQLite": "INTEGER PRIMARY KEY AUTOINCREMENT", "MariaDB": "BIGINT AUTO_INCREMENT PRIMARY KEY", "MySQL": "BIGINT AUTO_INCREMENT PRIMARY KEY", "PostgreSQL": "BIGSERIAL PRIMARY KEY"}[s.Name]
	return s.Open(t, "CREATE TABLE entries (id "+kind+", writer INTEGER NOT NULL)")
}

// poll opens a source at an offset, and returns its reader.
func poll[T any](t testing.TB, src stream.Source[T], offset string) stream.Reader[T] {
	t.Helper()
	c := &stream.SourceContext{Context: t.Context(), Shards: 1, BatchSize: 512, Now: time.Now}
	if offset != "" {
		c.Offsets = map[string]string{"entries": offset}
	}
	readers, err := src.Open(c)
	require.NoError(t, err)
	require.Len(t, readers, 1)
	return readers[0]
}

// next returns what a reader gives: as many as are wanted, and what comes soon behind them.
func next[T any](t testing.TB, r stream.Reader[T], want int) (all []T) {
	t.Helper()
	for wait := 20 * time.Second; ; {
		if len(all) >= want {
			wait = 50 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		in := stream.NewIntake[T](512)
		err := r.Read(ctx, in)
		cancel()
		for _, v := range in.Batch().All() {
			all = append(all, v)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return all
		}
		require.NoError(t, err)
	}
}

// A transaction that has got its key first and commits last is not lost, and neither is it after
// a restart.
func lateCommit(t *testing.T, s *sqlservers.Server) {
	for _, restarts := range []bool{false, true} {
		db := entries(t, s)
		src := sqlsource.Poll[entry](db, "entries", dialects[s.Name], sqlsource.Every(10*time.Millisecond), sqlsource.Overlap(10*time.Second))
		r := poll(t, src, "")
		late, err := db.Begin()
		require.NoError(t, err)
		_, err = late.Exec("INSERT INTO entries (writer) VALUES (1)")
		require.NoError(t, err)
		_, err = db.Exec("INSERT INTO entries (writer) VALUES (2), (3)")
		require.NoError(t, err)
		assert.Equal(t, []entry{{2, 2}, {3, 3}}, next(t, r, 2))
		if restarts {
			offset := r.Offset()
			require.NoError(t, r.Close())
			r = poll(t, src, offset)
		}
		require.NoError(t, late.Commit())
		_, err = db.Exec("INSERT INTO entries (writer) VALUES (4)")
		require.NoError(t, err)
		got := next(t, r, 2)
		slices.SortFunc(got, func(a, b entry) int { return int(a.ID - b.ID) })
		assert.Equal(t, []entry{{1, 1}, {4, 4}}, got)
		require.NoError(t, r.Close())
	}
}

// Writers whose transactions take their time, commit in any order and are rolled back at times: each row that
// is committed is read once, while the reader is closed and opened again at its offset.
func manyWriters(t *testing.T, s *sqlservers.Server) {
	db := entries(t, s)
	var writers sync.WaitGroup
	var committed atomic.Int64
	for w := range 4 {
		writers.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 7))
			for range 25 {
				tx, err := db.Begin()
				if err != nil {
					continue
				}
				n := int64(1 + rng.IntN(5))
				for range n {
					if _, err = tx.Exec(fmt.Sprintf("INSERT INTO entries (writer) VALUES (%d)", w)); err != nil {
						break
					}
					time.Sleep(time.Duration(rng.IntN(4)) * time.Millisecond) // a transaction that takes its time
				}
				if err != nil || rng.IntN(4) == 0 {
					_ = tx.Rollback()
				} else if tx.Commit() == nil {
					committed.Add(n)
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() { writers.Wait(); close(ended) }()
	src := sqlsource.Poll[entry](db, "entries", dialects[s.Name], sqlsource.Every(5*time.Millisecond), sqlsource.Overlap(2*time.Second), sqlsource.PageRows(16))
	seen := map[int64]int{}
	offset, lives := "", 0
	for done := false; !done; lives++ {
		select {
		case <-ended:
			done = true
		default:
		}
		r := poll(t, src, offset)
		for range 1 + lives%4 {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			in := stream.NewIntake[entry](1 + lives%7)
			_ = r.Read(ctx, in) // or there is nothing yet
			cancel()
			for _, v := range in.Batch().All() {
				seen[v.ID]++
			}
		}
		offset = r.Offset()
		require.NoError(t, r.Close())
	}
	r := poll(t, src, offset)
	for _, v := range next(t, r, int(committed.Load())-len(seen)) {
		seen[v.ID]++
	}
	require.NoError(t, r.Close())
	assert.EqualValues(t, committed.Load(), len(seen))
	for _, id := range sqlservers.Query(t, db, "SELECT id FROM entries") {
		var n int64
		fmt.Sscan(id, &n)
		assert.Equal(t, 1, seen[n], "row %d", n)
	}
	t.Logf("%d rows, %d lives", len(seen), lives)
}

// A changing entry has a key that grows with each change.
type changing struct {
	ID      int64  `sql:"id"`
	Updated int64  `sql:"updated"`
	Text    string `sql:"text"`
}

// A row that changes comes again, also when its time is too coarse to tell; one that is settled leaves the
// offset.
func changingRows(t *testing.T, s *sqlservers.Server) {
	db := s.Open(t, "CREATE TABLE entries (id BIGINT PRIMARY KEY, updated BIGINT, text VARCHAR(10))", "INSERT INTO entries VALUES (1, 10, 'a'), (2, 10, 'b'), (3, 20, 'c')")
	src := sqlsource.Poll[changing](db, "entries", dialects[s.Name], sqlsource.By("updated", "id"), sqlsource.Every(10*time.Millisecond), sqlsource.Overlap(5*time.Second))
	r := poll(t, src, "")
	assert.Equal(t, []changing{{1, 10, "a"}, {2, 10, "b"}, {3, 20, "c"}}, next(t, r, 3))
	_, err := db.Exec("UPDATE entries SET text = 'B' WHERE id = 2")
	require.NoError(t, err)
	_, err = db.Exec("UPDATE entries SET text = 'A', updated = 30 WHERE id = 1")
	require.NoError(t, err)
	assert.Equal(t, []changing{{2, 10, "B"}, {1, 30, "A"}}, next(t, r, 2))
	for settled := time.Now().Add(20 * time.Second); r.Offset() != `{"row":5,"after":["30","1"]}` && time.Now().Before(settled); {
		require.Empty(t, next(t, r, 0))
	}
	assert.Equal(t, `{"row":5,"after":["30","1"]}`, r.Offset())
	require.NoError(t, r.Close())
}
