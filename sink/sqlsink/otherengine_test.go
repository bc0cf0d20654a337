package sqlsink_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// In another engine, where writers and committers are apart, each row is in the table once, though jobs are killed and go on with other
// numbers of instances, and committers are not always told that a checkpoint is durable. The table has no key.
func TestOtherEngine(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 3))
		parts := make([][]int, 1+rng.IntN(3))
		want := map[string]int{}
		sums := map[int]int{}
		for i := range parts {
			for range rng.IntN(120) {
				parts[i] = append(parts[i], rng.IntN(1000))
			}
			for _, v := range parts[i] {
				sums[v%10] += v
			}
		}
		for key, sum := range sums {
			want[fmt.Sprint("sum ", key, " ", sum)] = 1
		}
		for _, part := range parts {
			for _, v := range part {
				want[fmt.Sprint("row ", v)]++
			}
		}
		db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "rows.db")+"?_pragma=synchronous(0)&_pragma=busy_timeout(20000)&_txlock=immediate")
		require.NoError(t, err)
		defer db.Close()
		_, err = db.Exec("CREATE TABLE lines (line TEXT NOT NULL)")
		require.NoError(t, err)
		build := func() any {
			p := stream.New("other engine")
			all := p.From(source.Slice(parts...)).EventTime(func(int) time.Time { return time.Unix(0, 0) })
			all.Map(func(v int) string { return fmt.Sprint("row ", v) }).
				Merge(all.KeyBy(func(v int) int { return v % 10 }).Window(window.Global()).Aggregate(window.Sum(func(v int) int { return v })).
					Map(func(p stream.Pane[int, int]) string { return fmt.Sprint("sum ", p.Key, " ", p.Value) })).
				To(sqlsink.Statement(db, "INSERT INTO lines (line) VALUES (?)", func(line string) []any { return []any{line} }))
			return p
		}
		doortest.Disturb(t, build, rng)
		got := map[string]int{}
		for _, line := range lines(t, db) {
			got[line]++
		}
		require.Equal(t, want, got, "seed %d", seed)

		if len(want) > 0 {
			_, err = doortest.Start(t.Context(), build, doortest.Options{Config: door.Config{Shards: 2, Batch: 10, Checkpoints: true}})
			rewind := &stream.RewindError{}
			require.ErrorAs(t, err, &rewind, "a job that begins anew shows nothing a second time")
		}
	}
}

func lines(t *testing.T, db *sql.DB) (all []string) {
	rows, err := db.Query("SELECT line FROM lines")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		all = append(all, line)
	}
	require.NoError(t, rows.Err())
	return slices.Sorted(slices.Values(all))
}
