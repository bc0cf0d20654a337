package binlogsource

import "strings"

// A statement is what one of the log that is no row does to tables.
type statement struct {
	kind    statementKind
	effects []effect
}

type statementKind uint8

const (
	otherStatement statementKind = iota
	beginStatement
	commitStatement
	rollbackStatement
	withinStatement // a savepoint, which the log has only where it changes nothing
	writeStatement  // rows, logged as a statement
	xaStatement
)

// An effect is what a statement does to one table.
type effect struct {
	table string // "shop.orders"
	kind  Kind
	reads bool // its rows are others now, which the log has not
}

// statementOf takes a statement apart as far as is needed. Database is the one that
// names without one are of.
func statementOf(database, query string) statement {
	w := &words{text: query, database: database}
	switch verb := w.next(); verb {
	case "BEGIN":
		return statement{kind: beginStatement}
	case "COMMIT":
		return statement{kind: commitStatement}
	case "ROLLBACK":
		if w.next() == "" {
			return statement{kind: rollbackStatement}
		}
		return statement{kind: withinStatement}
	case "SAVEPOINT", "RELEASE":
		return statement{kind: withinStatement}
	case "XA":
		return statement{kind: xaStatement}
	case "INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "WITH":
		return statement{kind: writeStatement}
	case "TRUNCATE":
		w.skip("TABLE")
		return w.each(Truncated)
	case "CREATE":
		return w.create()
	case "ALTER":
		return w.alter()
	case "DROP":
		return w.drop()
	case "RENAME":
		return w.rename()
	}
	return statement{}
}

func (w *words) create() statement {
	for word := w.next(); word != ""; word = w.next() {
		switch word {
		case "TABLE":
			w.skip("IF", "NOT", "EXISTS")
			return statement{effects: []effect{{w.name(), Altered, false}}}
		case "INDEX":
			return w.on()
		case "VIEW", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "SEQUENCE":
			return statement{}
		}
	}
	return statement{}
}

// on reads up to the table of an index.
func (w *words) on() statement {
	for word := w.next(); word != ""; word = w.next() {
		if word == "ON" {
			return statement{effects: []effect{{w.name(), Altered, false}}}
		}
	}
	return statement{}
}

func (w *words) alter() statement {
	w.skip("ONLINE", "IGNORE")
	if w.next() != "TABLE" {
		return statement{}
	}
	w.skip("IF", "EXISTS")
	table := w.name()
	s := statement{effects: []effect{{table, Altered, false}}}
	verb := ""
	for word := w.next(); word != ""; word = w.next() {
		switch {
		case word == "PARTITION" && (verb == "TRUNCATE" || verb == "DROP" || verb == "EXCHANGE" || verb == "CONVERT"):
			s.effects[0].reads = true // rows went, and no row says so
		case verb == "RENAME" && (word == "TO" || word == "AS"):
			return statement{effects: []effect{{table, Dropped, false}, {w.name(), Altered, true}}}
		case verb == "RENAME" && word != "COLUMN" && word != "INDEX" && word != "KEY" && word != "=":
			w.back()
			return statement{effects: []effect{{table, Dropped, false}, {w.name(), Altered, true}}}
		}
		verb = word
	}
	return s
}

func (w *words) drop() statement {
	w.skip("TEMPORARY")
	switch w.next() {
	case "TABLE", "TABLES":
		w.skip("IF", "EXISTS")
		return w.each(Dropped)
	case "INDEX":
		return w.on()
	case "DATABASE", "SCHEMA":
		w.skip("IF", "EXISTS")
		w.database = ""
		return statement{effects: []effect{{strings.TrimPrefix(w.name(), ".") + ".*", Dropped, false}}}
	}
	return statement{}
}

// each reads a list of tables.
func (w *words) each(kind Kind) (s statement) {
	for {
		s.effects = append(s.effects, effect{w.name(), kind, false})
		if w.next() != "," {
			return s
		}
	}
}

func (w *words) rename() (s statement) {
	if word := w.next(); word != "TABLE" && word != "TABLES" {
		return statement{}
	}
	for {
		w.skip("IF", "EXISTS")
		from := w.name()
		for word := w.next(); word != "TO" && word != ""; word = w.next() {
		}
		s.effects = append(s.effects, effect{from, Dropped, false}, effect{w.name(), Altered, true})
		if w.next() != "," {
			return s
		}
	}
}
