package binlogsource_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

var (
	kills = flag.Int("kills", 10, "how often the source is killed")
	seed  = flag.Uint64("seed", 1, "of what the writers do")
)

// A content is what all tables have beside their key.
type content struct {
	A int64  `sql:"a" json:"a,omitempty"`
	B string `sql:"b" json:"b,omitempty"`
	C *int64 `sql:"c,optional" json:"c,omitempty"`
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
	p := stream.New("child")
	p.From(binlogsource.New(binlogsource.Server{DB: sql.OpenDB(connector), Addr: c.Addr, User: c.User, Password: c.Passwd, ID: 77}, killCaptured(), opts...)).
		To(sink.SQL(results, "INSERT INTO told (event) VALUES (?)", func(e told) []any {
			b, err := json.Marshal(e)
			if err != nil {
				panic(err)
			}
			return []any{string(b)}
		}))
	return p.Run(context.Background(), stream.Shards(1), stream.Checkpoints(checkpoint.Dir(filepath.Join(dir, "checkpoints")), 10*time.Millisecond),
		stream.Logger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))))
}

// A source that is killed anywhere, and a server that is restarted, while writers write: what the changes
// lead to is what is in the tables, and each change came once.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"exact", "window"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			killed(t, mode, (*kills+1)/2)
		})
	}
}

func killed(t *testing.T, mode string, kills int) {
	s := startMariaDB(t, "--innodb-flush-log-at-trx-commit=2")
	rng := rand.New(rand.NewPCG(*seed, 7))
	total, lives, events, restarts := 0, 0, 0, 0
	var kinds [8]int
	for round := 0; total < kills; round++ {
		seedTables(t, s, mode)
		w := &writers{s: s, mode: mode}
		w.start(t, *seed+uint64(round)*100)
		dir := t.TempDir()
		for n := 0; n < 10 && total < kills; n++ {
			live(t, s, dir, mode, 60*time.Millisecond+time.Duration(rng.Int64N(int64(500*time.Millisecond))))
			total++
			lives++
			if rng.IntN(5) == 0 {
				w.restart(t, rng.IntN(2) == 0)
				restarts++
			}
		}
		w.stop()
		s.exec(t, "INSERT INTO shop.marks VALUES (1, 1, '')")
		all := last(t, s, dir, mode)
		lives++
		events += len(all)
		for _, e := range all {
			if e.Kind == binlogsource.Row {
				kinds[e.Change]++
			}
		}
		same(t, s, mode, replay(t, all))
	}
	t.Logf("%d kills in %d lives and %d restarts of the server: %d events (%d inserts, %d updates, %d deletes, %d reads), each once, and the tables equal",
		total, lives, restarts, events, kinds[stream.Insert], kinds[stream.Update], kinds[stream.Delete], kinds[stream.Read])
}

func seedTables(t *testing.T, s *mariaDB, mode string) {
	for _, table := range killTables {
		key := "BIGINT"
		if table == "shop.text" && mode == "exact" {
			key = "VARCHAR(50) COLLATE utf8mb4_general_ci"
		} else if table == "shop.text" {
			key = "VARCHAR(50) COLLATE utf8mb4_bin"
		}
		s.exec(t, "DROP TABLE IF EXISTS "+table, "CREATE TABLE "+table+" (id "+key+" PRIMARY KEY, a INT NOT NULL, b VARCHAR(50) NOT NULL) CHARACTER SET utf8mb4")
	}
	s.exec(t, "INSERT INTO shop.one SELECT seq*3, seq, REPEAT('x', seq%40) FROM shop.seq_1_to_3000",
		"INSERT INTO shop.two SELECT CAST(seq AS SIGNED)*3-5000, seq, REPEAT('y', seq%40) FROM shop.seq_1_to_3000",
		"INSERT INTO shop.text SELECT CONCAT('k', seq), seq, 'z' FROM shop.seq_1_to_500")
}

