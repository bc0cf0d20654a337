package sqlsource

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/internal/sqldb"
	"github.com/freshet-go/freshet/stream"
)

// A keyed source reads a table in the order of its keys.
type keyed[T any] struct {
	config
	db      *sql.DB
	table   string
	dialect sqldb.Dialect
	fields  []sqldb.Field
	keys    []sqldb.Field
	columns []string // of the fields
	names   []string // of the keys
	clocks  []bool   // of the keys: whether the driver gives it as a text, and takes it so
}

// newKeyed panics for what only a programmer can have got wrong.
func newKeyed[T any](what string, db *sql.DB, table string, dialect Dialect, opts []Option) *keyed[T] {
	s := &keyed[T]{config: configure(opts), db: db, table: table, dialect: sqldb.Dialect(dialect)}
	if err := s.check(); err != nil {
		panic(fmt.Sprintf("sqlsource: %s: %v", what, err))
	}
	return s
}

// FixedPartitions says that several processes may open the source, each to read some of its partitions: see [stream.Fixed].
func (s *keyed[T]) FixedPartitions() string { return "" }

func (s *keyed[T]) check() (err error) {
	t := reflect.TypeFor[T]()
	if s.fields, err = sqldb.Fields(t); err != nil {
		return err
	}
	switch {
	case s.db == nil:
		return errors.New("the database is nil")
	case !s.dialect.Known():
		return fmt.Errorf("%d is no Dialect", s.dialect)
	}
	s.columns, s.keys = sqldb.Columns(s.fields), sqldb.Keys(s.fields)
	if len(s.by) > 0 {
		s.keys = nil
	}
	for _, name := range s.by {
		n := len(s.keys)
		for _, f := range s.fields {
			if f.Column == name {
				s.keys = append(s.keys, f)
			}
		}
		if len(s.keys) == n {
			return fmt.Errorf("no field of %v has the column %s of By", t, name)
		}
	}
	if len(s.keys) == 0 {
		return fmt.Errorf("no field of %v is a key: tag those by which rows are read as in `sql:\"id,key\"`, or name them with By", t)
	}
	for _, f := range s.keys {
		if !f.IsKey() {
			return fmt.Errorf("field %s (%v) cannot be a key: it has to be an integer, a string, a []byte or a time.Time, and no pointer", f.Name, f.Type)
		}
		if s.dialect == sqldb.SQLite && f.Type.String() == "time.Time" {
			return fmt.Errorf("field %s is a key and a time.Time: SQLite has no times, and compares texts; read the column as a string", f.Name)
		}
	}
	s.names = sqldb.Columns(s.keys)
	for i := range s.fields {
		if f := &s.fields[i]; s.dialect == sqldb.MySQL && f.Zoned && f.IsTime() && slices.Contains(s.names, f.Column) {
			f.Exact()
		}
	}
	return sqldb.CheckName(s.table)
}

// anew returns the source for one opening, which learns what others may learn at the same time.
func (s *keyed[T]) anew() *keyed[T] {
	x := *s
	x.clocks = make([]bool, len(s.keys))
	return &x
}

// String names the table.
func (s *keyed[T]) String() string { return "table " + s.table }

// again calls f, and again while its error is one that passes.
func (s *keyed[T]) again(ctx context.Context, logger *slog.Logger, f func() error) error {
	passes := func(err error) bool { return sqldb.FaultOf(err) == sqldb.FaultPassing }
	warn := func(err error) {
		if logger != nil {
			logger.Warn("the database cannot be read, and it is tried again", "source", s.String(), "for", s.retry, "cause", err)
		}
	}
	return sqldb.Again(ctx, s.retry, passes, warn, f)
}

// A span is the rows behind some keys, up to some.
type span struct {
	after, upto []any // nil where there is no bound
	down        bool
	offset      int64
}

// query reads up to limit rows of a span into p, in the order of their keys.
func (s *keyed[T]) query(ctx context.Context, p *page[T], of span, limit int, hashes bool) error {
	text, parameters := sqldb.Select{
		Dialect: s.dialect, Table: s.table, Columns: s.columns, Keys: s.names, Where: s.where, Given: len(s.args),
		After: of.after != nil, Upto: of.upto != nil, Down: of.down, Offset: of.offset,
	}.Statement()
	args := append([]any(nil), s.args...)
	for _, i := range parameters {
		switch n := len(s.keys); {
		case i < n:
			args = append(args, s.handed(i, of.after[i]))
		case i < 2*n:
			args = append(args, s.handed(i-n, of.upto[i-n]))
		default:
			args = append(args, limit)
		}
	}
	ctx, cancel, err := sqldb.Unhurried(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	rows, err := s.db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	row, err := sqldb.NewRow(s.fields, reflect.TypeFor[T]().String(), s.String(), s.columns)
	if err != nil {
		return err
	}
	row.Hashes = hashes
	x := scanner[T]{rows: rows, row: row, columns: s.columns, keys: s.names}
	for more := true; more && err == nil; {
		more, err = x.scan(p)
	}
	return err
}

// keysOf returns the keys of a row as arguments.
func (s *keyed[T]) keysOf(v *T) (args []any, err error) {
	args = make([]any, len(s.keys))
	for i := range s.keys {
		if args[i], err = s.keys[i].Arg(unsafe.Pointer(v)); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// texts returns the keys of a row as an offset has them.
func (s *keyed[T]) texts(v *T) []string {
	texts := make([]string, len(s.keys))
	for i := range s.keys {
		texts[i] = s.keys[i].Text(unsafe.Pointer(v))
	}
	return texts
}

// parse returns the arguments of texts; nil of nil.
func (s *keyed[T]) parse(texts []string) ([]any, error) {
	if texts == nil {
		return nil, nil
	}
	if len(texts) != len(s.keys) {
		return nil, fmt.Errorf("%d keys, and it is read by %d now", len(texts), len(s.keys))
	}
	args := make([]any, len(texts))
	for i, text := range texts {
		var err error
		if args[i], err = s.keys[i].Parse(text); err != nil {
			return nil, fmt.Errorf("key %s: %w", s.names[i], err)
		}
	}
	return args, nil
}

// contextOf is that of a source, also where a test opens it without one.
func contextOf(c *stream.SourceContext) context.Context {
	if c.Context == nil {
		return context.Background()
	}
	return c.Context
}
