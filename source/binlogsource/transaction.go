package binlogsource

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/google/uuid"

	"github.com/freshet-go/freshet/stream"
)

// A transaction is the one that is being read.
type transaction struct {
	id       txID
	name     string
	open     bool // more of it comes
	known    bool // all of it has been given before
	late     bool // MariaDB has sent a later one of its domain before
	xa       bool // it is prepared, and may still be rolled back
	captured bool // it has rows that are captured
}

// begun is the beginning of a transaction.
func (r *reader[U]) begun(id txID, name string) {
	r.tx = transaction{id: id, name: name, known: r.at.pos.has(id)}
	// MariaDB never sends again what lies before the position, so the number is out of order.
	r.tx.late = r.tx.known && r.facts.kind == "mariadb"
	for _, t := range r.tables {
		t.table().seen = 0
	}
}

// xaFlags are those of a MariaDB transaction that is prepared, or ends one that was.
const xaPrepared = 64

// event deals with one event of the log.
func (r *reader[U]) event(ctx context.Context, e *replication.BinlogEvent, in *stream.Intake[U]) error {
	switch x := e.Event.(type) {
	case *replication.RotateEvent:
		r.file = string(x.NextLogName)
	case *replication.MariadbGTIDEvent:
		g := x.GTID
		r.begun(txID{domain: g.DomainID, server: g.ServerID, number: g.SequenceNumber}, fmt.Sprintf("%d-%d-%d", g.DomainID, g.ServerID, g.SequenceNumber))
		r.tx.open = !x.IsStandalone()
		r.tx.xa = x.Flags&xaPrepared != 0
	case *replication.GTIDEvent:
		r.mysqlBegun(e.Header, x)
	case *replication.GtidTaggedLogEvent:
		r.mysqlBegun(e.Header, &x.GTIDEvent)
	case *replication.XIDEvent:
		r.endsAt(e.Header)
		r.commit(in)
	case *replication.QueryEvent:
		return r.query(ctx, e, x)
	case *replication.RowsEvent:
		return r.rows(ctx, e, x)
	}
	switch e.Header.EventType {
	case replication.EXECUTE_LOAD_QUERY_EVENT:
		if !r.tx.known || r.tx.late {
			return r.unlogged("LOAD DATA")
		}
	case replication.XA_PREPARE_LOG_EVENT:
		r.endsAt(e.Header)
		r.commit(in)
	case replication.INCIDENT_EVENT:
		if int64(e.Header.Timestamp) < r.at.since { // it has no GTID, so it comes again behind the position that the tables were read from
			return nil
		}
		return r.broken(&LostError{r.at.pos.String(), errors.New("the server reports an incident: changes are missing in its log")})
	}
	return nil
}

// mysqlBegun is the beginning of a transaction of MySQL. It is not open before its BEGIN.
func (r *reader[U]) mysqlBegun(h *replication.EventHeader, x *replication.GTIDEvent) {
	if r.facts.kind == "file" {
		r.fileBegun(h)
		return
	}
	source, _ := uuid.FromBytes(x.SID)
	name := source.String()
	if tag := x.Tag.String(); tag != "" {
		name += ":" + tag
	}
	r.begun(txID{source: source, tag: x.Tag, number: uint64(x.GNO)}, fmt.Sprintf("%s:%d", name, x.GNO))
}

func (r *reader[U]) fileBegun(h *replication.EventHeader) {
	place := filePosition{r.file, uint64(h.LogPos) - uint64(h.EventSize)}
	r.begun(txID{file: r.file, pos: uint64(h.LogPos)}, place.String())
	r.tx.known = false
}

// endsAt notes where the transaction ends.
func (r *reader[U]) endsAt(h *replication.EventHeader) {
	if r.facts.kind == "file" {
		r.tx.id = txID{file: r.file, pos: uint64(h.LogPos)}
	}
}

// commit is the end of a transaction.
func (r *reader[U]) commit(in *stream.Intake[U]) {
	r.giveHeld(in, true)
	tx := r.tx
	r.tx, r.ends = transaction{}, false
	if tx.name == "" || tx.known {
		return
	}
	r.at.pos = r.at.pos.with(tx.id)
	r.progressed()
	clear(r.at.rows)
}

