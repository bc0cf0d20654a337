package binlogsource

import "strings"

// A statement is what one of the log that is no row does to tables.
type statement struct {
	kind    statementKind
	effects []effect
	target  string // of a writeStatement, the table that it writes first, if that can be told
}

type statementKind uint8

const (
	otherStatement statementKind = iota
	beginStatement
	commitStatement
	rollbackStatement
	withinStatement // a savepoint, which the log has only where it changes nothing
	writeStatement  // rows, logged as a statement
	xaStatement     // within a transaction of XA
	xaEndStatement  // the end of one that was prepared, whose rows stand where it was
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
		if verb := w.next(); verb == "COMMIT" || verb == "ROLLBACK" {
			return statement{kind: xaEndStatement}
		}
		return statement{kind: xaStatement}
	case "INSERT", "UPDATE", "DELETE", "REPLACE":
		return statement{kind: writeStatement, target: w.target()}
	case "LOAD", "WITH", "SELECT", "DO", "CALL": // a SELECT is in the log where a function of it has written
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

// target reads up to the name of the table that is written first.
func (w *words) target() string {
	for {
		switch w.next() {
		case "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE", "INTO", "FROM":
			continue
		}
		w.back()
		return w.name()
	}
}

func (w *words) create() statement {
	replaces := false
	for word := w.next(); word != ""; word = w.next() {
		switch word {
		case "REPLACE":
			replaces = true
		case "TEMPORARY": // it hides a table of its name from one session, and touches none
			return statement{}
		case "TABLE":
			w.skip("IF", "NOT", "EXISTS")
			return w.created(w.name(), replaces)
		case "INDEX":
			return w.on()
		case "VIEW", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "SEQUENCE":
			return statement{}
		}
	}
	return statement{}
}

// created is a table that is made. Of CREATE TABLE ... SELECT the log has the columns, and then the rows; where it has the statement itself, the rows are not there.
func (w *words) created(table string, replaces bool) (s statement) {
	if replaces { // MariaDB logs no DROP
		s.effects = []effect{{table, Dropped, false}}
	}
	s.effects = append(s.effects, effect{table, Altered, false})
	for word := w.next(); word != ""; word = w.next() {
		if word == "SELECT" {
			s.kind, s.target = writeStatement, table
		}
	}
	return s
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
	w.skip("ONLINE")
	ignores := w.next() == "IGNORE" // which deletes the rows that a new unique key does not take
	if !ignores {
		w.back()
	}
	if w.next() != "TABLE" {
		return statement{}
	}
	w.skip("IF", "EXISTS")
	table := w.name()
	s := statement{effects: []effect{{table, Altered, ignores}}}
	verb, parted := "", ""
	for word := w.next(); word != ""; word = w.next() {
		switch {
		case word == "PARTITION" && (verb == "TRUNCATE" || verb == "DROP" || verb == "EXCHANGE" || verb == "CONVERT" || verb == "IMPORT"):
			s.effects[0].reads = true // rows went or came, and no row says so
			parted = verb
		case word == "TABLE" && verb == "CONVERT": // it becomes a partition
			s.effects[0].reads = true
			s.effects = append(s.effects, effect{w.name(), Dropped, false})
		case word == "TABLE" && (verb == "WITH" && parted == "EXCHANGE" || verb == "TO" && parted == "CONVERT"):
			s.effects = append(s.effects, effect{w.name(), Altered, true})
		case word == "TABLESPACE" && verb == "IMPORT":
			s.effects[0].reads = true
		case word == "TABLESPACE" && verb == "DISCARD":
			s.effects[0].kind = Truncated // until there is another
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
	switch w.next() { // TEMPORARY tables are none that are captured, whatever their names
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
