package binlogsource_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/source/binlogsource"
)

const install = "apt-get install mariadb-server"

// A database is a private server.
type database struct {
	dir     string
	port    int
	command func() *exec.Cmd
	*servertest.Process
	root  *sql.DB
	mysql bool
}

var fresh = struct {
	sync.Mutex
	dir string // an empty data directory, to be copied
}{}

func TestMain(m *testing.M) {
	if dir := os.Getenv("FRESHET_BINLOG_CHILD"); dir != "" {
		fmt.Fprintln(os.Stderr, child(dir, os.Getenv("FRESHET_BINLOG_PORT")))
		os.Exit(1)
	}
	code := m.Run()
	if fresh.dir != "" {
		_ = os.RemoveAll(fresh.dir)
	}
	os.Exit(code)
}

// startMariaDB starts one that ends with the test.
func startMariaDB(t testing.TB, args ...string) *database {
	t.Helper()
	program := servertest.Program(t, "mariadbd", install)
	installs := servertest.Program(t, "mariadb-install-db", install)
	empty(t, installs)
	s := &database{dir: t.TempDir(), port: servertest.FreePort(t)}
	servertest.Output(t, "cp", "-a", filepath.Join(fresh.dir, "data"), filepath.Join(s.dir, "data"))
	args = append([]string{
		"--no-defaults", "--user=" + username(), "--datadir=" + filepath.Join(s.dir, "data"), "--socket=" + filepath.Join(s.dir, "sock"),
		"--tmpdir=" + s.dir, "--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", s.port), "--server-id=1", "--log-bin=bin", "--binlog-format=ROW", "--binlog-row-metadata=FULL",
		"--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-buffer-pool-size=128M", "--skip-name-resolve", "--max-connections=200",
	}, args...)
	s.command = func() *exec.Cmd { return exec.Command(program, args...) }
	s.begin(t)
	return s
}

// startMySQL starts a MySQL that ends with the test.
func startMySQL(t testing.TB, args ...string) *database {
	t.Helper()
	s := &database{dir: t.TempDir(), port: servertest.FreePort(t), mysql: true}
	s.command = sqlservers.MySQLCommand(t, s.dir, s.port, append([]string{
		"--server-id=1", "--log-bin=bin", "--binlog-format=ROW", "--gtid-mode=ON", "--enforce-gtid-consistency", "--log-slave-updates", "--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0",
	}, args...)...)
	s.begin(t)
	return s
}

// begin starts a server for the first time.
func (s *database) begin(t testing.TB) {
	t.Helper()
	s.start(t)
	s.exec(t, "CREATE DATABASE shop", "CREATE USER freshet@'%' IDENTIFIED BY 'secret'", "GRANT REPLICATION SLAVE ON *.* TO freshet@'%'", "GRANT SELECT ON shop.* TO freshet@'%'")
}

// empty makes the data directory that servers begin with.
func empty(t testing.TB, installs string) {
	fresh.Lock()
	defer fresh.Unlock()
	if fresh.dir != "" {
		return
	}
	dir, err := os.MkdirTemp("", "freshet-mariadb-")
	require.NoError(t, err)
	// A server that starts deletes the temporary tables of all others that have the same folder for them.
	servertest.Output(t, "env", "TMPDIR="+dir, installs, "--no-defaults", "--user="+username(), "--datadir="+filepath.Join(dir, "data"), "--auth-root-authentication-method=normal", "--skip-test-db")
	fresh.dir = dir
}

func username() string {
	if os.Getuid() == 0 {
		return "root"
	}
	return os.Getenv("USER")
}

// start starts the server, for the first time or again.
func (s *database) start(t testing.TB) {
	t.Helper()
	s.Process = servertest.Start(t, s.command())
	s.root = s.open(t, "root", "")
	s.Until("answers", func() bool { return s.root.Ping() == nil })
}

// restart stops the server, kindly or not, and starts it again.
func (s *database) restart(t testing.TB, kindly bool) {
	if kindly {
		s.Signal(syscall.SIGTERM)
		s.Wait(20e9)
	} else {
		s.Kill()
	}
	s.start(t)
}

func (s *database) open(t testing.TB, user, password string) *sql.DB {
	t.Helper()
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName = user, password, "tcp", fmt.Sprintf("127.0.0.1:%d", s.port), "information_schema"
	c.MultiStatements, c.Logger = true, &mysql.NopLogger{}
	c.ParseTime, c.Loc = true, time.FixedZone("elsewhere", -5*3600) // settings of the caller's, which change nothing
	connector, err := mysql.NewConnector(c)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func (s *database) exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if m := sequence.FindStringSubmatch(statement); m != nil && s.mysql {
			s.numbers(t, m[1])
		}
		if create, ok := strings.CutPrefix(statement, "CREATE OR REPLACE TABLE "); ok && s.mysql {
			name, _, _ := strings.Cut(create, " ")
			if _, err := s.root.Exec("SELECT 1 FROM " + name + " LIMIT 0"); err == nil { // else IF EXISTS would be in the log
				s.exec(t, "DROP TABLE "+name)
			}
			statement = "CREATE TABLE " + create
		}
		_, err := s.root.Exec(statement)
		require.NoError(t, err, statement)
	}
}

// sequence is the name of a table that MariaDB's engine SEQUENCE makes by itself.
var sequence = regexp.MustCompile(`shop\.seq_1_to_(\d+)`)

// numbers makes such a table on a MySQL.
func (s *database) numbers(t testing.TB, text string) {
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	name := "shop.seq_1_to_" + text
	_, err = s.root.Exec("CREATE TABLE IF NOT EXISTS " + name + " (seq BIGINT PRIMARY KEY)")
	require.NoError(t, err)
	for i := 1; i <= n; i += 1000 {
		var values []string
		for k := i; k <= min(n, i+999); k++ {
			values = append(values, fmt.Sprintf("(%d)", k))
		}
		_, err := s.root.Exec("INSERT IGNORE INTO " + name + " VALUES " + strings.Join(values, ", "))
		require.NoError(t, err)
	}
}

// server is what a source is given, as a user with no more rights than it needs.
func (s *database) server(t testing.TB) binlogsource.Server {
	return binlogsource.Server{DB: s.open(t, "freshet", "secret"), Addr: fmt.Sprintf("127.0.0.1:%d", s.port), User: "freshet", Password: "secret"}
}
