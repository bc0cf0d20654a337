package binlogsource

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// A snapshotter reads the tables, one after the other, beside the stream.
type snapshotter struct {
	db     *sql.DB
	facts  *facts
	rows   int
	window bool
	chunks chan *chunk
	past   position // the stream has been read up to here, so all of it has to be in a chunk
	seen   position // of the last chunk, which nobody changes
	seenAt string   // its place in the log
}

// A reading is a table to be read, and where.
type reading struct {
	table  string
	fields []field
	gather func(room int) gathered
	from   progress
}

// run reads tables, and ends with the first error, which it hands over as a chunk.
func (s *snapshotter) run(ctx context.Context, tables []reading) {
	for _, t := range tables {
		if err := s.table(ctx, t); err != nil {
			if ctx.Err() != nil {
				return
			}
			high, wrong := s.facts.current(ctx, s.db)
			if wrong != nil {
				high = nil
			}
			s.hand(ctx, &chunk{table: t.table, err: err, high: high})
			return
		}
	}
}

func (s *snapshotter) hand(ctx context.Context, c *chunk) error {
	select {
	case s.chunks <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// table reads a table from where it was left.
func (s *snapshotter) table(ctx context.Context, t reading) (err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { // its settings are ours, and nobody else is to have it
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = conn.Close()
	}()
	for _, set := range []string{"SET SESSION time_zone = '+00:00'", "SET SESSION sql_mode = ''", "SET SESSION character_set_results = utf8mb4",
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"} {
		if _, err := conn.ExecContext(ctx, set); err != nil {
			return err
		}
	}
	for {
		c, err := s.chunk(ctx, conn, t)
		for tries := 1; err == errBehind; tries++ {
			time.Sleep(10 * time.Millisecond)
			if tries > 200 || ctx.Err() != nil { // a position that MariaDB does not come to: its numbers went back
				s.past = nil
			}
			c, err = s.chunk(ctx, conn, t)
		}
		if err != nil {
			return err
		}
		last, to := c.last, progress{After: c.to, Key: keyOf(c.columns)} // the reader has the chunk from here on
		if err := s.hand(ctx, c); err != nil || last {
			return err
		}
		t.from = to
	}
}

// chunk reads the next chunk. Of a table without an order it reads all, hands over what is full, and
// returns the last.
func (s *snapshotter) chunk(ctx context.Context, conn *sql.Conn, t reading) (*chunk, error) {
	c := &chunk{table: t.table}
	var err error
	if s.facts.maria {
		if _, err := conn.ExecContext(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT"); err != nil {
			return nil, err
		}
		defer conn.ExecContext(ctx, "COMMIT")
		if c.low, err = s.consistent(ctx, conn); err != nil {
			return nil, err
		}
		c.high = c.low
	}
	if s.window || !s.facts.maria {
		if s.facts.kind == "file" {
			return nil, setupf("a snapshot needs GTIDs on MySQL: want gtid_mode = ON, or NoSnapshot")
		}
		if s.facts.maria { // log_binlog_pos runs ahead of what can be seen, and that of a snapshot does not
			if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
				return nil, err
			}
		} else if c.low, err = s.facts.current(ctx, conn); err != nil {
			return nil, err
		}
		c.high = nil
		if _, err := conn.ExecContext(ctx, "START TRANSACTION"); err != nil { // it sees what is there at its first SELECT
			return nil, err
		}
		defer conn.ExecContext(ctx, "COMMIT")
	}
	if s.past != nil && !c.low.covers(s.past) {
		return nil, errBehind
	}
	s.past = nil
	if _, err := conn.ExecContext(ctx, "SELECT 1 FROM "+quotedTable(t.table)+" LIMIT 0"); err != nil {
		return nil, err // from here on nobody alters it
	}
	schema, err := readSchema(ctx, conn, t.table)
	if err != nil {
		return nil, err
	}
	state := tableState{name: t.table, fields: t.fields}
	if err := state.described(schema); err != nil {
		return nil, err
	}
	return s.read(ctx, conn, t, &state, c)
}

// consistent returns the position that the transaction sees. The server has to read its log for the
// GTIDs of a place, so it is not asked again for one that the chunk before had, too.
func (s *snapshotter) consistent(ctx context.Context, conn *sql.Conn) (position, error) {
	rows, err := conn.QueryContext(ctx, "SHOW STATUS LIKE 'binlog\\_snapshot\\_%'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	at := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		at[strings.ToLower(name)] = value
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	var gtids sql.NullString
	file, pos := at["binlog_snapshot_file"], at["binlog_snapshot_position"]
	if s.seen != nil && s.seenAt == file+":"+pos {
		return s.seen, nil
	}
	if err := one(ctx, conn, "SELECT BINLOG_GTID_POS("+literal(file)+", "+pos+")", &gtids); err != nil {
		return nil, err
	}
	if !gtids.Valid {
		return nil, fmt.Errorf("the server has no GTIDs for its own position %s:%s", file, pos)
	}
	s.seen, err = parseMaria(gtids.String)
	s.seenAt = file + ":" + pos
	return s.seen, err
}

func quotedTable(name string) string {
	database, table, _ := strings.Cut(name, ".")
	return quoted(database) + "." + quoted(table)
}

// read selects the rows.
func (s *snapshotter) read(ctx context.Context, conn *sql.Conn, t reading, state *tableState, c *chunk) (*chunk, error) {
	if !state.chunked() && (s.window || !s.facts.maria) {
		return nil, setupf("table %s has no primary key that a snapshot can go by: want one of integers, dates, binary columns or text in a _bin collation, or NoSnapshot", t.table)
	}
	if !t.from.goesBy(state.order) {
		return nil, errKeyChanged
	}
	c.columns = state.order
	var selected []column
	var expressions []string
	for _, column := range state.schema.columns {
		wanted := find(toColumns(state.order), column.name) != nil
		for _, f := range t.fields {
			wanted = wanted || strings.EqualFold(f.column, column.name)
		}
		if wanted {
			selected = append(selected, column)
			expressions = append(expressions, column.expression())
		}
	}
	query := "SELECT " + strings.Join(expressions, ", ") + " FROM " + quotedTable(t.table)
	if len(t.from.After) > 0 {
		query += " WHERE " + behind(state.order, t.from.After)
	}
	limit := s.rows
	if state.chunked() {
		var order []string
		for _, column := range state.order {
			order = append(order, quoted(column.name))
		}
		query += fmt.Sprintf(" ORDER BY %s LIMIT %d", strings.Join(order, ", "), limit)
	}
	p, err := planOf(t.table, selected, t.fields, state.keyNames())
	if err != nil {
		return nil, err
	}
	c.rows = t.gather(min(limit, 1<<14))
	c.keys = make([]keyPart, 0, p.keys*min(limit, 1<<14))
	err = conn.Raw(func(dc any) error {
		q, ok := dc.(driver.QueryerContext)
		if !ok {
			return errors.New("the driver of DB has no QueryerContext")
		}
		rows, err := q.QueryContext(ctx, query, nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		values := make([]driver.Value, len(selected))
		for {
			if err := rows.Next(values); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			if c.rows.len() == limit { // of a table that is read whole
				if err := s.hand(ctx, c); err != nil {
					return err
				}
				c = &chunk{table: c.table, low: c.low, high: c.high, rows: t.gather(limit)}
			}
			if err := p.selected(values, c); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return nil, err
	}
	n := c.rows.len()
	if c.last = n < limit || !state.chunked(); !c.last {
		c.to = c.key(n - 1)
	}
	if c.high == nil {
		if c.high, err = s.facts.current(ctx, conn); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// errBehind says that a transaction which was in the log already cannot be seen in the tables yet: servers write their log first.
var errBehind = errors.New("the server does not show what is in its log")

var errKeyChanged = errors.New("the primary key was changed while a snapshot was read")

func toColumns(pointers []*column) (columns []column) {
	for _, c := range pointers {
		columns = append(columns, *c)
	}
	return columns
}