// giveHeld puts in the event that is held.
func (r *reader[U]) giveHeld(in *stream.Intake[U], last bool) {
	if r.holding == nil {
		return
	}
	r.holding.give(in, last)
	r.at.rows[r.holding.table().name] = r.heldAt + 1
	r.holding = nil
	r.events++
	r.progressed()
}

func (r *reader[U]) progressed() { r.failing, r.tries = time.Time{}, 0 }

// A pending is an event of a statement that is no row.
type pending struct {
	table string
	kind  Kind
	reads bool
	query string
	at    time.Time
}

// query deals with a statement.
func (r *reader[U]) query(ctx context.Context, e *replication.BinlogEvent, x *replication.QueryEvent) error {
	h := e.Header
	if r.tx.name == "" && r.facts.kind == "file" {
		r.fileBegun(h) // servers without GTIDs may have nothing before it
	}
	text := string(x.Query)
	s := statementOf(string(x.Schema), text)
	ends := !r.tx.open
	switch s.kind {
	case beginStatement:
		r.tx.open = true
		return nil
	case withinStatement:
		return nil
	case xaStatement:
		r.tx.open, r.tx.xa = true, true
		return nil
	case xaEndStatement:
		r.tx.open, r.tx.xa, ends = false, false, true
	case commitStatement:
		ends = true
	case rollbackStatement:
		if r.tx.captured {
			return fmt.Errorf("transaction %s was rolled back, and is in the log as it has changed a table without transactions: its rows have been given", r.tx.name)
		}
		ends = true
	case writeStatement:
		if r.tx.known && !r.tx.late {
			break
		}
		switch harmless, err := r.harmless(ctx, s, text); {
		case err != nil && ctx.Err() != nil:
			r.again = e
			return ctx.Err()
		case err != nil:
			return r.broken(err)
		case !harmless:
			return r.unlogged(text)
		}
	}
	if !r.tx.known || r.tx.late {
		for _, e := range s.effects {
			r.pend(e, text, time.Unix(int64(h.Timestamp), 0).UTC())
		}
	}
	if r.tx.late && len(r.effects) > 0 {
		return r.outOfOrder(r.effects[0].table)
	}
	if r.ends = ends; ends {
		r.endsAt(h)
	}
	return nil
}

// pend has an effect be given, of all tables that it is of.
func (r *reader[U]) pend(e effect, query string, at time.Time) {
	database, all := strings.CutSuffix(e.table, ".*")
	for _, t := range r.tables {
		name := t.table().name
		of, _, _ := strings.Cut(name, ".")
		if !all && r.facts.same(name, e.table) || all && r.facts.same(of, database) {
			r.effects = append(r.effects, pending{name, e.kind, e.reads, query, at})
		}
	}
}

// effect holds the next event of a statement.
func (r *reader[U]) effect(in *stream.Intake[U]) {
	e := r.effects[0]
	r.effects = r.effects[1:]
	t := r.byName[e.table]
	state := t.table()
	seen := state.seen
	state.seen++
	if e.kind != Truncated {
		state.schema, state.layout = nil, nil
	}
	if seen < r.at.rows[e.table] {
		return // it was given before
	}
	if e.kind == Dropped {
		r.at.tables[e.table] = &progress{Done: true} // one that is made under the name is known from its beginning
		r.stopReads()
	}
	if e.reads {
		r.at.tables[e.table] = &progress{Again: true}
		r.stopReads()
	}
	if c := r.chunk; c != nil && c.err == nil && c.table == e.table && !c.low.has(r.tx.id) {
		r.stopReads() // it was read behind the statement, and put right by rows from before
	}
	r.giveHeld(in, false)
	h := t.hold()
	*h.kind, *h.query, *h.tx = e.kind, e.query, Tx{ID: r.tx.name, At: e.at}
	t.keep()
	r.holding, r.heldAt, r.tx.captured = t, seen, true
}

// codeOf returns the number of a server's error, or 0.
func codeOf(err error) uint16 {
	if e, ok := errors.AsType[*mysql.MyError](err); ok {
		return e.Code
	}
	return 0
}
