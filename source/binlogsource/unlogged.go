package binlogsource

import (
	"context"
	"errors"
	"regexp"
	"strings"
)

// unlogged is the error of a statement that has written rows which are not in the log.
func (r *reader[U]) unlogged(text string) error {
	return setupf("transaction %s has written by a statement that is in the log itself, without its rows: some session has another binlog_format than ROW. "+
		"The tables have to be read again, without the checkpoint, once that has been changed: %s", r.tx.name, shorten(text))
}

func shorten(text string) string {
	if len(text) > 200 {
		return text[:200] + "…"
	}
	return text
}

// harmless reports whether a write that is in the log as a statement can have written no row that is captured. Its text does not say so:
// a trigger, a view or a foreign key may stand between it and a table. But some statements are the server's own.
func (r *reader[U]) harmless(ctx context.Context, s statement, text string) (bool, error) {
	for _, t := range r.tables {
		_, name, _ := strings.Cut(t.table().name, ".")
		if strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
			return false, nil
		}
	}
	if len(s.effects) > 0 { // a table that is made together with its rows, and is none of ours
		return true, nil
	}
	database, _, _ := strings.Cut(strings.ToLower(s.target), ".")
	switch database {
	case "mysql", "sys", "performance_schema", "information_schema":
		return true, nil
	}
	if !emptied.MatchString(text) {
		return false, nil
	}
	// A table in memory is empty after a restart, and its first use has that logged.
	schema, err := readSchema(ctx, r.server.DB, s.target)
	switch {
	case errors.Is(err, errGone):
		return true, nil
	case errors.Is(err, ErrSetup):
		return false, nil
	case err != nil:
		return false, err
	}
	return strings.EqualFold(schema.engine, "MEMORY"), nil
}

// emptied is how servers write that a table in memory has become empty.
var emptied = regexp.MustCompile("^DELETE FROM `[^`]+`\\.`[^`]+`$")

// outOfOrder is the error of a transaction of MariaDB that has a lower number than one before it. No position could say whether it has been given.
func (r *reader[U]) outOfOrder(table string) error {
	return setupf("transaction %s changes table %s, and its number comes behind a higher one of its domain (the position is %s), so a run that goes on could not tell whether it has been given: "+
		"want SET GLOBAL gtid_strict_mode = ON, and a gtid_domain_id for each server that is written to; the tables have to be read again, without the checkpoint", r.tx.name, table, r.at.pos)
}
