package sqldb

import (
	"database/sql"
	"database/sql/driver"
	"reflect"
	"slices"
)

// ReadOnly reports whether an error says that the server, or the session, takes no writes: it has become a replica, and what was its
// name may be another server's by now. It goes by what drivers have in common, as FaultOf does.
func ReadOnly(err error) bool {
	for e := range causes(err) {
		if x, ok := e.(interface{ SQLState() string }); ok && x.SQLState() == "25006" { // pgx, lib/pq
			return true
		}
		if v := reflect.Indirect(reflect.ValueOf(e)); v.Kind() == reflect.Struct {
			n := v.FieldByName("Number") // go-sql-driver/mysql
			if n.IsValid() && n.Kind() == reflect.Uint16 && slices.Contains([]uint64{1290, 1792, 1836}, n.Uint()) {
				return true
			}
		}
	}
	return false
}

// Discard closes a connection, so that the pool makes another one.
func Discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // that is what has it discarded
}
