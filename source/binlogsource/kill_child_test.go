package binlogsource_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A content is what all tables have beside their key.
type content struct {
	A int64  `sql:"a" json:"a,omitempty"`
	B string `sql:"b" json:"b,omitempty"`
	C *int64 `sql:"c" missing:"zero" json:"c,omitempty"`
}

type row struct {
	ID int64 `sql:"id"`
	content
}

// A textRow is one of the table whose key is text, in a collation that only the server knows.
type textRow struct {
	Name string `sql:"id"`
	content
}

// A told is what a child tells of an event.
type told struct {
	Table  string            `json:"table"`
	Kind   binlogsource.Kind `json:"kind"`
	Change stream.ChangeKind `json:"change"`
	Query  string            `json:"query,omitempty"`
	Tx     binlogsource.Tx   `json:"tx"`
	Was    string            `json:"was"` // key of the row
	Is     string            `json:"is"`
	Before content           `json:"before"`
	After  content           `json:"after"`
}

var killTables = []string{"shop.one", "shop.two", "shop.text", "shop.marks"}

func killCaptured() binlogsource.Captured[told] {
	plain := func(e binlogsource.Event[row]) told {
		return told{
			e.Table, e.Kind, e.Change.Kind, e.Query, e.Tx, fmt.Sprint(e.Change.Before.ID), fmt.Sprint(e.Change.After.ID),
			e.Change.Before.content, e.Change.After.content,
		}
	}
	return binlogsource.Tables(
		binlogsource.TableAs("shop.one", plain), binlogsource.TableAs("shop.two", plain),
		binlogsource.TableAs("shop.text", func(e binlogsource.Event[textRow]) told {
			return told{
				e.Table, e.Kind, e.Change.Kind, e.Query, e.Tx, e.Change.Before.Name, e.Change.After.Name,
				e.Change.Before.content, e.Change.After.content,
			}
		}),
		binlogsource.TableAs("shop.marks", plain)) // the last, so that all has been told when the mark is
}

// child is the pipeline that is killed.
func child(dir, port string) error {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.Logger = "freshet", "secret", "tcp", "127.0.0.1:"+port, &mysql.NopLogger{}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return err
	}
	results, err := sql.Open("sqlite", filepath.Join(dir, "results.db")+"?_pragma=busy_timeout(20000)")
	if err != nil {
		return err
	}
	results.SetMaxOpenConns(1)
	for _, pragma := range []string{"PRAGMA journal_mode = WAL", "CREATE TABLE IF NOT EXISTS told (n INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT)"} {
		if _, err := results.Exec(pragma); err != nil {
			return err
		}
	}
	opts := []binlogsource.Option{binlogsource.Chunk(100)}
	if os.Getenv("FRESHET_BINLOG_WINDOW") != "" {
		opts = append(opts, binlogsource.Window())
	}
	fmt.Println("begun")
	p := stream.New("child")
	p.From(binlogsource.New(binlogsource.Server{DB: sql.OpenDB(connector), Addr: c.Addr, User: c.User, Password: c.Passwd, ID: 77}, killCaptured(), opts...)).
		To(sqlsink.Statement(results, "INSERT INTO told (event) VALUES (?)", func(e told) []any {
			b, err := json.Marshal(e)
			if err != nil {
				panic(err)
			}
			return []any{string(b)}
		}))
	return p.Run(context.Background(), stream.Shards(1), stream.BatchSize(4), stream.Checkpoints(checkpoint.Dir(filepath.Join(dir, "checkpoints")), 10*time.Millisecond),
		stream.Logger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))))
}
