package service

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/sink/sqlsink"
)

// A Shop is where everything lies.
type Shop struct {
	DB      *sql.DB
	Dialect sqlsink.Dialect
	Orders  Orders    // nil where they are captured from their table
	Results []Results // beside those of every shop

	log     string // the web server's
	redis   redis.UniversalClient
	mariadb *mysql.Config // nil where DB is SQLite
}

// An address says where a shop is.
type address struct {
	Log      string // the web server's log
	Redis    string // "127.0.0.1:6379"
	Database string // "user:password@tcp(127.0.0.1:3306)/shop", or "file:" and a file of SQLite
	Parts    []Placed
}

const sqliteOptions = "?_pragma=journal_mode(wal)&_pragma=synchronous(0)&_pragma=busy_timeout(10000)&_txlock=immediate&_time_format=sqlite"

// open makes the clients of a shop. Nothing is asked of its servers.
func (a address) open() (s Shop, err error) {
	s = Shop{log: a.Log, redis: redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{a.Redis}}), Dialect: sqlsink.SQLite}
	for _, part := range a.Parts {
		if part.addr != "" {
			if err := part.Open(&s, part.addr); err != nil {
				return s, err
			}
		}
	}
	if strings.HasPrefix(a.Database, "file:") {
		s.DB, err = sql.Open("sqlite", a.Database+sqliteOptions)
		return s, err
	}
	if s.mariadb, err = mysql.ParseDSN(a.Database); err != nil {
		return s, err
	}
	s.Dialect = sqlsink.MySQL
	s.mariadb.ParseTime, s.mariadb.InterpolateParams = true, true
	connector, err := mysql.NewConnector(s.mariadb)
	if err != nil {
		return s, err
	}
	s.DB = sql.OpenDB(connector)
	return s, nil
}

func (s Shop) close() error {
	for _, r := range s.Results {
		r.Close()
	}
	return errors.Join(s.DB.Close(), s.redis.Close())
}
