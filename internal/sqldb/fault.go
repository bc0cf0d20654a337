package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
)

// A Fault says what is to be done about an error of a database.
type Fault int

const (
	FaultUnknown Fault = iota // nobody knows
	FaultOfRow                // the database refuses this row, and would again
	FaultPassing              // it has to do with no row, and passes: try again
)

// FaultOf goes by what drivers have in common: methods, and where they have
// only fields, by these, as no driver is imported here. If an error consists of
// several, one that passes decides.
func FaultOf(err error) Fault {
	for _, passing := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, context.DeadlineExceeded,
	} {
		if errors.Is(err, passing) {
			return FaultPassing
		}
	}
	fault := FaultUnknown
	for e := range causes(err) {
		switch f := faultOfOne(e); {
		case f == FaultPassing:
			return f
		case fault == FaultUnknown:
			fault = f
		}
	}
	return fault
}

// causes yields err and all that it wraps.
func causes(err error) func(yield func(error) bool) {
	return func(yield func(error) bool) {
		var each func(error) bool
		each = func(err error) bool {
			if err == nil {
				return true
			}
			if !yield(err) {
				return false
			}
			switch x := err.(type) {
			case interface{ Unwrap() error }:
				return each(x.Unwrap())
			case interface{ Unwrap() []error }:
				for _, e := range x.Unwrap() {
					if !each(e) {
						return false
					}
				}
			}
			return true
		}
		each(err)
	}
}

func faultOfOne(err error) Fault {
	if x, ok := err.(interface{ Timeout() bool }); ok && x.Timeout() {
		return FaultPassing
	}
	if x, ok := err.(interface{ Temporary() bool }); ok && x.Temporary() {
		return FaultPassing
	}
	if _, ok := err.(netError); ok {
		return FaultPassing
	}
	if x, ok := err.(interface{ SQLState() string }); ok { // pgx, lib/pq
		if f := stateFault(x.SQLState()); f != FaultUnknown || len(x.SQLState()) == 5 {
			return f
		}
	}
	if x, ok := err.(interface{ Code() int }); ok { // modernc.org/sqlite
		return sqliteFault(err, int64(x.Code()))
	}
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() == reflect.Struct {
		if n := v.FieldByName("Number"); n.IsValid() && n.CanUint() { // go-sql-driver/mysql
			return mysqlFault(n.Uint(), n.Kind() == reflect.Uint16)
		} else if n.IsValid() && n.CanInt() {
			return mysqlFault(uint64(n.Int()), false)
		}
		if n := v.FieldByName("Code"); n.IsValid() && n.CanInt() { // mattn/go-sqlite3
			return sqliteFault(err, n.Int())
		} else if n.IsValid() && n.Kind() == reflect.String { // lib/pq, as it was
			return stateFault(n.String())
		}
	}
	if f := encodingFault(err.Error()); f != FaultUnknown {
		return f
	}
	// Some have nothing but a text. One that wraps another, and one with a code, may say
	// there what stood in the row: "Duplicate entry 'broken pipe' for key …".
	switch err.(type) {
	case interface{ Unwrap() error }, interface{ Unwrap() []error }:
		return FaultUnknown
	}
	for _, text := range []string{"invalid connection", "bad connection", "conn closed", "connection reset", "broken pipe"} {
		if strings.Contains(err.Error(), text) {
			return FaultPassing
		}
	}
	return FaultUnknown
}

// encodingFault knows what drivers say of a value before they send it, which begins the text. Where none of a type can be sent, it
// is no row's fault.
func encodingFault(text string) Fault {
	switch {
	case strings.HasPrefix(text, "year is not in the range [1, 9999]: "): // go-sql-driver/mysql
		return FaultOfRow
	case strings.HasPrefix(text, "failed to encode args[") && !strings.HasSuffix(text, "cannot find encode plan"): // pgx
		return FaultOfRow
	}
	return FaultUnknown
}

// stateFault knows the codes of the SQL standard and of PostgreSQL, of which two
// characters are a class.
func stateFault(state string) Fault {
	if len(state) != 5 {
		return FaultUnknown
	}
	switch state {
	case "40002": // a constraint that was checked at the end
		return FaultOfRow
	case "55P03", "55006", "25006", "25P03", "25P04": // lock not available, in use, read-only (a standby), timeouts
		return FaultPassing
	case "P0001", "45000", "54000": // raised by a trigger, signalled, beyond a limit
		return FaultOfRow
	}
	switch state[:2] {
	case "08", "40", "53", "57", "58", "72": // connection, rollback, resources, operator, system, snapshot
		return FaultPassing
	case "22", "23", "44": // data, constraint, check option
		return FaultOfRow
	}
	return FaultUnknown
}

// Numbers of MySQL and MariaDB.
var (
	mysqlPassing = []uint64{
		1020, 1021, 1028, 1030, 1037, 1038, 1040, 1041, 1042, 1043, 1047, 1053, 1077, 1079, 1080, 1105, 1114, 1129, 1130, 1152,
		1156, 1157, 1158, 1159, 1160, 1161, 1180, 1184, 1203, 1205, 1206, 1213, 1226, 1290, 1317, 1412, 1613, 1614, 1637, 1792,
		1836, 1927, 1969, 2002, 2003, 2006, 2012, 2013, 2014, 2026, 2027, 2055, 3024, 3058, 3100, 3101, 3169, 3572, 4031,
	}
	mysqlRow = []uint64{
		1048, 1062, 1118, 1138, 1153, 1169, 1216, 1217, 1242, 1263, 1264, 1265, 1292, 1300, 1364, 1365, 1366, 1367, 1369, 1406, 1411,
		1416, 1425, 1451, 1452, 1525, 1526, 1557, 1586, 1591, 1644, 1690, 1748, 1761, 1762, 1859, 3140, 3141, 3146, 3156, 3157, 3554,
		3616, 3617, 3732, 3819, 4025, 4038,
	}
)

// mysqlFault knows the numbers of MySQL. A row is given up only if they are
// surely of MySQL: those of other databases mean something else.
func mysqlFault(number uint64, sure bool) Fault {
	switch {
	case slices.Contains(mysqlPassing, number):
		return FaultPassing
	case sure && slices.Contains(mysqlRow, number):
		return FaultOfRow
	}
	return FaultUnknown
}

// sqliteFault knows the result codes of SQLite, whose lowest byte says the most.
// A row is given up only if they are surely of SQLite.
func sqliteFault(err error, code int64) Fault {
	switch code & 0xff {
	case 5, 6, 7, 9, 10, 13, 14, 15, 17: // busy, locked, no memory, interrupted, I/O, full, cannot open, protocol, schema
		return FaultPassing
	case 18, 19, 20: // too big, constraint, mismatch
		pkg := reflect.Indirect(reflect.ValueOf(err)).Type().PkgPath()
		if strings.Contains(pkg, "sqlite") || strings.Contains(strings.ToLower(err.Error()), "constraint") {
			return FaultOfRow
		}
	}
	return FaultUnknown
}

// A netError is a net.Error, such as a connection that is closed. Package net
// itself would be linked into each program that has a sink.
type netError interface {
	error
	Timeout() bool
	Temporary() bool
}
