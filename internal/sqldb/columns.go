package sqldb

import (
	"context"
	"database/sql"
)

// A Column is one of a table.
type Column struct {
	Name string
	Type string // as the driver names it: "DATETIME", "ENUM"
}

// Names returns the names of columns.
func Names(columns []Column) (names []string) {
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}

// TableColumns returns a table's columns.
func TableColumns(ctx context.Context, db *sql.DB, d Dialect, table string) (columns []Column, err error) {
	ctx, cancel, err := Unhurried(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+d.Table(table)+" WHERE 1 = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		columns = append(columns, Column{t.Name(), t.DatabaseTypeName()})
	}
	return columns, rows.Err()
}
