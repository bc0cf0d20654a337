package binlogsource

import (
	"cmp"
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/stream"
)

// A Server says how a MySQL or a MariaDB is reached. Its log is read over a connection of its
// own, as a replica would; all questions and the snapshots go through DB.
type Server struct {
	DB       *sql.DB // of the same server, as a user with SELECT on the tables; the caller closes it behind Run
	Addr     string  // "db.example.com:3306", or the path of a socket
	User     string  // with REPLICATION SLAVE
	Password string
	// Login, where it is not nil, is asked for both each time that a connection of the log is made, instead of User and Password. When the server
	// refuses what it says, it is asked once more at once, for that may have changed; when that is the same, or is refused, too, it is ErrSetup. An error
	// of its own is one of the connection, which is tried again as Retry says. DB has a login of its own, which its driver asks for.
	Login func(ctx context.Context) (user, password string, err error)
	TLS   *tls.Config // nil for none
	// Dial makes the connection of the log; nil is a net.Dialer's DialContext. A connection that it has made safe by itself has the method
	// ConnectionState of a tls.Conn: without TLS, a server that asks for the password in the clear is refused.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// ID is the server id that the connection has among the server's replicas, where it has to be unique. 0
	// is one of 2³¹ by chance, anew in each run.
	ID uint32
}

// Format writes the address alone, whatever the verb: a Server has a password.
func (s Server) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "server "+s.Addr) }

// New returns the source of the changes of tables, as one partition. Nothing is connected before Run.
//
//	binlogsource.New(server, binlogsource.Table[Order]("shop.orders"))
//
// Several tables become events of one type by TableAs. It panics if
// there are none, one is there twice, or the server has no DB or no Addr.
func New[U any](s Server, tables Captured[U], opts ...Option) *Source[U] {
	if s.DB == nil || s.Addr == "" || len(tables.tables) == 0 {
		panic("binlogsource: New: want a server with a DB and an Addr, and a table")
	}
	seen := map[string]bool{}
	for _, t := range tables.tables {
		if seen[t.name] {
			panic(fmt.Sprintf("binlogsource: New: table %s is there twice", t.name))
		}
		seen[t.name] = true
	}
	c := config{chunk: 10_000, snapshot: true, retry: time.Minute, buffer: 16 << 20}
	option.Apply("binlogsource: New", &c, opts)
	return &Source[U]{s, tables.tables, c}
}

// A Source is the changes of tables as the source of a pipeline.
type Source[U any] struct {
	server Server
	tables []captured[U]
	config config
}

func (s *Source[U]) String() string {
	var names []string
	for _, t := range s.tables {
		names = append(names, t.name)
	}
	return "binlog of " + s.server.Addr + ": " + strings.Join(names, ", ")
}

// FixedPartitions says that the process which reads need not be the one that has made the source: see [stream.Fixed].
func (s *Source[U]) FixedPartitions() string { return "" }

// Format writes what is read, whatever the verb: a Source has a password.
func (s *Source[U]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// An Option says how a source reads.
type Option func(*config)

type config struct {
	chunk     int
	snapshot  bool
	again     bool
	retry     time.Duration
	buffer    int64
	retention time.Duration
	window    bool // no consistent snapshot, even where the server could
}

// Chunk sets how many rows a snapshot reads at once. The default is 10,000. Two chunks
// are in memory. It panics if rows is not positive.
func Chunk(rows int) Option {
	if rows < 1 {
		panic(fmt.Sprintf("binlogsource: Chunk(%d): want at least 1", rows))
	}
	return func(c *config) { c.chunk = rows }
}

// NoSnapshot makes a run that begins without an offset begin with what changes from then on. Rows
// that are there already are given when they change.
func NoSnapshot() Option { return func(c *config) { c.snapshot = false } }

// SnapshotWhenLost has the tables be read again where the server has deleted the log that a run
// would have to go on with: each gives an event Restarted, and then its rows. The default
// is a *LostError that ends the run.
func SnapshotWhenLost() Option { return func(c *config) { c.again = true } }

// Retry sets for how long a server that cannot be reached is tried again, after waits from 50 ms to 2 s. The
// default is a minute. Whatever comes of the server begins it anew. 0 gives up at once.
func Retry(d time.Duration) Option { return func(c *config) { c.retry = d } }

// Retention has a run be refused if the server deletes its log sooner than after d. By default
// that is the operator's to know.
func Retention(d time.Duration) Option { return func(c *config) { c.retention = d } }

// Buffer bounds the bytes of the log that wait for the pipeline. The default is 16 MiB. One event of the log, which
// holds a row at least, may be larger. It panics if bytes is not positive.
func Buffer(bytes int64) Option {
	if bytes < 1 {
		panic(fmt.Sprintf("binlogsource: Buffer(%d): want at least 1", bytes))
	}
	return func(c *config) { c.buffer = bytes }
}

const partition = "binlog"

// Open returns the reader, which connects when it is first read.
func (s *Source[U]) Open(c *stream.SourceContext) ([]stream.Reader[U], error) {
	at, err := parsePlace(c.Offsets[partition])
	if err != nil {
		return nil, fmt.Errorf("binlogsource: %w", err)
	}
	parent := c.Context
	if parent == nil {
		parent = context.Background()
	}
	r := &reader[U]{source: s, config: s.config, at: at, logger: c.Logger, server: s.server}
	if r.logger == nil {
		r.logger = slog.New(slog.DiscardHandler)
	}
	r.server.ID = cmp.Or(s.server.ID, 1<<31|rand.Uint32())
	r.name = cmp.Or(c.Name, "source")
	for _, t := range s.tables {
		r.tables = append(r.tables, t.open())
	}
	r.byName = map[string]rows[U]{}
	for _, t := range r.tables {
		r.byName[t.table().name] = t
	}
	r.ctx, r.stop = context.WithCancel(parent)
	return []stream.Reader[U]{r}, nil
}

// A LostError says that the server has deleted the part of its log that a run would have to go on
// with, or that it is not the server whose log was read. The tables have to be read again: begin without the checkpoint, or with
// SnapshotWhenLost.
type LostError struct {
	Position string // where the run would have gone on
	Err      error  // what the server says
}

func (e *LostError) Error() string {
	return fmt.Sprintf("binlogsource: the log behind %s is lost, the tables have to be read again (SnapshotWhenLost does): %v", e.Position, e.Err)
}

func (e *LostError) Unwrap() error { return e.Err }

// ErrSetup is the error of a server that is not set up for change capture, or a table that cannot be read.
var ErrSetup = errors.New("the server is not set up for change capture")

// errGone is that of a table which does not exist, or which the user may not see.
var errGone = errors.New("there is no such table")

type setupError struct {
	text string
	gone bool
}

func (e *setupError) Error() string        { return e.text }
func (e *setupError) Is(target error) bool { return target == ErrSetup || e.gone && target == errGone }

func setupf(format string, args ...any) error { return &setupError{text: fmt.Sprintf(format, args...)} }
