package binlogsource_test

import (
	"context"
	"fmt"
	"log/slog"
	"syscall"
	"testing"
	"time"

	gomysql "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

// A sale is a row of seven columns, about 60 bytes.
type sale struct {
	ID       int64     `sql:"id"`
	Customer uint32    `sql:"customer"`
	Item     string    `sql:"item"`
	Quantity int16     `sql:"quantity"`
	Price    float64   `sql:"price"`
	At       time.Time `sql:"at"`
	Note     *string   `sql:"note"`
}

// benchRows is how many rows there are: fewer for a smoke run.
func benchRows() int {
	if testing.Short() {
		return 20_000
	}
	return 500_000
}

// sales are in the table, and in the log behind the position that is returned.
func sales(b *testing.B) (s *database, before string) {
	s = startMariaDB(b)
	s.exec(b, "CREATE TABLE shop.sales (id BIGINT PRIMARY KEY, customer INT UNSIGNED NOT NULL, item VARCHAR(40) NOT NULL, quantity SMALLINT NOT NULL, price DOUBLE NOT NULL, at DATETIME(3) NOT NULL, note VARCHAR(20))")
	require.NoError(b, s.root.QueryRow("SELECT @@global.gtid_binlog_pos").Scan(&before))
	s.exec(b, fmt.Sprintf("INSERT INTO shop.sales SELECT seq, seq * 7919 %% 4000000000, CONCAT('article number ', seq %% 5000), seq %% 9, seq / 100, '2026-11-28 12:00:00.123' + INTERVAL seq SECOND, IF(seq %% 3, NULL, 'a note') FROM shop.seq_1_to_%d", benchRows()))
	return s, before
}

// begun is a source that begins at an offset.
type begun struct {
	stream.Source[binlogsource.Event[sale]]
	offset string
}

func (s begun) Open(c *stream.SourceContext) ([]stream.Reader[binlogsource.Event[sale]], error) {
	c.Offsets = map[string]string{"binlog": s.offset}
	return s.Source.Open(c)
}

func readAll(b *testing.B, src stream.Source[binlogsource.Event[sale]]) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	n := 0
	p := stream.New("bench")
	p.From(src).Tap(func(binlogsource.Event[sale]) {
		if n++; n == benchRows() {
			cancel()
		}
	}).To(sink.Discard[binlogsource.Event[sale]]())
	require.ErrorIs(b, p.Run(ctx, stream.Shards(1)), context.Canceled)
}

// rate reports rows per second, and per second that this process has had a processor: what is the
// source's on a machine that others use, too.
func rate(b *testing.B) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() {
		b.ReportMetric(float64(benchRows()*b.N)/b.Elapsed().Seconds(), "rows/s")
		b.ReportMetric(float64(benchRows()*b.N)/(used()-before).Seconds(), "rows/cpu-s")
	}
}

func BenchmarkBinlog(b *testing.B) {
	s, before := sales(b)
	offset := `{"v":1,"kind":"mariadb","pos":"` + before + `","tables":{"shop.sales":{"done":true}}}`
	src := begun{binlogsource.New(s.server(b), binlogsource.Table[sale]("shop.sales")), offset}
	b.Run("source", func(b *testing.B) {
		b.ReportAllocs()
		defer rate(b)()
		for b.Loop() {
			readAll(b, src)
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		defer rate(b)()
		for b.Loop() {
			set, err := gomysql.ParseMariadbGTIDSet(before)
			require.NoError(b, err)
			syncer := replication.NewBinlogSyncer(replication.BinlogSyncerConfig{
				ServerID: 4712, Flavor: "mariadb", Host: "127.0.0.1", Port: uint16(s.port), User: "freshet", Password: "secret", ParseTime: true,
				Logger: slog.New(slog.DiscardHandler),
			})
			streamer, err := syncer.StartSyncGTID(set)
			require.NoError(b, err)
			for n := 0; n < benchRows(); {
				e, err := streamer.GetEvent(b.Context())
				require.NoError(b, err)
				if rows, ok := e.Event.(*replication.RowsEvent); ok {
					n += len(rows.Rows)
				}
			}
			syncer.Close()
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	s, _ := sales(b)
	src := binlogsource.New(s.server(b), binlogsource.Table[sale]("shop.sales"))
	b.Run("source", func(b *testing.B) {
		b.ReportAllocs()
		defer rate(b)()
		for b.Loop() {
			readAll(b, src)
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		defer rate(b)()
		db := s.open(b, "freshet", "secret")
		for b.Loop() {
			rows, err := db.Query("SELECT id, customer, item, quantity, price, CAST(at AS CHAR), note FROM shop.sales ORDER BY id")
			require.NoError(b, err)
			n := 0
			for rows.Next() {
				var x sale
				var at string
				require.NoError(b, rows.Scan(&x.ID, &x.Customer, &x.Item, &x.Quantity, &x.Price, &at, &x.Note))
				n++
			}
			require.Equal(b, benchRows(), n)
		}
	})
}
