package sqlsink

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/sqldb"
	"github.com/freshet-go/freshet/stream"
)

// A Dialect is how a database wants its statements.
type Dialect uint8

const (
	MySQL      = Dialect(sqldb.MySQL) // and MariaDB
	PostgreSQL = Dialect(sqldb.PostgreSQL)
	SQLite     = Dialect(sqldb.SQLite)
)

func (d Dialect) String() string { return sqldb.Dialect(d).String() }

// Upsert has table hold, for each key, the last value that came with it. The columns are
// fields of T:
//
//	type Revenue struct {
//		Shop   string    `sql:"shop,key"`
//		Day    time.Time `sql:"day,key"`
//		Amount float64   `sql:"amount"`
//	}
//
//	panes.To(sqlsink.Upsert[Revenue](db, "shop.revenue", sqlsink.PostgreSQL))
//
// The fields that are tagged as keys are together the primary key of the table, or a unique index of
// it. MySQL has no say in that: it updates the row that any unique index of the table finds, so there the table should
// have no other. A field may be a bool, number, string, []byte, time.Time, a type with a method
// Value or MarshalText, as decimals have, or a pointer to one of these, where nil is NULL. Embedded structs
// belong to the struct around them. Fields without a tag are left alone, and so are columns
// without a field. The names of the table and of columns are quoted; a dot parts a schema from a table.
//
// The database may take keys to be equal that Go does not: 'a' and 'A' where the collation is case-insensitive, 'a' and 'a ' where it pads. Then the
// row keeps the spelling with which it was inserted, in all dialects, as keys are not updated. And behind a KeyBy of the field such keys are
// keys of their own, on any two instances, and which of their values stays is left to chance. So what is upserted is to be keyed by what the database
// compares, the lower case say, and then the last of a key is what stays:
//
//	sales.KeyBy(func(s Sale) string { return strings.ToLower(s.Shop) }).Window(day).Aggregate(window.Sum(Sale.amount))
//
// Or have the column compare bytes (COLLATE utf8mb4_bin of MySQL).
//
// Up to [RowsPerStatement] events are one statement, all of a checkpoint one transaction;
// when two events have a key in common, only the later one is sent. What holds of delivery,
// checkpoints, failures and outages is as with [Statement]: exactly once in a run with checkpoints,
// and at least once in another, which is as good. A row that the database refuses is found by
// halves. Values have to be absolute: a total, not what is to be added to one. A time that is not of the years 1 to 9999 is
// a failure of its event with MySQL.
//
// It panics if T is no struct with such tags, if no field is a key, or without a database or a dialect.
func Upsert[T any](db *sql.DB, table string, dialect Dialect, opts ...Option) stream.Sink[T] {
	c := configure(opts)
	p := upsertPlan("Upsert", reflect.TypeFor[T](), &c, db, table, dialect)
	s := newTyped(c, db, p, func() func([]any, T) ([]any, error) {
		row := new(T)
		return func(args []any, v T) ([]any, error) {
			*row = v
			return p.appendAll(append(args, upserted), unsafe.Pointer(row))
		}
	})
	s.newPut = func() func([]byte, T) ([]byte, error) {
		row := new(T)
		return func(b []byte, v T) ([]byte, error) {
			*row = v
			return p.put(b, unsafe.Pointer(row))
		}
	}
	return s
}

// Changes has table follow the table that the changes are of, as [Upsert] does: inserts, updates and rows
// that were there already are upserts of the row as it is now, and a delete deletes the row by its
// key. Where an update has changed the key, and the change knows the row as it was, the old row is deleted. A delete
// that does not know the row is a failure of its event.
//
// In a statement's worth of changes only the last of each key counts, and deletes come first.
// Where the database refuses that, because two rows have swapped what is unique, say, the changes are executed
// in smaller parts, in the end one by one.
func Changes[T any](db *sql.DB, table string, dialect Dialect, opts ...Option) stream.Sink[stream.Change[T]] {
	c := configure(opts)
	p := upsertPlan("Changes", reflect.TypeFor[T](), &c, db, table, dialect)
	p.deletes = true
	return newTyped(c, db, p, func() func([]any, stream.Change[T]) ([]any, error) {
		row, before := new(T), new(T)
		return func(args []any, c stream.Change[T]) ([]any, error) {
			*row, *before = c.After, c.Before
			return p.appendChange(args, c.Kind, c.HasBefore, unsafe.Pointer(row), unsafe.Pointer(before))
		}
	})
}

// What a row of arguments is begins it.
const (
	upserted = int64(iota) // all columns follow
	deleted                // the keys follow
	moved                  // all columns follow, and the keys of the row as it was
)

