package sqldb

import (
	"context"
	"database/sql"
)

// TableColumns returns the names of a table's columns.
func TableColumns(ctx context.Context, db *sql.DB, d Dialect, table string) ([]string, error) {
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
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	return columns, rows.Err()
}