func command(t *testing.T, s *mariaDB, dir, mode string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FRESHET_BINLOG_CHILD="+dir, fmt.Sprintf("FRESHET_BINLOG_PORT=%d", s.port))
	if mode == "window" {
		cmd.Env = append(cmd.Env, "FRESHET_BINLOG_WINDOW=1")
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	return cmd, &out
}

// live runs a child and kills it after a while.
func live(t *testing.T, s *mariaDB, dir, mode string, wait time.Duration) {
	cmd, out := command(t, s, dir, mode)
	kill := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	err := cmd.Wait()
	require.ErrorContains(t, err, "killed", "%s", out)
}

// last runs a child until it has told of the mark, and returns all that has been told.
func last(t *testing.T, s *mariaDB, dir, mode string) (all []told) {
	cmd, out := command(t, s, dir, mode)
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	results, err := sql.Open("sqlite", filepath.Join(dir, "results.db")+"?_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	defer results.Close()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var n int
		if err := results.QueryRow("SELECT COUNT(*) FROM told WHERE event LIKE '%shop.marks%' AND event LIKE '%\"is\":\"1\"%'").Scan(&n); err == nil && n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the mark does not come:\n%s", out)
		}
	}
	rows, err := results.Query("SELECT event FROM told ORDER BY n")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		var e told
		require.NoError(t, rows.Scan(&text))
		require.NoError(t, json.Unmarshal([]byte(text), &e))
		all = append(all, e)
	}
	require.NoError(t, rows.Err())
	return all
}

// replay makes tables of events, each of which has to fit the table as it is.
func replay(t *testing.T, all []told) map[string]map[string]string {
	tables := map[string]map[string]string{}
	for _, table := range killTables {
		tables[table] = map[string]string{}
	}
	for i, e := range all {
		rows := tables[e.Table]
		fits := true
		switch {
		case e.Kind == binlogsource.Altered && strings.Contains(e.Query, "DROP COLUMN"):
			for key, text := range rows {
				before, _, _ := strings.Cut(text, " c=")
				rows[key] = before + " c=NULL"
			}
		case e.Kind == binlogsource.Altered:
		case e.Kind != binlogsource.Row:
			clear(rows)
		default:
			if e.Change == stream.Update || e.Change == stream.Delete {
				fits = rows[e.Was] == e.Before.String()
				delete(rows, e.Was)
			}
			if e.Change != stream.Delete {
				_, there := rows[e.Is]
				fits = fits && !there
				rows[e.Is] = e.After.String()
			}
		}
		if !fits {
			t.Fatalf("event %d of %d does not fit: %+v; the row before it is %q", i, len(all), e, rows[e.Was])
		}
	}
	return tables
}

func (r content) String() string {
	c := "NULL"
	if r.C != nil {
		c = fmt.Sprint(*r.C)
	}
	return fmt.Sprintf("a=%d b=%s c=%s", r.A, r.B, c)
}

// same compares the tables with those of the server.
func same(t *testing.T, s *mariaDB, mode string, got map[string]map[string]string) {
	for _, table := range killTables {
		want := map[string]string{}
		c := "NULL"
		var columns int
		_, name, _ := strings.Cut(table, ".")
		require.NoError(t, s.root.QueryRow("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = ? AND COLUMN_NAME = 'c'", name).Scan(&columns))
		if columns > 0 {
			c = "c"
		}
		rows, err := s.root.Query("SELECT id, a, b, COALESCE(" + c + ", 'NULL') FROM " + table)
		require.NoError(t, err)
		for rows.Next() {
			var id, a, b, c string
			require.NoError(t, rows.Scan(&id, &a, &b, &c))
			want[id] = fmt.Sprintf("a=%s b=%s c=%s", a, b, c)
		}
		require.NoError(t, rows.Err())
		for id, text := range want {
			require.Equal(t, text, got[table][id], "%s, row %s", table, id)
		}
		require.Len(t, got[table], len(want), table)
	}
}

// writers write at random.
type writers struct {
	s    *mariaDB
	mode string
	end  chan struct{}
	wg   sync.WaitGroup
	mu   sync.RWMutex
}

