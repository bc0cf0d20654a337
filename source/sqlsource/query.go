package sqlsource

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"unsafe"

	"github.com/freshet-go/freshet/internal/sqldb"
	"github.com/freshet-go/freshet/stream"
)

// Query reads the rows that a query finds, as they come from the database:
//
//	type Total struct {
//		Shop  string  `sql:"shop"`
//		Total float64 `sql:"total"`
//	}
//
//	totals := p.From(sqlsource.Query[Total](db, "SELECT shop, SUM(amount) AS total FROM sales WHERE day = ? GROUP BY shop ORDER BY shop", []any{day}))
//
// Each column of the result needs a field that is tagged with it, and each such field a column. The rows are one
// partition. One connection is in use from the first row to the last, also while the pipeline is busy: db has to be
// allowed one for each source and sink that uses it.
//
// An offset is how many rows have been handed on, and a hash of the last. A later run executes the query again and
// passes over so many rows. That is exact if the query finds the same rows in the same order: it should have an ORDER BY
// that leaves nothing open. Where the hash tells otherwise, the run fails with [ErrChanged]; that is looked at even where all rows had been handed on. For large tables [Table] is better, which
// goes on by key. An error in the middle ends the run; [stream.Restarts] begins again.
//
// It panics if T is no struct with such tags, or without a database.
func Query[T any](db *sql.DB, query string, args []any, opts ...Option) stream.Source[T] {
	fields, err := sqldb.Fields(reflect.TypeFor[T]())
	if err == nil && db == nil {
		err = errors.New("the database is nil")
	}
	if err != nil {
		panic(fmt.Sprintf("sqlsource: Query: %v", err))
	}
	return &querySource[T]{config: configure(opts), db: db, query: query, args: args, fields: fields}
}

// ErrChanged is the cause of an error where a query that is gone on with finds other rows than before.
var ErrChanged = errors.New("sqlsource: the query finds other rows than before")

type querySource[T any] struct {
	config
	db     *sql.DB
	query  string
	args   []any
	fields []sqldb.Field
}

// FixedPartitions is [stream.Fixed]'s.
func (s *querySource[T]) FixedPartitions() string { return "" }

// String returns the query, as far as it fits in a line.
func (s *querySource[T]) String() string { return "query " + sqldb.Shorten(s.query, 60) }

// hashOf tells a row from others.
func (s *querySource[T]) hashOf(v *T) uint64 { return sqldb.Fingerprint(s.fields, unsafe.Pointer(v)) }

// Open returns a reader. The query is executed when that is read first.
func (s *querySource[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	place := &queryPlace[T]{querySource: s}
	if text, ok := c.Offsets["query"]; ok {
		o, err := parseOffset(text)
		if err == nil && o.Hash != "" {
			place.hash, err = strconv.ParseUint(o.Hash, 16, 64)
		}
		if err != nil {
			return nil, fmt.Errorf("sqlsource: %s: %w", s, err)
		}
		place.rows, place.end = o.Row, o.End
	}
	f := queryFetch[T]{s, max(c.BatchSize, 1), place.rows, place.hash, place.end}
	return []stream.Reader[T]{&reader[T]{partition: "query", source: s.String(), fetch: f.run, place: place}}, nil
}

// A queryFetch reads the rows of a query.
type queryFetch[T any] struct {
	*querySource[T]
	rows int    // of a page
	skip int64  // rows of earlier runs
	hash uint64 // of the last of them
	end  bool   // there are no others
}

func (f *queryFetch[T]) run(ctx context.Context, pages *pages[T]) {
	p := pages.next(ctx)
	if p == nil {
		return
	}
	stop := ctx
	ctx, cancel, err := sqldb.Unhurried(ctx)
	if err != nil {
		return
	}
	defer cancel()
	rows, err := f.db.QueryContext(ctx, f.query, f.args...)
	if err != nil {
		p.err = err
		pages.send(p)
		return
	}
	defer rows.Close()
	columns, err := rows.Columns()
	var row *sqldb.Row
	if err == nil {
		row, err = sqldb.NewRow(f.fields, reflect.TypeFor[T]().String(), "the query", columns)
	}
	if err != nil {
		p.err = err
		pages.send(p)
		return
	}
	x := scanner[T]{rows: rows, row: row, columns: columns}
	if err := f.pass(&x, p); err != nil {
		p.failed(err)
	}
	if p.end = f.end; p.end || p.err != nil {
		pages.send(p)
		return
	}
	for {
		more := true
		for len(p.rows) < f.rows && more {
			if more, p.err = x.scan(p); p.err != nil {
				pages.send(p)
				return
			}
		}
		p.end = !more
		pages.send(p)
		if !more || stop.Err() != nil {
			return
		}
		if p = pages.next(stop); p == nil {
			return
		}
	}
}

// pass passes over the rows of earlier runs.
func (f *queryFetch[T]) pass(x *scanner[T], p *page[T]) error {
	for n := int64(0); n < f.skip; n++ {
		p.reset()
		more, err := x.scan(p)
		switch {
		case err != nil:
			return err
		case !more:
			return fmt.Errorf("%w: %d rows, of which %d had been handed on", ErrChanged, n, f.skip)
		}
	}
	if f.skip > 0 && f.hashOf(&p.rows[0]) != f.hash {
		return fmt.Errorf("%w: row %d is another", ErrChanged, f.skip-1)
	}
	p.reset()
	return nil
}

// A queryPlace is the offset of a query.
type queryPlace[T any] struct {
	*querySource[T]
	rows int64
	hash uint64
	end  bool
}

func (x *queryPlace[T]) row() int64 { return x.rows }

func (x *queryPlace[T]) done(p *page[T]) {
	if n := len(p.rows); n > 0 {
		x.rows, x.hash = x.rows+int64(n), x.hashOf(&p.rows[n-1])
	}
	x.end = p.end
}

func (x *queryPlace[T]) offset(p *page[T], at int) string {
	o := offset{Row: x.rows, End: x.end}
	hash := x.hash
	if p != nil && at > 0 {
		o.Row += int64(at)
		hash = x.hashOf(&p.rows[at-1])
	}
	if o.Row > 0 {
		o.Hash = strconv.FormatUint(hash, 16)
	}
	return o.String()
}
