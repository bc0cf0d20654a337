package main

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/sink/sqlsink"
)

// A shop is where everything lies.
type shop struct {
	log     string // the web server's
	redis   redis.UniversalClient
	db      *sql.DB
	dialect sqlsink.Dialect
	mariadb *mysql.Config // nil where db is SQLite
}

// An address says where a shop is.
type address struct {
	Log      string // the web server's log
	Redis    string // "127.0.0.1:6379"
	Database string // "user:password@tcp(127.0.0.1:3306)/shop", or "file:" and a file of SQLite
}

const sqliteOptions = "?_pragma=journal_mode(wal)&_pragma=synchronous(0)&_pragma=busy_timeout(10000)&_txlock=immediate&_time_format=sqlite"

// open makes the clients of a shop. Nothing is asked of its servers.
func (a address) open() (s shop, err error) {
	s = shop{log: a.Log, redis: redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{a.Redis}}), dialect: sqlsink.SQLite}
	if strings.HasPrefix(a.Database, "file:") {
		s.db, err = sql.Open("sqlite", a.Database+sqliteOptions)
		return s, err
	}
	if s.mariadb, err = mysql.ParseDSN(a.Database); err != nil {
		return s, err
	}
	s.dialect = sqlsink.MySQL
	s.mariadb.ParseTime, s.mariadb.InterpolateParams = true, true
	connector, err := mysql.NewConnector(s.mariadb)
	if err != nil {
		return s, err
	}
	s.db = sql.OpenDB(connector)
	return s, nil
}

func (s shop) close() error { return errors.Join(s.db.Close(), s.redis.Close()) }