// upserting is the plan of upserts and deletes.
type upserting struct {
	table         string
	dialect       sqldb.Dialect
	fields        []sqldb.Field
	columns, keys []string
	keyAt         []int // of fields
	rows          int   // of a statement
	deletes       bool
}

func upsertPlan(what string, t reflect.Type, c *config, db *sql.DB, table string, dialect Dialect) *upserting {
	p := &upserting{table: table, dialect: sqldb.Dialect(dialect), rows: c.rows}
	fields, err := sqldb.Fields(t)
	for i, f := range fields {
		if f.Key {
			p.keys, p.keyAt = append(p.keys, f.Column), append(p.keyAt, i)
		}
	}
	switch p.fields, p.columns = fields, sqldb.Columns(fields); {
	case err != nil:
	case db == nil:
		err = errors.New("the database is nil")
	case !p.dialect.Known():
		err = fmt.Errorf("%d is no Dialect", dialect)
	case len(p.keys) == 0:
		err = fmt.Errorf("no field of %v is a key: tag those that are the primary key of the table as in `sql:\"id,key\"`", t)
	default:
		err = sqldb.CheckName(table)
	}
	if err != nil {
		panic(fmt.Sprintf("sqlsink: %s: %v", what, err))
	}
	c.dollars = p.dialect == sqldb.PostgreSQL
	return p
}

func (p *upserting) appendAll(args []any, row unsafe.Pointer) ([]any, error) {
	for i := range p.fields {
		var err error
		if args, err = p.append(args, &p.fields[i], row); err != nil {
			return nil, err
		}
	}
	return args, nil
}

func (p *upserting) appendKeys(args []any, row unsafe.Pointer) ([]any, error) {
	for _, i := range p.keyAt {
		var err error
		if args, err = p.append(args, &p.fields[i], row); err != nil {
			return nil, err
		}
	}
	return args, nil
}

func (p *upserting) append(args []any, f *sqldb.Field, row unsafe.Pointer) ([]any, error) {
	a, err := f.Arg(row)
	if err != nil {
		return nil, err
	}
	switch v := a.(type) {
	case uint64:
		err = p.tooLarge(f, v)
	case time.Time:
		err = p.outOfYears(f, v.Unix())
	}
	return append(args, a), err
}

// put appends the arguments of an upsert as appendArguments does.
func (p *upserting) put(b []byte, row unsafe.Pointer) (_ []byte, err error) {
	b = sqldb.AppendInt(binary.AppendUvarint(b, uint64(1+len(p.fields))), upserted)
	for i := range p.fields {
		f, at := &p.fields[i], len(b)
		if b, err = f.Put(b, row); err != nil {
			return nil, err
		}
		switch b[at] {
		case sqldb.KindUint:
			n, _ := binary.Uvarint(b[at+1:])
			err = p.tooLarge(f, n)
		case sqldb.KindTime:
			seconds, _ := binary.Varint(b[at+1:])
			err = p.outOfYears(f, seconds)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// tooLarge refuses what is no int64, for SQLite.
func (p *upserting) tooLarge(f *sqldb.Field, n uint64) error {
	if p.dialect != sqldb.SQLite {
		return nil
	}
	return fmt.Errorf("field %s of column %s: SQLite has no integer as large as %d", f.Name, f.Column, n)
}

// The Unix seconds of the years that MySQL has.
var year1, year10000 = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// outOfYears refuses a time that MySQL does not have. The driver would, when the checkpoint has promised the row.
func (p *upserting) outOfYears(f *sqldb.Field, seconds int64) error {
	if p.dialect != sqldb.MySQL || seconds >= year1 && seconds < year10000 {
		return nil
	}
	return fmt.Errorf("field %s of column %s: MySQL has the years from 1 to 9999, and not %d", f.Name, f.Column, time.Unix(seconds, 0).UTC().Year())
}

func (p *upserting) appendChange(args []any, kind stream.ChangeKind, hasBefore bool, after, before unsafe.Pointer) (_ []any, err error) {
	switch kind {
	case stream.Insert, stream.Update, stream.Read:
		if args, err = p.appendAll(append(args, upserted), after); err != nil || kind != stream.Update || !hasBefore {
			return args, err
		}
		n := len(args)
		if args, err = p.appendKeys(args, before); err != nil {
			return nil, err
		}
		for i, at := range p.keyAt {
			if !sameArgument(args[n+i], args[n-len(p.fields)+at]) {
				args[n-len(p.fields)-1] = moved
				return args, nil
			}
		}
		return args[:n], nil
	case stream.Delete:
		if !hasBefore {
			return nil, errors.New("a delete that does not know the row as it was: which one is meant?")
		}
		return p.appendKeys(append(args, deleted), before)
	}
	return nil, fmt.Errorf("%v is no kind of a change", kind)
}
