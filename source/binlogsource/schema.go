package binlogsource

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// A schema is a table as the server has it now.
type schema struct {
	columns []column
	key     []int // the columns of the primary key, in its order
	engine  string
}

// find returns the column of a name, or nil. Names of columns know no case.
func find(columns []column, name string) *column {
	for i := range columns {
		if strings.EqualFold(columns[i].name, name) {
			return &columns[i]
		}
	}
	return nil
}

// A queryer is a *sql.DB or a *sql.Conn.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readSchema asks the server for a table.
func readSchema(ctx context.Context, db queryer, table string) (*schema, error) {
	database, name, _ := strings.Cut(table, ".")
	s := &schema{}
	var kind, stored string
	err := one(ctx, db, "SELECT COALESCE(ENGINE, ''), TABLE_TYPE, CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = "+
		literal(database)+" AND TABLE_NAME = "+literal(name), &s.engine, &kind, &stored)
	if err == sql.ErrNoRows {
		return nil, &setupError{fmt.Sprintf("there is no table %s that the user of DB may see: want GRANT SELECT ON %s.%s", table, quoted(database), quoted(name)), true}
	} else if err != nil {
		return nil, err
	}
	if stored != table { // lower_case_table_names = 1
		return nil, setupf("the log calls table %s %s: want that name", table, stored)
	}
	if !strings.Contains(kind, "BASE TABLE") && kind != "SYSTEM VERSIONED" {
		return nil, setupf("%s is a %s: only tables are in the log", table, strings.ToLower(kind))
	}
	rows, err := db.QueryContext(ctx, "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COALESCE(CHARACTER_SET_NAME, ''), COALESCE(COLLATION_NAME, '')"+
		" FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "+literal(database)+" AND TABLE_NAME = "+literal(name)+" ORDER BY ORDINAL_POSITION")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, dataType, columnType, charset, collation string
		if err := rows.Scan(&name, &dataType, &columnType, &charset, &collation); err != nil {
			return nil, err
		}
		c, err := described(name, dataType, columnType, charset, collation)
		if err != nil {
			return nil, setupf("table %s: %v", table, err)
		}
		s.columns = append(s.columns, c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return s, s.readKey(ctx, db, database, name)
}

// readKey asks for the primary key. One on a part of a column is none.
func (s *schema) readKey(ctx context.Context, db queryer, database, name string) error {
	rows, err := db.QueryContext(ctx, "SELECT COLUMN_NAME, SUB_PART IS NULL FROM information_schema.STATISTICS WHERE INDEX_NAME = 'PRIMARY'"+
		" AND TABLE_SCHEMA = "+literal(database)+" AND TABLE_NAME = "+literal(name)+" ORDER BY SEQ_IN_INDEX")
	if err != nil {
		return err
	}
	defer rows.Close()
	whole := true
	for rows.Next() {
		var part string
		var all bool
		if err := rows.Scan(&part, &all); err != nil {
			return err
		}
		i := slices.IndexFunc(s.columns, func(c column) bool { return strings.EqualFold(c.name, part) })
		whole = whole && all && i >= 0
		s.key = append(s.key, i)
	}
	if !whole {
		s.key = nil
	}
	return rows.Err()
}

// literal writes text as hexadecimal digits, which no setting of the server reads otherwise.
func literal(text string) string {
	if text == "" {
		return "''"
	}
	return fmt.Sprintf("CONVERT(x'%x' USING utf8)", text)
}

// one scans a result's only row.
func one(ctx context.Context, db queryer, query string, to ...any) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := rows.Scan(to...); err != nil {
		return err
	}
	return rows.Err()
}
