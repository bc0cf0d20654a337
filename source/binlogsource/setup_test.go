package binlogsource_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

type pair struct {
	ID   int    `sql:"id"`
	Text string `sql:"v"`
}

const pairs = "CREATE OR REPLACE TABLE shop.pairs (id INT PRIMARY KEY, v VARCHAR(100) NOT NULL)"

func pairsOf(s binlogsource.Server, opts ...binlogsource.Option) *binlogsource.Source[binlogsource.Event[pair]] {
	return binlogsource.New(s, binlogsource.Table[pair]("shop.pairs"), opts...)
}

// Each fault of the setup is an error that says what to do.
func TestSetup(t *testing.T) {
	t.Parallel()
	s := startMariaDB(t)
	s.exec(t, pairs, "CREATE TABLE shop.isam (id INT PRIMARY KEY, v TEXT) ENGINE=MyISAM", "CREATE VIEW shop.looks AS SELECT * FROM shop.pairs",
		"CREATE TABLE shop.thai (id INT PRIMARY KEY, v VARCHAR(10) CHARACTER SET tis620)",
		"CREATE USER poor@'%'", "GRANT SELECT ON shop.* TO poor@'%'", "CREATE USER blind@'%'", "GRANT REPLICATION SLAVE ON *.* TO blind@'%'")
	fails := func(src stream.Source[binlogsource.Event[pair]], want string) {
		t.Helper()
		r := read(t, src, "")
		_, err := r.until(1)
		require.ErrorContains(t, err, want)
		t.Log(err)
		r.close()
	}
	for _, of := range []struct{ variable, wrong, right, want string }{
		{"binlog_format", "MIXED", "ROW", "want SET GLOBAL binlog_format = 'ROW'"},
		{"binlog_row_image", "MINIMAL", "FULL", "want SET GLOBAL binlog_row_image = 'FULL'"},
	} {
		s.exec(t, "SET GLOBAL "+of.variable+" = "+of.wrong)
		fails(pairsOf(s.server(t)), of.want)
		s.exec(t, "SET GLOBAL "+of.variable+" = "+of.right)
	}
	s.exec(t, "SET GLOBAL binlog_expire_logs_seconds = 3600")
	fails(pairsOf(s.server(t), binlogsource.Retention(24*time.Hour)), "the server deletes its log after 1h0m0s")
	server := s.server(t)
	server.ID = 1
	fails(pairsOf(server), "is the server's own server_id")

	server = s.server(t)
	server.User, server.Password = "poor", ""
	fails(pairsOf(server), "or GRANT REPLICATION SLAVE ON *.* TO poor")
	server = s.server(t)
	server.Password = "wrong"
	fails(pairsOf(server), "the server does not let user freshet in")
	server = s.server(t)
	server.DB = s.open(t, "blind", "")
	fails(pairsOf(server), "want GRANT SELECT ON `shop`.`pairs`")

	fails(binlogsource.New(s.server(t), binlogsource.Table[pair]("shop.absent")), "there is no table shop.absent")
	fails(binlogsource.New(s.server(t), binlogsource.Table[pair]("shop.looks")), "shop.looks is a view")
	fails(binlogsource.New(s.server(t), binlogsource.Table[pair]("shop.isam")), "has no transactions")
	fails(binlogsource.New(s.server(t), binlogsource.Table[pair]("shop.thai")), "charset tis620 is not supported")
	type other struct {
		ID   time.Time `sql:"id"`
		Else string    `sql:"v"`
	}
	r := read(t, binlogsource.New(s.server(t), binlogsource.Table[other]("shop.pairs")), "")
	_, err := r.until(1)
	assert.ErrorContains(t, err, "column id for field ID: the column is an integer, which does not fit time.Time")
	type more struct {
		ID   int    `sql:"id"`
		More string `sql:"more"`
	}
	m := read(t, binlogsource.New(s.server(t), binlogsource.Table[more]("shop.pairs")), "")
	_, err = m.until(1)
	assert.ErrorContains(t, err, "column more for field More: the table has no such column")

	// Two that read with the same id hang each other up, so the second is refused.
	server = s.server(t)
	server.DB, server.ID = s.root, 4711
	s.exec(t, "INSERT INTO shop.pairs VALUES (1, 'a')")
	first := read(t, pairsOf(server), "")
	first.next(1)
	fails(second{pairsOf(server)}, "Server.ID 4711 is that of the replica")
}

// second is a source under another name.
type second struct {
	stream.Source[binlogsource.Event[pair]]
}

func (s second) Open(c *stream.SourceContext) ([]stream.Reader[binlogsource.Event[pair]], error) {
	other := *c
	other.Name = "another"
	return s.Source.Open(&other)
}

func TestNoLog(t *testing.T) {
	t.Parallel()
	s := startMariaDB(t, "--skip-log-bin")
	s.exec(t, pairs)
	_, err := read(t, pairsOf(s.server(t)), "").until(1)
	require.ErrorContains(t, err, "the server keeps no binary log")
	require.ErrorIs(t, err, binlogsource.ErrSetup)
}

