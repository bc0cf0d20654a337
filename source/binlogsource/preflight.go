package binlogsource

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// facts are what a run knows of the server.
type facts struct {
	maria    bool
	kind     string // of positions
	folds    bool   // names of tables know no case
	charsets map[uint64]string
}

// preflight asks the server whether the tables can be captured, and says what to change if not. A table that is gone is no error where
// goesOn reports that a run goes on with it.
func preflight(ctx context.Context, s Server, name string, c config, tables []*tableState, goesOn func(table string) bool) (*facts, error) {
	f := &facts{kind: "file"}
	var version string
	var logs bool
	var id uint32
	var names int
	if err := one(ctx, s.DB, "SELECT VERSION(), @@global.log_bin, @@global.server_id, @@global.lower_case_table_names", &version, &logs, &id, &names); err != nil {
		return nil, err
	}
	f.folds = names != 0
	f.maria = strings.Contains(version, "MariaDB")
	switch {
	case !logs:
		return nil, setupf("the server keeps no binary log: want log_bin in its my.cnf, and a restart")
	case id == s.ID:
		return nil, setupf("Server.ID %d is the server's own server_id: want one that no server and no replica has", s.ID)
	}
	for variable, want := range map[string]string{"binlog_format": "ROW", "binlog_row_image": "FULL"} {
		var is string
		if err := one(ctx, s.DB, "SELECT @@global."+variable, &is); err != nil {
			return nil, err
		}
		if is != want {
			return nil, setupf("%s is %s: want SET GLOBAL %s = '%s', in my.cnf too, and sessions that were open before closed", variable, is, variable, want)
		}
	}
	if err := f.ask(ctx, s.DB); err != nil {
		return nil, err
	}
	if err := f.retention(ctx, s.DB, c.retention); err != nil {
		return nil, err
	}
	if err := isOurs(ctx, s, name); err != nil {
		return nil, err
	}
	for _, t := range tables {
		schema, err := readSchema(ctx, s.DB, t.name)
		if errors.Is(err, errGone) && goesOn(t.name) { // the log has what became of it
			t.schema, t.layout, t.order = nil, nil, nil
			continue
		} else if err != nil {
			return nil, err
		}
		if engine := strings.ToLower(schema.engine); engine != "innodb" && engine != "rocksdb" {
			return nil, setupf("table %s is of engine %s, which has no transactions: want ALTER TABLE %s ENGINE = InnoDB", t.name, schema.engine, t.name)
		}
		if err := t.described(schema); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// same reports whether two names are of the same table.
func (f *facts) same(a, b string) bool { return a == b || f.folds && strings.EqualFold(a, b) }

// ask asks for what differs between servers.
func (f *facts) ask(ctx context.Context, db *sql.DB) error {
	collations := "SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATIONS WHERE ID IS NOT NULL AND CHARACTER_SET_NAME IS NOT NULL"
	if f.maria {
		f.kind = "mariadb"
		var all int // since 10.10 a collation has an ID for each of its charsets
		if err := one(ctx, db, "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'information_schema'"+
			" AND TABLE_NAME = 'COLLATION_CHARACTER_SET_APPLICABILITY' AND COLUMN_NAME = 'ID'", &all); err != nil {
			return err
		}
		if all > 0 {
			collations = "SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY WHERE ID IS NOT NULL"
		}
	} else {
		var name, mode, partial string
		if err := one(ctx, db, "SELECT @@global.gtid_mode", &mode); err != nil {
			return err
		}
		// Before 8.0.3 there is no such variable.
		if err := one(ctx, db, "SHOW GLOBAL VARIABLES LIKE 'binlog_row_value_options'", &name, &partial); err != nil && err != sql.ErrNoRows {
			return err
		}
		if mode == "ON" {
			f.kind = "mysql"
		}
		if partial != "" {
			return setupf("binlog_row_value_options is %s, so the log has parts of rows: want SET GLOBAL binlog_row_value_options = ''", partial)
		}
	}
	rows, err := db.QueryContext(ctx, collations)
	if err != nil {
		return err
	}
	defer rows.Close()
	f.charsets = map[uint64]string{}
	for rows.Next() {
		var id uint64
		var charset string
		if err := rows.Scan(&id, &charset); err != nil {
			return err
		}
		f.charsets[id] = charset
	}
	return rows.Err()
}

// retention reports a server that deletes its log too soon.
func (f *facts) retention(ctx context.Context, db *sql.DB, want time.Duration) error {
	if want == 0 {
		return nil
	}
	var seconds float64
	if err := one(ctx, db, "SELECT @@global.binlog_expire_logs_seconds", &seconds); err != nil {
		var days float64
		if err := one(ctx, db, "SELECT @@global.expire_logs_days", &days); err != nil {
			return err
		}
		seconds = days * 86400
	}
	if keeps := time.Duration(seconds) * time.Second; keeps > 0 && keeps < want {
		return setupf("the server deletes its log after %v: want SET GLOBAL binlog_expire_logs_seconds = %.0f at least", keeps, want.Seconds())
	}
	return nil
}

// isOurs reports an error if another replica has the id. One under our name is of a run that was
// killed, which the server has not noticed yet. Not every user may ask.
func isOurs(ctx context.Context, s Server, name string) error {
	rows, err := s.DB.QueryContext(ctx, "SHOW SLAVE HOSTS")
	if err != nil {
		return nil
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || len(columns) < 2 {
		return err
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if string(*into[0].(*sql.RawBytes)) == fmt.Sprint(s.ID) && string(*into[1].(*sql.RawBytes)) != replicaName(name) {
			return setupf("Server.ID %d is that of the replica %q: want one that no server and no replica has", s.ID, *into[1].(*sql.RawBytes))
		}
	}
	return rows.Err()
}

// replicaName is how the server lists the connection among its replicas.
func replicaName(name string) string {
	name = "freshet " + name
	if len(name) > 60 { // MySQL takes no more
		sum := sha256.Sum256([]byte(name))
		name = strings.ToValidUTF8(name[:43], "") + " " + hex.EncodeToString(sum[:8])
	}
	return name
}

// current returns the position behind all transactions so far.
func (f *facts) current(ctx context.Context, db queryer) (position, error) {
	var text string
	switch f.kind {
	case "mariadb":
		if err := one(ctx, db, "SELECT @@global.gtid_binlog_pos", &text); err != nil {
			return nil, err
		}
	case "mysql":
		if err := one(ctx, db, "SELECT @@global.gtid_executed", &text); err != nil {
			return nil, err
		}
		text = strings.ReplaceAll(text, "\n", "")
	default:
		var err error
		if text, err = endOfLog(ctx, db); err != nil {
			return nil, err
		}
	}
	return parsePosition(f.kind, text)
}

// endOfLog returns where the server writes its log, as "file:pos". The statement has another name since MySQL 8.4.
func endOfLog(ctx context.Context, db queryer) (string, error) {
	rows, err := db.QueryContext(ctx, "SHOW MASTER STATUS")
	if err != nil {
		if rows, err = db.QueryContext(ctx, "SHOW BINARY LOG STATUS"); err != nil {
			return "", err
		}
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var file, pos string
	into := []any{&file, &pos}
	for range columns[2:] {
		into = append(into, new(sql.RawBytes))
	}
	if !rows.Next() {
		return "", setupf("the server keeps no binary log: want log_bin in its my.cnf")
	}
	if err := rows.Scan(into...); err != nil {
		return "", err
	}
	return file + ":" + pos, rows.Close()
}
