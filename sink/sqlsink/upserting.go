package sqlsink

import (
	"bytes"
	"context"
	"database/sql"
	"hash/maphash"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/prepared"
	"github.com/freshet-go/freshet/internal/sqldb"
)

// String says what is done to which table.
func (p *upserting) String() string {
	if p.deletes {
		return "changes of " + p.table
	}
	return "upsert into " + p.table
}

// noted is the statement of one row: rows of another table, with other columns or keys do
// not fit.
func (p *upserting) noted() string {
	text := p.dialect.Upsert(p.table, p.columns, p.keys, 1)
	if p.deletes {
		text += "; " + p.dialect.Delete(p.table, p.keys, 1)
	}
	return text
}

func (p *upserting) takes(noted string) bool { return noted == p.noted() }

func (p *upserting) shown(args []any) []any { return args[min(1, len(args)):] }

// prepare looks whether the table has the columns.
func (p *upserting) prepare(ctx context.Context, db *sql.DB) (opened, error) {
	columns, err := sqldb.TableColumns(ctx, db, p.dialect, p.table)
	if err != nil {
		return nil, err
	}
	left := map[string]*sqldb.Field{}
	for i, f := range p.fields {
		left[f.Column] = &p.fields[i]
	}
	for _, c := range columns {
		delete(left, c.Name)
	}
	if err := sqldb.Without(left, p.fields, "table "+p.table, sqldb.Names(columns)); err != nil {
		return nil, err
	}
	x := &preparedUpserts{upserting: p, zones: p.zonesOf(columns), last: upserts{seen: keySet{seed: maphash.MakeSeed()}}, size: max(1, min(p.rows, p.dialect.MostParameters()/len(p.columns)))}
	for _, at := range p.keyAt {
		x.keyZones = append(x.keyZones, x.zones[at])
	}
	x.deleteSize = max(1, min(p.rows, p.dialect.MostParameters()/len(p.keys)))
	if len(p.keys) > 1 {
		x.deleteSize = min(x.deleteSize, 256) // planners take long over lists of tuples
	}
	for n := x.size; ; n = max(n/4, 1) {
		x.upserts = append(x.upserts, sized{n, p.dialect.Upsert(p.table, p.columns, p.keys, n)})
		if n == 1 {
			break
		}
	}
	for n := x.deleteSize; ; n = max(n/4, 1) {
		x.removes = append(x.removes, sized{n, p.dialect.Delete(p.table, p.keys, n)})
		if n == 1 {
			break
		}
	}
	return x, nil
}

// doubtful tells of a TIMESTAMP of MySQL that would be another moment.
func (p *upserting) doubtful(ctx context.Context, db *sql.DB) (doubt, err error) {
	if p.dialect != sqldb.MySQL {
		return nil, nil
	}
	columns, err := sqldb.TableColumns(ctx, db, p.dialect, p.table)
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		if c.Type == "TIMESTAMP" && slices.ContainsFunc(p.fields, func(f sqldb.Field) bool { return f.Column == c.Name && f.IsTime() }) {
			return sqldb.WrittenMoments(ctx, db)
		}
	}
	return nil, nil
}

// A sized statement is one for a number of rows. There are few sizes, so that those who keep what was prepared keep
// few.
type sized struct {
	rows int
	text string
}

type preparedUpserts struct {
	*upserting
	zones, keyZones  []*time.Location // of the fields, and of the keys; nil where the driver says what a time is
	size, deleteSize int
	upserts, removes []sized // the largest first; the last one is of one row
	last             upserts // of the transaction that has begun last: there is one at a time
}

func (p *preparedUpserts) close() error { return nil }

func (p *preparedUpserts) begin(_ context.Context, tx *sql.Tx) executor {
	p.last.preparedUpserts, p.last.tx = p, tx
	return &p.last
}

// zonesOf returns, of each field whose tag says a zone, that zone, if its column has none: a DATETIME, a DATE or a text of MySQL. There
// the driver would write the clock of its own zone. A TIMESTAMP is a moment, and other databases than MySQL have columns with a zone.
func (p *upserting) zonesOf(columns []sqldb.Column) []*time.Location {
	zones := make([]*time.Location, len(p.fields))
	for i := range p.fields {
		f := &p.fields[i]
		of := slices.IndexFunc(columns, func(c sqldb.Column) bool { return c.Name == f.Column })
		if p.dialect == sqldb.MySQL && f.Zoned && columns[of].Type != "TIMESTAMP" {
			zones[i] = f.Zone()
		}
	}
	return zones
}