// restart stops the server, kindly or not. One that dies while it writes its log leaves half an
// event there, and MariaDB cannot read past that: no replica survives it, so it is spared that.
func (w *writers) restart(t *testing.T, kindly bool) {
	if !kindly {
		w.mu.Lock()
		defer w.mu.Unlock()
	}
	w.s.restart(t, kindly)
}

func (w *writers) start(t *testing.T, seed uint64) {
	w.end = make(chan struct{})
	db := w.s.open(t, "root", "")
	for i := range uint64(3) {
		w.wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, i))
			for {
				select {
				case <-w.end:
					return
				case <-time.After(time.Duration(rng.Int64N(int64(4 * time.Millisecond)))):
					w.transaction(db, rng)
				}
			}
		})
	}
	w.wg.Go(func() {
		rng := rand.New(rand.NewPCG(seed, 99))
		for {
			select {
			case <-w.end:
				return
			case <-time.After(time.Duration(rng.Int64N(int64(300 * time.Millisecond)))):
				w.alter(db, rng)
			}
		}
	})
}

func (w *writers) stop() {
	close(w.end)
	w.wg.Wait()
}

// transaction writes several rows, or not: the server may be gone, or another have the lock.
func (w *writers) transaction(db *sql.DB, rng *rand.Rand) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return
	}
	defer tx.Rollback()
	saved := false
	for range 1 + rng.IntN(8) {
		table := killTables[rng.IntN(3)]
		id, other := fmt.Sprint(rng.IntN(9000)-500), fmt.Sprint(rng.IntN(9000)-500)
		if table == "shop.text" {
			id, other = fmt.Sprintf("'k%d'", rng.IntN(600)), fmt.Sprintf("'k%d'", rng.IntN(600))
		}
		statement := ""
		switch rng.IntN(12) {
		case 0, 1, 2, 3:
			statement = fmt.Sprintf("INSERT IGNORE INTO %s (id, a, b) VALUES (%s, %d, '%x')", table, id, rng.Int32(), rng.Uint64())
		case 4, 5, 6:
			statement = fmt.Sprintf("UPDATE %s SET a = a ^ %d, b = '%x' WHERE id = %s", table, 1+rng.IntN(1000), rng.Uint64(), id)
		case 7:
			statement = fmt.Sprintf("DELETE FROM %s WHERE id = %s", table, id)
		case 8:
			statement = fmt.Sprintf("UPDATE %s SET id = %s WHERE id = %s", table, other, id)
		case 9:
			statement = fmt.Sprintf("UPDATE %s SET b = '%x' WHERE id > %s ORDER BY id LIMIT 30", table, rng.Uint64(), id)
		case 10:
			statement, saved = "SAVEPOINT s", true
		case 11:
			if statement = "SAVEPOINT s"; saved {
				statement = "ROLLBACK TO SAVEPOINT s"
			}
		}
		if _, err := tx.Exec(statement); err != nil && !strings.Contains(err.Error(), "Duplicate") {
			return
		}
	}
	if rng.IntN(5) > 0 {
		_ = tx.Commit()
	}
}

// alter changes a table.
func (w *writers) alter(db *sql.DB, rng *rand.Rand) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	table := killTables[rng.IntN(3)]
	statement := [...]string{
		"ALTER TABLE %s ADD COLUMN IF NOT EXISTS c BIGINT", "ALTER TABLE %s DROP COLUMN IF EXISTS c", "ALTER TABLE %s MODIFY a BIGINT NOT NULL",
		"ALTER TABLE %s MODIFY a INT NOT NULL", "ALTER TABLE %s ADD COLUMN IF NOT EXISTS c INT NULL FIRST", "UPDATE %s SET c = 7 WHERE a > 0 LIMIT 20", "ALTER TABLE %s MODIFY b VARCHAR(300) NOT NULL",
	}[rng.IntN(7)]
	if rng.IntN(10) == 0 {
		statement = "TRUNCATE %s"
	}
	_, _ = db.Exec(fmt.Sprintf(statement, table))
}
