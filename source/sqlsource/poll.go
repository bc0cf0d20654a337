package sqlsource

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// Poll reads a table in the order of a key that grows, and looks for more as long as the run lasts:
//
//	type Order struct {
//		ID        int64     `sql:"id"`
//		UpdatedAt time.Time `sql:"updated_at"`
//		Total     string    `sql:"total"`
//	}
//
//	orders := p.From(sqlsource.Poll[Order](db, "orders", sqlsource.PostgreSQL, sqlsource.By("updated_at", "id")))
//
// With an auto-increment key it gives each row that is inserted, once. With one such as (updated_at, id) it gives each row
// again that has changed since. T and the keys are as with [Table].
//
// Keys are handed out when rows are written, and rows become visible when their transaction commits: one with a lower key may
// come after others with higher ones. So what lies behind the highest key of [Overlap] ago is read again each
// time. What has been handed on is left out: a row is known by a hash of its columns, which takes two rows for one once in
// 2^64 times. A row that has changed while it is looked for is another. So each row is given
// exactly once whose transaction commits within Overlap after a row with a higher key became visible; one that comes later is missed.
// A row that is deleted is no event, and what comes and goes between two looks is not seen: for that there is change capture.
//
// Rows come in the order of their keys, but for those that came late. They are one partition. An offset has the key up to which all has been
// read, and the hashes of the rows behind it, 11 bytes each; a later run goes on exactly. Half a million of
// them are kept at most: a table that grows by more in Overlap is read as fast as that allows. Rows that are there when the source
// begins first are not bounded by that.
func Poll[T any](db *sql.DB, table string, dialect Dialect, opts ...Option) stream.Source[T] {
	return &pollSource[T]{newKeyed[T]("Poll", db, table, dialect, opts)}
}

type pollSource[T any] struct{ *keyed[T] }

// Open returns a reader.
func (s *pollSource[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	s = &pollSource[T]{s.anew()}
	text, resumed := c.Offsets[s.table]
	if err := s.open(contextOf(c), c.Logger, resumed); err != nil {
		return nil, err
	}
	place := &pollPlace[T]{keyed: s.keyed, seen: map[uint64]struct{}{}}
	if resumed {
		if err := place.resume(text); err != nil {
			return nil, fmt.Errorf("sqlsource: %s: %w", s, err)
		}
	}
	low, err := s.parse(place.low)
	if err != nil {
		return nil, fmt.Errorf("sqlsource: %s: the offset: %w", s, err)
	}
	f := &pollFetch[T]{keyed: s.keyed, logger: c.Logger, now: c.Now, low: low, seen: map[uint64]uint64{}, most: mostSeen}
	if f.now == nil {
		f.now = time.Now
	}
	for h := range place.seen {
		f.seen[h] = 0
	}
	return []stream.Reader[T]{&reader[T]{partition: s.table, source: s.String(), fetch: f.run, place: place}}, nil
}

// A pollPlace is the offset of a table that is polled.
type pollPlace[T any] struct {
	*keyed[T]
	rows int64
	low  []string            // no row up to these keys is read again
	seen map[uint64]struct{} // hashes of the rows that have been handed on and may be read again
}

func (x *pollPlace[T]) resume(text string) error {
	o, err := parseOffset(text)
	if err == nil {
		x.rows, x.low = o.Row, o.After
		x.seen, err = unpacked(o.Seen)
	}
	return err
}

func (x *pollPlace[T]) row() int64 { return x.rows }

func (x *pollPlace[T]) done(p *page[T]) {
	x.rows += int64(len(p.rows))
	if p.keep {
		for _, h := range p.hashes {
			x.seen[h] = struct{}{}
		}
	}
	for _, h := range p.forget {
		delete(x.seen, h)
	}
	if p.low != nil {
		x.low = p.low
	}
}

func (x *pollPlace[T]) offset(p *page[T], at int) string {
	o := offset{Row: x.rows, After: x.low}
	seen := x.seen
	if p != nil && at > 0 {
		o.Row += int64(at)
		seen = make(map[uint64]struct{}, len(x.seen)+at)
		for h := range x.seen {
			seen[h] = struct{}{}
		}
		for _, h := range p.hashes[:at] {
			seen[h] = struct{}{}
		}
	}
	o.Seen = packed(seen)
	return o.String()
}
