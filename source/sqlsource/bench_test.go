package sqlsource_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

// benchRows is how many rows there are: fewer for a smoke run.
func benchRows() int {
	if testing.Short() {
		return 10_000
	}
	return 100_000
}

// BenchmarkRead compares reading 100,000 rows with the loop of database/sql.
func BenchmarkRead(b *testing.B) {
	for name, start := range map[string]func(testing.TB) *sqlservers.Server{"SQLite": sqlservers.SQLite, "MariaDB": sqlservers.MariaDB, "PostgreSQL": sqlservers.PostgreSQL} {
		b.Run(name, func(b *testing.B) {
			s := start(b)
			db := s.Open(b, "CREATE TABLE panes (id BIGINT PRIMARY KEY, shop VARCHAR(20), n BIGINT, total DOUBLE PRECISION, most VARCHAR(20))")
			for at := 0; at < benchRows(); at += 1000 {
				var rows []string
				for i := at; i < at+1000; i++ {
					rows = append(rows, fmt.Sprintf("(%d, 'shop %d', %d, %d.25, 'product %d')", i, i%100, i, i, i%37))
				}
				_, err := db.Exec("INSERT INTO panes VALUES " + strings.Join(rows, ", "))
				require.NoError(b, err)
			}
			const query = "SELECT id, shop, n, total, most FROM panes ORDER BY id"
			b.Run("loop", func(b *testing.B) { benchLoop(b, db, query) })
			b.Run("query", func(b *testing.B) { benchSource(b, sqlsource.Query[row](db, query, nil)) })
			b.Run("table", func(b *testing.B) { benchSource(b, sqlsource.Table[row](db, "panes", dialects[s.Name])) })
		})
	}
}

type row struct {
	ID    int64   `sql:"id,key"`
	Shop  string  `sql:"shop"`
	N     int64   `sql:"n"`
	Total float64 `sql:"total"`
	Most  string  `sql:"most"`
}

func benchLoop(b *testing.B, db *sql.DB, query string) {
	before := cpu()
	b.ReportAllocs()
	for b.Loop() {
		rows, err := db.Query(query)
		require.NoError(b, err)
		var v row
		n := 0
		for ; rows.Next(); n++ {
			if err := rows.Scan(&v.ID, &v.Shop, &v.N, &v.Total, &v.Most); err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, rows.Err())
		require.Equal(b, benchRows(), n)
	}
	report(b, before)
}

func benchSource(b *testing.B, src stream.Source[row]) {
	before := cpu()
	b.ReportAllocs()
	for b.Loop() {
		readers, err := src.Open(&stream.SourceContext{Context: b.Context(), BatchSize: 512, Now: time.Now})
		require.NoError(b, err)
		n := 0
		for err == nil {
			in := stream.NewIntake[row](512)
			err = readers[0].Read(context.Background(), in)
			n += in.Len()
		}
		require.ErrorIs(b, err, io.EOF)
		require.Equal(b, benchRows(), n)
		require.NoError(b, readers[0].Close())
	}
	report(b, before)
}

func report(b *testing.B, before time.Duration) {
	b.ReportMetric(float64(b.N*benchRows())/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(cpu()-before)/float64(b.N*benchRows()), "cpu-ns/row")
	b.ReportMetric(0, "ns/op")
}

// cpu is how much this process has computed: on a busy machine that says more than what has passed.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
