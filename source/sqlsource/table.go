package sqlsource

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/stream"
)

// Table reads a table to its end, in pages by its key:
//
//	type Order struct {
//		ID    int64          `sql:"id,key"`
//		Shop  string         `sql:"shop"`
//		Total sql.NullString `sql:"total"`
//	}
//
//	orders := p.From(sqlsource.Table[Order](db, "orders", sqlsource.MySQL, sqlsource.Ranges(4)))
//
// Only the columns that fields are tagged with are asked for. The fields tagged as keys, or those named with [By], are
// together a key that is unique and never NULL, and should have an index. They are integers, strings, []byte or times.
//
// With [Ranges] the table is read in parts at once, each a partition: of an integer key, parts of its range; of
// others, parts of as many rows. An offset is the key of the last row, and where the part ends: a later run goes on
// behind it exactly. No transaction holds the pages together: rows that are written while the table is read may be
// read or not, as they were or as they are.
//
// Nothing is held of the database between two pages. A query that fails for a reason that passes is asked again,
// see [Retry].
//
// It panics if T is no struct with such tags, without a key, a database or a dialect.
func Table[T any](db *sql.DB, table string, dialect Dialect, opts ...Option) stream.Source[T] {
	return &tableSource[T]{newKeyed[T]("Table", db, table, dialect, opts)}
}

type tableSource[T any] struct{ *keyed[T] }

// Open returns a reader for each part.
func (s *tableSource[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	ctx := contextOf(c)
	s = &tableSource[T]{s.anew()}
	resumed := slices.ContainsFunc(slices.Collect(maps.Keys(c.Offsets)), s.isPart)
	if err := s.open(ctx, c.Logger, resumed); err != nil {
		return nil, err
	}
	parts, err := s.parts(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("sqlsource: %s: %w", s, err)
	}
	var readers []stream.Reader[T]
	for _, part := range parts {
		after, err := s.parse(part.After)
		if err != nil {
			return nil, fmt.Errorf("sqlsource: %s: the offset of %s: %w", s, part.name, err)
		}
		upto, err := s.parse(part.Upto)
		if err != nil {
			return nil, fmt.Errorf("sqlsource: %s: the offset of %s: %w", s, part.name, err)
		}
		f := &tableFetch[T]{s.keyed, c.Logger, span{after: after, upto: upto}, part.End}
		readers = append(readers, &reader[T]{
			partition: part.name, source: s.String(), fetch: f.run, place: &tablePlace[T]{s.keyed, part.offset},
		})
	}
	return readers, nil
}

// A tableFetch asks for one page after the other.
type tableFetch[T any] struct {
	*keyed[T]
	logger *slog.Logger
	rest   span
	end    bool // there is no rest
}

func (f *tableFetch[T]) run(ctx context.Context, pages *pages[T]) {
	if f.end {
		if p := pages.next(ctx); p != nil {
			p.end = true
			pages.send(p)
		}
		return
	}
	for !f.end {
		p := pages.next(ctx)
		if p == nil {
			return
		}
		p.err = f.again(ctx, f.logger, func() error {
			p.reset()
			return f.query(ctx, p, f.rest, f.config.page, false)
		})
		if p.err == nil && len(p.rows) < f.config.page {
			p.end = true
		} else if p.err == nil {
			f.rest.after, p.err = f.keysOf(&p.rows[len(p.rows)-1])
		}
		f.end = p.end || p.err != nil
		if p.err != nil {
			p.failed(p.err)
		}
		pages.send(p)
	}
}

// A tablePlace is the offset of a part.
type tablePlace[T any] struct {
	*keyed[T]
	o offset
}

func (x *tablePlace[T]) row() int64 { return x.o.Row }

func (x *tablePlace[T]) done(p *page[T]) {
	x.o = x.behind(p, len(p.rows))
	x.o.End = x.o.End || p.end
}

func (x *tablePlace[T]) offset(p *page[T], at int) string { return x.behind(p, at).String() }

func (x *tablePlace[T]) behind(p *page[T], at int) offset {
	o := x.o
	if p != nil && at > 0 {
		o.Row += int64(at)
		o.After = x.texts(&p.rows[at-1])
	}
	return o
}

// A part is a range of keys, and how much of it has been read.
type part struct {
	name string
	offset
}

// partName names one of n parts.
func (s *tableSource[T]) partName(i, n int) string {
	if n == 1 {
		return s.table
	}
	return fmt.Sprintf("%s %d/%d", s.table, i+1, n)
}

// isPart reports whether an offset is of a part of the table.
func (s *tableSource[T]) isPart(name string) bool {
	return name == s.table || strings.HasPrefix(name, s.table+" ")
}

// known returns the parts that offsets tell of.
func (s *tableSource[T]) known(offsets map[string]string) (parts []part, err error) {
	for name, text := range offsets {
		if s.isPart(name) {
			o, err := parseOffset(text)
			if err != nil {
				return nil, err
			}
			parts = append(parts, part{name, o})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
	return parts, nil
}

// parts returns those of an earlier run, those that another engine has handed out, or new ones.
func (s *tableSource[T]) parts(ctx context.Context, c *stream.SourceContext) (parts []part, err error) {
	for _, known := range []map[string]string{c.Offsets, c.Begins} {
		if parts, err = s.known(known); err != nil || len(parts) > 0 {
			return parts, err
		}
	}
	bounds := [][]string{}
	if s.ranges > 1 {
		err = s.again(ctx, c.Logger, func() error {
			bounds, err = s.bounds(ctx)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var after []string
	for i, upto := range append(bounds, nil) {
		parts = append(parts, part{s.partName(i, len(bounds)+1), offset{After: after, Upto: upto}})
		after = upto
	}
	return parts, nil
}