// A log that has been deleted is said to be, and the tables are read again where that is wanted.
func TestLost(t *testing.T) {
	t.Parallel()
	s := startMariaDB(t)
	s.exec(t, pairs, "INSERT INTO shop.pairs VALUES (1, 'a'), (2, 'b')")
	r := read(t, pairsOf(s.server(t)), "")
	r.next(2)
	offset := r.reader.Offset()
	r.close()
	s.exec(t, "DELETE FROM shop.pairs WHERE id = 1", "FLUSH LOGS", "INSERT INTO shop.pairs VALUES (3, 'c')", "FLUSH LOGS", "INSERT INTO shop.pairs VALUES (4, 'd')", "FLUSH LOGS")
	r = read(t, pairsOf(s.server(t)), offset) // logs that were rotated are there yet
	require.Len(t, r.next(3), 3)
	r.close()
	s.Until("has deleted what nobody reads any more", func() bool {
		s.exec(t, "PURGE BINARY LOGS TO 'bin.000004'")
		var first string
		var size int
		return s.root.QueryRow("SHOW BINARY LOGS").Scan(&first, &size) == nil && first == "bin.000004"
	})

	_, err := read(t, pairsOf(s.server(t)), offset).until(1)
	var lost *binlogsource.LostError
	require.ErrorAs(t, err, &lost)
	t.Log(err)

	r = read(t, pairsOf(s.server(t), binlogsource.SnapshotWhenLost()), offset)
	events := r.next(4)
	assert.Equal(t, binlogsource.Restarted, events[0].Kind)
	for i, e := range events[1:] {
		assert.Equal(t, stream.Read, e.Change.Kind)
		assert.Equal(t, i+2, e.Change.After.ID)
	}
	s.exec(t, "INSERT INTO shop.pairs VALUES (5, 'e')")
	assert.Equal(t, 5, r.next(1)[0].Change.After.ID)
}

// A proxy stands between a source and its server, and can cut the connections.
type proxy struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
	after int64 // bytes from the server until the next cut; 0 for no cut
}

func newProxy(t *testing.T, to string) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{Listener: l}
	var wg sync.WaitGroup
	t.Cleanup(func() { l.Close(); p.cut(); wg.Wait() })
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, in, out)
			after := p.after
			p.mu.Unlock()
			wg.Go(func() { io.Copy(out, in); out.Close() })
			wg.Go(func() {
				if after > 0 {
					io.CopyN(in, out, after)
					out.Close()
				}
				io.Copy(in, out)
				in.Close()
			})
		}
	})
	return p
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

// A connection that is cut in the middle of a transaction, anywhere, costs nothing and repeats nothing.
func testCut(t *testing.T, s *database) {
	s.exec(t, pairs)
	server := s.server(t)
	p := newProxy(t, server.Addr)
	server.Addr = p.Addr().String()
	r := read(t, pairsOf(server, binlogsource.Buffer(1)), "")
	s.exec(t, "INSERT INTO shop.pairs SELECT seq, 'one' FROM shop.seq_1_to_10")
	r.next(10)
	const rows = 20_000
	s.exec(t, "UPDATE shop.pairs SET v = 'two'; INSERT INTO shop.pairs SELECT seq+10, CONCAT('row ', seq) FROM shop.seq_1_to_20000")
	got := 10
	for cuts := 0; got < 20+rows; {
		for _, e := range r.next(min(1777, 20+rows-got)) {
			got++
			if got <= 20 {
				continue
			}
			require.Equal(t, got-10, e.Change.After.ID)
			require.Equal(t, got == 20+rows, e.Tx.Last)
		}
		if cuts++; cuts%2 == 0 {
			p.cut()
		}
		p.mu.Lock()
		p.after = int64(100_000 * (cuts % 3))
		p.mu.Unlock()
	}
}

// A server that is restarted, kindly or not, is connected to again, and a read ends with its
// context all the while.
func TestServerRestarted(t *testing.T) {
	t.Parallel()
	s := startMariaDB(t, "--innodb-flush-log-at-trx-commit=2")
	s.exec(t, pairs, "CREATE TABLE shop.fleeting (id INT) ENGINE=MEMORY")
	r := read(t, pairsOf(s.server(t)), "")
	for i := range 2 {
		s.exec(t, "SELECT 1 FROM shop.fleeting") // behind a restart it is empty, and that is logged as a statement
		s.exec(t, "INSERT INTO shop.pairs VALUES ("+string(rune('1'+i))+", 'a')")
		require.Equal(t, i+1, r.next(1)[0].Change.After.ID)
		s.Kill()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		begun := time.Now()
		in := stream.NewIntake[binlogsource.Event[pair]](10)
		err := r.reader.Read(ctx, in)
		require.True(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
		require.Less(t, time.Since(begun), 10*time.Second)
		cancel()
		s.start(t)
	}
	for _, offset := range []string{r.reader.Offset(), ""} { // a server that is frozen, in the log and in a snapshot
		frozen := read(t, pairsOf(s.server(t)), offset)
		if offset != "" {
			s.exec(t, "DELETE FROM shop.pairs WHERE id = 1")
			frozen.next(1)
		}
		s.Signal(syscall.SIGSTOP)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		begun := time.Now()
		err := frozen.reader.Read(ctx, stream.NewIntake[binlogsource.Event[pair]](10))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		frozen.close()
		require.Less(t, time.Since(begun), 10*time.Second)
		cancel()
		s.Signal(syscall.SIGCONT)
	}
	r.close()
	r = read(t, pairsOf(s.server(t), binlogsource.Retry(200*time.Millisecond)), "")
	r.next(1)
	s.Kill()
	_, err := r.until(1)
	require.Error(t, err) // it is not tried for ever
}
