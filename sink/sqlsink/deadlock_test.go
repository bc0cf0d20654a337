package sqlsink_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// Transactions that lock the same rows in another order make deadlocks: they are tried again.
func deadlocks(t *testing.T, s *sqlservers.Server) {
	db := s.Open(t, "CREATE TABLE kept (k VARCHAR(10) PRIMARY KEY, n INTEGER)")
	var all []kept
	for i := range 4000 {
		all = append(all, kept{fmt.Sprintf("k%d", i%20), i})
	}
	var met atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var others sync.WaitGroup
	for w := range 2 { // in descending order, while the sink ascends
		others.Go(func() {
			for ctx.Err() == nil && met.Load() < 5 {
				tx, err := db.Begin()
				if err != nil {
					continue
				}
				for i := 19; i >= 0 && err == nil; i-- {
					_, err = tx.Exec(fmt.Sprintf("UPDATE kept SET n = n + %d WHERE k = 'k%d'", w, i))
				}
				_ = tx.Rollback()
			}
		})
	}
	count := sqlsink.Faults(func(err error) sqlsink.Fault {
		if text := err.Error(); strings.Contains(text, "1213") || strings.Contains(text, "40P01") {
			met.Add(1)
		}
		return sqlsink.UnknownFault
	})
	p := stream.New("deadlocks")
	p.From(source.Slice(all)).To(sqlsink.Upsert[kept](db, "kept", dialects[s.Name], count, sqlsink.RowsPerStatement(1)), stream.SkipFailures(), stream.Name("kept"))
	assert.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.BatchSize(64)))
	cancel()
	others.Wait()
	stats, _ := p.Stats().Operator("kept")
	assert.Zero(t, stats.Failed)
	t.Logf("%d deadlocks", met.Load())
	assert.Positive(t, met.Load())
	assert.Equal(t, []string{"20|3980|3999"}, sqlservers.Query(t, db, "SELECT COUNT(*), MIN(n), MAX(n) FROM kept"))
}

// Keys that only the database takes for equal are no fault of the rows.
func equalKeys(t *testing.T, s *sqlservers.Server) {
	kind := map[string]string{"SQLite": "TEXT COLLATE NOCASE", "MariaDB": "VARCHAR(10) COLLATE utf8mb4_general_ci", "MySQL": "VARCHAR(10) COLLATE utf8mb4_general_ci", "PostgreSQL": "VARCHAR(10) COLLATE nocase"}[s.Name]
	var first []string
	if s.Name == "PostgreSQL" {
		first = []string{"CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"}
	}
	db := s.Open(t, append(first, "CREATE TABLE kept (k "+kind+" PRIMARY KEY, n INTEGER)")...)
	for _, saved := range []bool{false, true} {
		p := stream.New("equal")
		p.From(source.Slice([]kept{{"a", 1}, {"b", 2}, {"A", 3}})).To(sqlsink.Upsert[kept](db, "kept", dialects[s.Name]))
		opts := []stream.RunOption{stream.Shards(1)}
		if saved {
			opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))
		}
		require.NoError(t, p.Run(t.Context(), opts...))
		assert.Equal(t, []string{"a|3", "b|2"}, sqlservers.Query(t, db, "SELECT LOWER(k), n FROM kept ORDER BY n DESC"))
	}
}

// Keys that only the database takes to be equal are one where the stream is keyed by what it compares: the last value of each stays, whatever
// instance has it.
func foldedKeys(t *testing.T, s *sqlservers.Server) {
	kind := map[string]string{"SQLite": "TEXT COLLATE NOCASE", "PostgreSQL": "VARCHAR(10) COLLATE nocase"}[s.Name]
	var first []string
	switch s.Name {
	case "PostgreSQL":
		first = []string{"CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"}
	case "MariaDB", "MySQL":
		kind = "VARCHAR(10) COLLATE utf8mb4_general_ci"
	}
	var all []kept
	var want []string
	for i := range 400 {
		k := string(rune("aA"[i/10%2]) + rune(i%10))
		all = append(all, kept{k, i})
	}
	for i := range 10 {
		want = append(want, fmt.Sprintf("%c|%d", 'a'+i, 390+i))
	}
	for _, saved := range []bool{false, true} {
		db := s.Open(t, append(first, "CREATE TABLE kept (k "+kind+" PRIMARY KEY, n INTEGER)")...)
		p := stream.New("folded")
		p.From(source.Slice(all)).
			EventTime(func(v kept) time.Time { return time.Unix(int64(v.N), 0) }).
			KeyBy(func(v kept) string { return strings.ToLower(v.K) }).
			Running(window.Last[kept]()).
			Map(func(kv stream.KeyValue[string, kept]) kept { return kv.Value }).
			To(sqlsink.Upsert[kept](db, "kept", dialects[s.Name], sqlsink.RowsPerStatement(7)))
		opts := []stream.RunOption{stream.Shards(4), stream.BatchSize(16)}
		if saved {
			opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))
		}
		require.NoError(t, p.Run(t.Context(), opts...))
		assert.Equal(t, want, sqlservers.Query(t, db, "SELECT LOWER(k), n FROM kept ORDER BY n"))
	}
}