// upserts executes rows in a transaction, and then in the next one.
type upserts struct {
	*preparedUpserts
	tx   *sql.Tx
	seen keySet
	key  []byte

	whole, gone [][]any // what is upserted and deleted, the last first
	args        []any
}

func (x *upserts) most() int { return x.size }

// execute executes the last of each key.
func (x *upserts) execute(ctx context.Context, rows [][]any) (refused int, err error) {
	x.seen.reset(2 * len(rows)) // a row that has moved has two
	x.whole, x.gone = x.whole[:0], x.gone[:0]
	for i := len(rows) - 1; i >= 0; i-- {
		if !x.isRow(rows[i]) {
			return -1, prepared.ErrDamaged
		}
		op, args := rows[i][0], rows[i][1:]
		if op == deleted {
			if x.first(args) {
				x.gone = append(x.gone, args)
			}
			continue
		}
		columns := args[:len(x.fields)]
		if x.firstOf(columns) {
			x.whole = append(x.whole, columns)
		}
		if op == moved && x.first(args[len(columns):]) {
			x.gone = append(x.gone, args[len(columns):])
		}
	}
	if err = x.executeAll(ctx, x.removes, x.gone, x.keyZones); err == nil {
		err = x.executeAll(ctx, x.upserts, x.whole, x.zones)
	}
	if len(rows) == 1 {
		return 0, err
	}
	return -1, err
}

// isRow reports whether a row of arguments has the columns and keys that its kind says.
func (p *upserting) isRow(args []any) bool {
	if len(args) == 0 {
		return false
	}
	switch columns := len(args) - 1; args[0] {
	case upserted:
		return columns == len(p.fields)
	case deleted:
		return columns == len(p.keys)
	case moved:
		return columns == len(p.fields)+len(p.keys)
	}
	return false
}

// first reports whether no later row has these keys.
func (x *upserts) first(keys []any) bool {
	x.key = x.key[:0]
	for _, k := range keys {
		x.key = appendKey(x.key, k)
	}
	return x.seen.add(x.key)
}

// firstOf is first of a row with all columns.
func (x *upserts) firstOf(columns []any) bool {
	x.key = x.key[:0]
	for _, at := range x.keyAt {
		x.key = appendKey(x.key, columns[at])
	}
	return x.seen.add(x.key)
}

// executeAll executes statements for rows, of which the last comes first. Zones are those of their columns.
func (x *upserts) executeAll(ctx context.Context, statements []sized, rows [][]any, zones []*time.Location) error {
	for end := len(rows); end > 0; {
		x.args = x.args[:0]
		fits, size := 0, 0
		for fits < min(end, statements[0].rows) { // in a statement
			for _, a := range rows[end-1-fits] {
				size += notedBytes(a)
			}
			if fits > 0 && size > mostBytes {
				break
			}
			fits++
		}
		s := statements[0]
		for _, s = range statements {
			if s.rows <= fits {
				break
			}
		}
		for range s.rows {
			end--
			x.args = append(x.args, rows[end]...)
		}
		inZones(x.args, zones)
		_, err := x.tx.ExecContext(ctx, s.text, x.args...)
		clear(x.args) // or it would keep texts
		if err != nil {
			return err
		}
	}
	return nil
}

// inZones has times be texts in the zones of their columns. A time that is zero stays: the driver has a date of its own for that.
func inZones(args []any, zones []*time.Location) {
	for i, zone := range zones {
		if zone == nil {
			continue
		}
		for ; i < len(args); i += len(zones) {
			if at, ok := args[i].(time.Time); ok && !at.IsZero() {
				args[i] = sqldb.WallClock(at, zone)
			}
		}
	}
}

// appendKey appends an argument so that equal ones, and no others, are equal.
func appendKey(b []byte, a any) []byte {
	if at, ok := a.(time.Time); ok {
		return sqldb.AppendTime(b, at.UTC())
	}
	return sqldb.AppendArgument(b, a)
}

func sameArgument(a, b any) bool {
	return bytes.Equal(appendKey(nil, a), appendKey(nil, b))
}
