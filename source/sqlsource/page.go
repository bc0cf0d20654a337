package sqlsource

import (
	"database/sql"
	"fmt"
	"unsafe"

	"github.com/freshet-go/freshet/internal/sqldb"
)

// A page is rows on their way from the database to the reader.
type page[T any] struct {
	rows   []T      // rejected ones included, as far as they could be read
	hashes []uint64 // of the rows, where somebody wants to know
	bad    []badRow // by index
	end    bool     // no rows come behind these
	err    error    // why there are no more

	// Of Poll, once the rows have been handed on.
	low    []string // no row up to these keys is read again
	keep   bool     // the rows are to be known when they come again
	forget []uint64 // these are not
}

// A badRow is one that could not be put into a struct.
type badRow struct {
	at     int // in rows
	record []byte
	err    error
}

func (p *page[T]) reset() {
	clear(p.rows) // texts and pointers
	clear(p.bad)
	*p = page[T]{rows: p.rows[:0], hashes: p.hashes[:0], bad: p.bad[:0], forget: p.forget[:0]}
}

// failed leaves nothing of what was read before an error: it is read again.
func (p *page[T]) failed(err error) {
	p.reset()
	p.err = err
}

// A scanner puts the rows of a result into pages.
type scanner[T any] struct {
	rows    *sql.Rows
	row     *sqldb.Row
	columns []string
	keys    []string
	hashes  bool
}

// scan adds the next row to a page, and reports false at the end.
func (s *scanner[T]) scan(p *page[T]) (bool, error) {
	if !s.rows.Next() {
		return false, s.rows.Err()
	}
	n := len(p.rows)
	var zero T
	p.rows = append(p.rows, zero)
	s.row.Into(unsafe.Pointer(&p.rows[n]))
	err := s.rows.Scan(s.row.Dests...)
	if err == nil && s.row.Err != nil {
		err = s.reject(p)
	}
	if err != nil {
		p.rows = p.rows[:n]
		return false, err
	}
	if s.hashes {
		p.hashes = append(p.hashes, s.row.Hash())
	}
	return true, nil
}

// reject keeps what stands in the row. Behind one whose key cannot be read nobody could
// go on.
func (s *scanner[T]) reject(p *page[T]) error {
	values, dests := make([]any, len(s.columns)), make([]any, len(s.columns))
	for i := range values {
		dests[i] = &values[i]
	}
	if err := s.rows.Scan(dests...); err != nil {
		return err
	}
	record := sqldb.Text(s.columns, values)
	if s.row.BadKey(s.keys) {
		return fmt.Errorf("the key of the row (%s): %w", record, s.row.Err)
	}
	p.bad = append(p.bad, badRow{len(p.rows) - 1, []byte(record), s.row.Err})
	return nil
}
