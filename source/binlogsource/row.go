package binlogsource

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/freshet-go/freshet/stream"
)

// A rowsEvent is rows of one table that follow each other in the log.
type rowsEvent struct {
	table   string
	kind    stream.ChangeKind
	first   []byte // which columns its images have, and those after an update
	second  []byte
	data    []byte // that is left
	at      time.Time
	plan    *plan
	skipped int64 // rows of the table that were given before
}

func (e *rowsEvent) left() bool { return len(e.data) > 0 }

// rows begins to read rows of a table.
func (r *reader[U]) rows(ctx context.Context, e *replication.BinlogEvent, x *replication.RowsEvent) error {
	name := string(x.Table.Schema) + "." + string(x.Table.Table)
	t := r.named(name)
	switch {
	case t == nil:
		return nil
	case r.tx.late:
		return r.outOfOrder(name)
	case r.tx.known:
		return nil
	}
	name = t.table().name
	if r.tx.xa {
		return fmt.Errorf("transaction %s is of XA, which may still roll its rows of %s back: such transactions cannot be captured", r.tx.name, name)
	}
	state := t.table()
	if state.schema == nil {
		now, err := readSchema(ctx, r.server.DB, name)
		switch {
		case errors.Is(err, ErrSetup):
			now = &schema{} // it is gone by now, and the log may tell enough
		case err != nil:
			r.again = e
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return r.broken(err)
		}
		state.altered(now, r.at)
	}
	if !state.layout.describes(x.Table) {
		l, err := layoutOf(x.Table, state.schema, r.facts.charsets)
		if err != nil {
			return fmt.Errorf("transaction %s: table %s: %w", r.tx.name, name, err)
		}
		key := state.keyNames()
		if !state.keyIn(l) { // these rows are from before the key was another one, and no key has been read
			if key = nil; len(r.at.of(name).After) > 0 {
				r.at.tables[name] = &progress{Again: true}
			}
		}
		if state.plan, err = planOf(name, l.columns, state.fields, key); err != nil {
			return fmt.Errorf("transaction %s: %w", r.tx.name, err)
		}
		state.layout = l
	}
	r.current = rowsEvent{
		table: name, first: x.ColumnBitmap1, second: x.ColumnBitmap2, data: x.NdbData,
		at: time.Unix(int64(e.Header.Timestamp), 0).UTC(), plan: state.plan, skipped: r.at.rows[name],
	}
	r.tx.captured = true
	var compressed bool
	if r.current.kind, compressed = kindOf(e.Header.EventType); r.current.kind == 0 {
		return errImage
	}
	if compressed {
		var err error
		r.current.data, err = mysql.DecompressMariadbData(r.current.data)
		return err
	}
	return nil
}

// named returns the table that the log calls name; nil if it is not captured.
func (r *reader[U]) named(name string) rows[U] {
	if t := r.byName[name]; t != nil || !r.facts.folds {
		return t
	}
	for _, t := range r.tables {
		if r.facts.same(t.table().name, name) {
			return t
		}
	}
	return nil
}

// kindOf returns what an event has done to its rows.
func kindOf(t replication.EventType) (kind stream.ChangeKind, compressed bool) {
	switch t {
	case replication.WRITE_ROWS_EVENTv1, replication.WRITE_ROWS_EVENTv2:
		return stream.Insert, false
	case replication.UPDATE_ROWS_EVENTv1, replication.UPDATE_ROWS_EVENTv2:
		return stream.Update, false
	case replication.DELETE_ROWS_EVENTv1, replication.DELETE_ROWS_EVENTv2:
		return stream.Delete, false
	case replication.MARIADB_WRITE_ROWS_COMPRESSED_EVENT_V1:
		return stream.Insert, true
	case replication.MARIADB_UPDATE_ROWS_COMPRESSED_EVENT_V1:
		return stream.Update, true
	case replication.MARIADB_DELETE_ROWS_COMPRESSED_EVENT_V1:
		return stream.Delete, true
	}
	return 0, false // of servers before 5.6, or only a part of the row
}

// row reads the next row and holds its event, which puts in the one that is held.
func (r *reader[U]) row(in *stream.Intake[U]) error {
	e := &r.current
	t := r.byName[e.table]
	state := t.table()
	seen := state.seen
	state.seen++
	raw := e.data
	if seen < e.skipped {
		return r.skip(e)
	}
	h := t.hold()
	*h.change = e.kind
	progress := r.at.of(e.table)
	var before, after []keyPart
	if !progress.Done {
		before, after = state.before, state.after
	}
	var wrong error
	image := func(present []byte, to unsafe.Pointer, key []keyPart) error {
		n, err := e.plan.row(e.data, present, to, key)
		if err != nil && !isColumn(err) {
			return fmt.Errorf("transaction %s: table %s: %w", r.tx.name, e.table, err)
		}
		if wrong == nil {
			wrong = err
		}
		e.data = e.data[n:]
		return nil
	}
	if e.kind != stream.Insert {
		*h.hasBefore = true
		if err := image(e.first, h.before, before); err != nil {
			return err
		}
	}
	switch e.kind {
	case stream.Insert:
		if err := image(e.first, h.after, after); err != nil {
			return err
		}
	case stream.Update:
		if err := image(e.second, h.after, after); err != nil {
			return err
		}
	}
	if wrong != nil {
		wrong = &RowError{e.table, r.tx.name, seen, wrong}
	}
	if !progress.Done && !r.filter(t, h, progress, before, after, wrong) {
		return nil
	}
	r.giveHeld(in, false)
	if wrong != nil {
		in.Reject(raw[:len(raw)-len(e.data)], r.events, wrong)
		r.events++
		r.at.rows[e.table] = seen + 1
		return nil
	}
	*h.tx = Tx{ID: r.tx.name, At: e.at}
	t.keep()
	r.holding, r.heldAt = t, seen
	return nil
}

// skip reads over a row that was given before.
func (r *reader[U]) skip(e *rowsEvent) error {
	images := [][]byte{e.first}
	if e.kind == stream.Update {
		images = append(images, e.second)
	}
	for _, present := range images {
		n, err := e.plan.row(e.data, present, nil, nil)
		if err != nil {
			return fmt.Errorf("transaction %s: table %s: %w", r.tx.name, e.table, err)
		}
		e.data = e.data[n:]
	}
	return nil
}

// A RowError is the error of a row that has not become a T.
type RowError struct {
	Table string
	Tx    string // the GTID, or the place, of the transaction
	Row   int64  // which of the transaction's rows of the table, from 0
	Err   error
}

func (e *RowError) Error() string {
	return fmt.Sprintf("binlogsource: row %d of table %s in transaction %s: %v", e.Row, e.Table, e.Tx, e.Err)
}

func (e *RowError) Unwrap() error { return e.Err }
