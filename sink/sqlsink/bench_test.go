package sqlsink_test

import (
	"database/sql"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/stream"
)

// A pane is a result as pipelines have them.
type pane struct {
	Shop  string    `sql:"shop,key"`
	Start time.Time `sql:"start,key"`
	Count int64     `sql:"n"`
	Total float64   `sql:"total"`
	Most  string    `sql:"most"`
}

const (
	benchPanes = 20_000 // in the table
	benchTable = "CREATE TABLE panes (shop VARCHAR(20), start %s, n BIGINT, total DOUBLE PRECISION, most VARCHAR(20), PRIMARY KEY (shop, start))"
)

func benchPanesOf(round int) (all []pane) {
	for i := range benchPanes {
		all = append(all, pane{fmt.Sprint("shop ", i%100), time.Unix(int64(i/100)*60, 0).UTC(), int64(i + round), float64(i) / 3, fmt.Sprint("product ", i%37)})
	}
	return all
}

// BenchmarkUpsert compares checkpoints of 20,000 rows, whose id is noted in the same transaction, with
// the same by hand. It reports rows of one connection.
func BenchmarkUpsert(b *testing.B) {
	for name, start := range map[string]func(testing.TB) *sqlservers.Server{"SQLite": sqlservers.SQLite, "MariaDB": sqlservers.MariaDB, "PostgreSQL": sqlservers.PostgreSQL} {
		b.Run(name, func(b *testing.B) {
			s := start(b)
			sizes := []int{20, 100, 1000, 4000}
			if testing.Short() {
				sizes = sizes[2:3]
			}
			for _, rows := range sizes {
				for way, f := range map[string]func(*testing.B, *sqlservers.Server, *sql.DB, int){"sink": benchSink, "by hand": benchByHand} {
					b.Run(fmt.Sprintf("%s/rows=%d", way, rows), func(b *testing.B) {
						kind := map[string]string{"PostgreSQL": "TIMESTAMPTZ", "MariaDB": "DATETIME", "MySQL": "DATETIME", "SQLite": "TEXT"}[s.Name]
						db := s.Open(b, fmt.Sprintf(benchTable, kind))
						before := cpu()
						f(b, s, db, rows)
						b.ReportMetric(float64(b.N)*benchPanes/b.Elapsed().Seconds(), "rows/s")
						b.ReportMetric(float64(cpu()-before)/float64(b.N*benchPanes), "cpu-ns/row")
						b.ReportMetric(0, "ns/op")
					})
				}
			}
		})
	}
}

// cpu is how much this process has computed: on a busy machine that says more than what has passed.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchSink(b *testing.B, s *sqlservers.Server, db *sql.DB, rows int) {
	x := sqlsink.Upsert[pane](db, "panes", dialects[s.Name], sqlsink.RowsPerStatement(rows))
	ctx := &stream.SinkContext{Context: b.Context(), Pipeline: "bench", Name: "panes", Count: 1, Transactional: true, Checkpoint: func() {}}
	c, err := x.(stream.TransactionalSink[pane]).OpenCommitter(ctx)
	require.NoError(b, err)
	require.NoError(b, c.Abort(b.Context(), 0))
	w, err := x.Open(ctx)
	require.NoError(b, err)
	all := benchPanesOf(0)
	id := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		for at := 0; at < len(all); at += 500 {
			in := stream.NewIntake[pane](0)
			in.Lend(all[at : at+500])
			require.NoError(b, w.Write(b.Context(), in.Batch()))
		}
		data, err := w.(stream.Preparer).Prepare(b.Context())
		require.NoError(b, err)
		id++
		require.NoError(b, c.Commit(b.Context(), id, [][]byte{data}))
	}
}

func benchByHand(b *testing.B, s *sqlservers.Server, db *sql.DB, rows int) {
	_, err := db.Exec("CREATE TABLE marks (name VARCHAR(50) PRIMARY KEY, id BIGINT)")
	require.NoError(b, err)
	_, err = db.Exec("INSERT INTO marks VALUES ('x', 0)")
	require.NoError(b, err)
	mark := "UPDATE marks SET id = ? WHERE name = 'x'"
	var text strings.Builder
	text.WriteString("INSERT INTO panes (shop, start, n, total, most) VALUES ")
	for i := range rows {
		if i > 0 {
			text.WriteString(", ")
		}
		if s.Name == "PostgreSQL" {
			fmt.Fprintf(&text, "($%d, $%d, $%d, $%d, $%d)", 5*i+1, 5*i+2, 5*i+3, 5*i+4, 5*i+5)
		} else {
			text.WriteString("(?, ?, ?, ?, ?)")
		}
	}
	if s.Driver == "mysql" {
		text.WriteString(" ON DUPLICATE KEY UPDATE n = VALUES(n), total = VALUES(total), most = VALUES(most)")
	} else {
		text.WriteString(" ON CONFLICT (shop, start) DO UPDATE SET n = excluded.n, total = excluded.total, most = excluded.most")
	}
	if s.Name == "PostgreSQL" {
		mark = "UPDATE marks SET id = $1 WHERE name = 'x'"
	}
	statement := text.String()
	all := benchPanesOf(0)
	args := make([]any, 0, 5*rows)
	id := 0
	b.ReportAllocs()
	for b.Loop() {
		tx, err := db.Begin()
		require.NoError(b, err)
		id++
		_, err = tx.Exec(mark, id)
		require.NoError(b, err)
		for at := 0; at < len(all); at += rows {
			args = args[:0]
			for i := range all[at : at+rows] {
				p := &all[at+i]
				args = append(args, p.Shop, p.Start, p.Count, p.Total, p.Most)
			}
			_, err = tx.Exec(statement, args...)
			require.NoError(b, err)
		}
		require.NoError(b, tx.Commit())
	}
}
