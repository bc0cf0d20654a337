package binlogsource

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"github.com/freshet-go/freshet/stream"
)

// A Captured is a set of tables that a source captures, and what becomes of their events.
type Captured[U any] struct{ tables []captured[U] }

type captured[U any] struct {
	name string
	open func() rows[U]
}

// Tables are all tables of some sets.
func Tables[U any](sets ...Captured[U]) (all Captured[U]) {
	for _, s := range sets {
		all.tables = append(all.tables, s.tables...)
	}
	return all
}

// Table captures a table whose rows are T: a struct whose fields have tags `sql:"column"`. Name
// has its database: "shop.orders". It panics if it does not, or T is no such struct.
//
// NULL needs a field that can hold it: a pointer, a sql.Null, another sql.Scanner, or []byte. A column that no
// field names is left out. One that is missing is an error, of New's run or of the first row without it, but for a field tagged
// `missing:"zero"`, which stays so.
func Table[T any](name string) Captured[Event[T]] {
	return TableAs(name, func(e Event[T]) Event[T] { return e })
}

// TableAs captures a table as Table does, and has its events be of the type that those of several
// tables have in common:
//
//	type change struct {
//		order binlogsource.Event[Order]
//		item  binlogsource.Event[Item]
//	}
//
//	binlogsource.New(server, binlogsource.Tables(
//		binlogsource.TableAs("shop.orders", func(e binlogsource.Event[Order]) change { return change{order: e} }),
//		binlogsource.TableAs("shop.items", func(e binlogsource.Event[Item]) change { return change{item: e} }),
//	))
func TableAs[T, U any](name string, as func(Event[T]) U) Captured[U] {
	if database, table, ok := strings.Cut(name, "."); !ok || database == "" || table == "" || as == nil {
		panic(fmt.Sprintf("binlogsource: Table(%q): want a name with its database, as shop.orders", name))
	}
	fields, err := fieldsOf(reflect.TypeFor[T]())
	if err != nil {
		panic(fmt.Sprintf("binlogsource: Table(%q): %v: %v", name, reflect.TypeFor[T](), err))
	}
	return Captured[U]{[]captured[U]{{name, func() rows[U] {
		return &typed[T, U]{tableState: tableState{name: name, fields: fields}, as: as}
	}}}}
}

// rows are those of one table in one run.
type rows[U any] interface {
	table() *tableState
	// hold returns an empty event; keep makes it the one that give puts in.
	hold() held
	keep()
	clearBefore()
	clearAfter()
	give(in *stream.Intake[U], last bool)
	// gather returns memory for the rows of a chunk.
	gather(room int) gathered
	// recycle takes such memory back.
	recycle(g gathered)
	// giveRead puts in a row that was gathered.
	giveRead(in *stream.Intake[U], from gathered, i int, tx Tx)
}

// A held is an event that waits until it is known whether it is the last of its transaction.
type held struct {
	kind          *Kind
	change        *stream.ChangeKind
	hasBefore     *bool
	before, after unsafe.Pointer
	tx            *Tx
	query         *string
}

// gathered are rows that a snapshot has read.
type gathered interface {
	add() unsafe.Pointer // of a new row, valid until the next
	set(i int, from unsafe.Pointer)
	text(i int) []byte // of a row, for a person
	len() int
}

// A typed is a table whose rows are T, and its events U.
type typed[T, U any] struct {
	tableState
	as     func(Event[T]) U
	events [2]Event[T]
	kept   int
	spare  sync.Pool // of *gatheredOf[T]
}

func (t *typed[T, U]) table() *tableState { return &t.tableState }

func (t *typed[T, U]) hold() held {
	e := &t.events[1-t.kept]
	*e = Event[T]{Table: t.name}
	return held{
		kind: &e.Kind, change: &e.Change.Kind, hasBefore: &e.Change.HasBefore,
		before: unsafe.Pointer(&e.Change.Before), after: unsafe.Pointer(&e.Change.After), tx: &e.Tx, query: &e.Query,
	}
}

func (t *typed[T, U]) clearBefore() {
	var zero T
	t.events[1-t.kept].Change.Before = zero
}

func (t *typed[T, U]) clearAfter() {
	var zero T
	t.events[1-t.kept].Change.After = zero
}

func (t *typed[T, U]) keep() { t.kept = 1 - t.kept }

func (t *typed[T, U]) give(in *stream.Intake[U], last bool) {
	e := &t.events[t.kept]
	e.Tx.Last = last
	in.Append(t.as(*e))
}

func (t *typed[T, U]) gather(room int) gathered {
	if g, ok := t.spare.Get().(*gatheredOf[T]); ok {
		return g
	}
	return &gatheredOf[T]{make([]T, 0, room)}
}

func (t *typed[T, U]) recycle(from gathered) {
	g := from.(*gatheredOf[T])
	clear(g.rows)
	g.rows = g.rows[:0]
	t.spare.Put(g)
}

func (t *typed[T, U]) giveRead(in *stream.Intake[U], from gathered, i int, tx Tx) {
	row := from.(*gatheredOf[T]).rows[i]
	in.Append(t.as(Event[T]{Table: t.name, Tx: tx, Change: stream.Change[T]{Kind: stream.Read, After: row}}))
}

type gatheredOf[T any] struct{ rows []T }

func (g *gatheredOf[T]) add() unsafe.Pointer {
	var zero T
	g.rows = append(g.rows, zero)
	return unsafe.Pointer(&g.rows[len(g.rows)-1])
}

func (g *gatheredOf[T]) set(i int, from unsafe.Pointer) { g.rows[i] = *(*T)(from) }
func (g *gatheredOf[T]) text(i int) []byte              { return fmt.Append(nil, g.rows[i]) }
func (g *gatheredOf[T]) len() int                       { return len(g.rows) }

// A tableState is what a run knows of a table, whatever its rows are.
type tableState struct {
	name   string
	fields []field
	schema *schema   // as the server has it now
	layout *layout   // as the log has it where it is read
	plan   *plan     // for layout
	order  []*column // of the key, where the snapshot goes by it
	before []keyPart // of the row that is read
	after  []keyPart
	seen   int64 // rows of the transaction so far
}

// chunked reports whether a snapshot can read the table in chunks by its key.
func (t *tableState) chunked() bool { return len(t.order) > 0 }

// described takes a schema in. It reports an error where T does not fit.
func (t *tableState) described(s *schema) error {
	t.schema, t.layout, t.order = s, nil, nil
	_, err := planOf(t.name, s.columns, t.fields, nil)
	for _, i := range s.key {
		if !s.columns[i].ordered() {
			t.order = nil
			break
		}
		t.order = append(t.order, &s.columns[i])
	}
	t.before, t.after = make([]keyPart, len(t.order)), make([]keyPart, len(t.order))
	return err
}

// altered takes in what a schema has become.
func (t *tableState) altered(s *schema, at *place) {
	_ = t.described(s) // whether T fits what is in the log is seen there
	if p := at.of(t.name); !p.Done && !p.goesBy(t.order) {
		at.tables[t.name] = &progress{Again: true}
	}
}

// keyIn reports whether the columns of the key are among those of the log, of the same kinds.
func (t *tableState) keyIn(l *layout) bool {
	for _, c := range t.order {
		if logged := find(l.columns, c.name); logged == nil || logged.kind != c.kind {
			return false
		}
	}
	return true
}

// keyNames are the columns of the key.
func (t *tableState) keyNames() (names []string) {
	for _, c := range t.order {
		names = append(names, c.name)
	}
	return names
}
