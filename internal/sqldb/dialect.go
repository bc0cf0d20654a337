package sqldb

import (
	"fmt"
	"strconv"
	"strings"
)

// A Dialect is how a database wants its statements.
type Dialect uint8

const (
	MySQL Dialect = iota + 1 // and MariaDB
	PostgreSQL
	SQLite
)

func (d Dialect) String() string {
	return [...]string{"Dialect(0)", "MySQL", "PostgreSQL", "SQLite"}[d]
}

// Known reports whether d is one of those above.
func (d Dialect) Known() bool { return d >= MySQL && d <= SQLite }

// MostParameters is how many a statement should have at most. SQLite takes 32,766, but its driver modernc.org/sqlite
// looks through all of them for each.
func (d Dialect) MostParameters() int {
	if d == SQLite {
		return 500
	}
	return 65535
}

// Quote returns name as an identifier, whatever stands in it. In SQLite's double quotes
// a column that is not there would be a text.
func (d Dialect) Quote(name string) string {
	quote := "`"
	if d == PostgreSQL {
		quote = `"`
	}
	return quote + strings.ReplaceAll(name, quote, quote+quote) + quote
}

// Table quotes the name of a table, with or without that of a schema and a dot before it.
func (d Dialect) Table(name string) string {
	if schema, table, two := strings.Cut(name, "."); two {
		return d.Quote(schema) + "." + d.Quote(table)
	}
	return d.Quote(name)
}

// CheckName returns an error for what cannot be the name of a table or a column.
func CheckName(name string) error {
	if name == "" || strings.ContainsRune(name, 0) || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
		return fmt.Errorf("%q is no name", name)
	}
	return nil
}

// List quotes names, with commas between them.
func (d Dialect) List(names []string) string {
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(d.Quote(name))
	}
	return b.String()
}

// AppendParameter appends parameter n of a statement, counted from 1.
func (d Dialect) AppendParameter(b []byte, n int) []byte {
	if d == PostgreSQL {
		return strconv.AppendInt(append(b, '$'), int64(n), 10)
	}
	return append(b, '?')
}

// appendRows appends rows of parameters: (?, ?), (?, ?).
func (d Dialect) appendRows(b []byte, rows, columns int) []byte {
	for row := range rows {
		if row > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '(')
		for column := range columns {
			if column > 0 {
				b = append(b, ", "...)
			}
			b = d.AppendParameter(b, row*columns+column+1)
		}
		b = append(b, ')')
	}
	return b
}

// Upsert returns the statement that inserts rows, or where one with such a key is there updates it.
// Its parameters are the columns, row for row.
func (d Dialect) Upsert(table string, columns, keys []string, rows int) string {
	b := fmt.Appendf(nil, "INSERT INTO %s (%s) VALUES ", d.Table(table), d.List(columns))
	b = d.appendRows(b, rows, len(columns))
	if d == MySQL {
		b = append(b, " ON DUPLICATE KEY UPDATE "...)
	} else {
		b = fmt.Appendf(b, " ON CONFLICT (%s) DO ", d.List(keys))
	}
	var sets []string
	for _, column := range columns {
		name, isKey := d.Quote(column), false
		for _, key := range keys {
			isKey = isKey || key == column
		}
		switch {
		case isKey:
		case d == MySQL:
			sets = append(sets, name+" = VALUES("+name+")")
		default:
			sets = append(sets, name+" = excluded."+name)
		}
	}
	switch {
	case len(sets) > 0 && d == MySQL:
		b = append(b, strings.Join(sets, ", ")...)
	case len(sets) > 0:
		b = append(append(b, "UPDATE SET "...), strings.Join(sets, ", ")...)
	case d == MySQL: // there is no DO NOTHING, and INSERT IGNORE would take anything
		key := d.Quote(keys[0])
		b = append(b, key+" = "+key...)
	default:
		b = append(b, "NOTHING"...)
	}
	return string(b)
}

// Delete returns the statement that deletes rows by their keys.
func (d Dialect) Delete(table string, keys []string, rows int) string {
	b := fmt.Appendf(nil, "DELETE FROM %s WHERE ", d.Table(table))
	switch {
	case len(keys) == 1:
		b = append(append(b, d.Quote(keys[0])...), " IN "...)
		b = d.appendRows(b, 1, rows)
	case d == SQLite:
		b = fmt.Appendf(b, "(%s) IN (VALUES ", d.List(keys))
		b = append(d.appendRows(b, rows, len(keys)), ')')
	default:
		b = fmt.Appendf(b, "(%s) IN (", d.List(keys))
		b = append(d.appendRows(b, rows, len(keys)), ')')
	}
	return string(b)
}
