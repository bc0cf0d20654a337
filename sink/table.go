package sink

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/freshet-go/freshet/stream"
)

// Table prints the values to w, a terminal or a report, in columns:
//
//	shop   start                end                  value
//	north  2026-11-23 07:00:00  2026-11-23 07:01:00  1204.5
//	south  2026-11-23 07:00:00  2026-11-23 07:01:00     98
//
// A struct has a column for each exported field, those of structs inside it
// included, so a [stream.Pane] prints its key, window and value; any other
// value has one column, "value". A field's column is named by its tag
// `table:"name"`, else by its json tag, else like the field; one tagged "-" has none.
//
// Numbers stand to the right and have at most four decimals, times are in
// UTC, and a cell of more than [MaxWidth] runes is cut short. What a terminal would
// not print as it stands, a control character say, is escaped.
//
// Rows are printed at least once: what a run wrote again after a restart is
// there twice.
//
// Rows are printed when [Every] of them have come, and when the run flushes;
// columns are as wide as the rows printed until then need. Rows of several
// shards come in any order, and are never mixed. It is for eyes: programs
// read [CSV] and [JSONLines] better. Table panics if w or an option is nil.
func Table[T any](w io.Writer, opts ...TableOption) stream.Sink[T] {
	wantWriter("Table", w)
	s := &table[T]{tableConfig: tableConfig{every: 20, maxWidth: 60}, w: w, columns: tableColumns[T]()}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("sink: Table: option %d is nil", i+1))
		}
		o(&s.tableConfig)
	}
	return s
}

// A TableOption says how a table is printed.
type TableOption func(*tableConfig)

type tableConfig struct{ every, maxWidth int }

// Every sets after how many rows a table is printed. The default is 20. For a
// live view it is 1: each row at once, at the price of columns that widen as
// they need to. It panics if rows is not positive.
func Every(rows int) TableOption {
	if rows < 1 {
		panic(fmt.Sprintf("sink: Every(%d): want at least 1", rows))
	}
	return func(c *tableConfig) { c.every = rows }
}

// MaxWidth sets how many runes a cell may have. The default is 60. It panics
// if runes is less than 2.
func MaxWidth(runes int) TableOption {
	if runes < 2 {
		panic(fmt.Sprintf("sink: MaxWidth(%d): want at least 2", runes))
	}
	return func(c *tableConfig) { c.maxWidth = runes }
}

// A table is what its writers print to, for all instances.
type table[T any] struct {
	tableConfig
	columns []tableColumn

	mu     sync.Mutex
	w      io.Writer
	rows   [][]cell // not printed yet
	widths []int    // of the columns, as printed so far
	headed bool     // the header has been printed
	torn   bool     // w has taken a part of what was printed last
	open   int      // writers
}

// A tableWriter is the writer of an instance.
type tableWriter[T any] struct {
	*table[T]
	err error // of the table's writer; it stays
}

// A cell is what stands in one column of one row.
type cell struct {
	text  string
	right bool // it is a number
}

// Local is stream.Local's.
func (s *table[T]) Local() string { return fmt.Sprintf("it prints to a %T of one process", s.w) }

// Open returns a writer that prints to the table.
func (s *table[T]) Open(*stream.SinkContext) (stream.Writer[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	return &tableWriter[T]{table: s}, nil
}

func (w *tableWriter[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	s := w.table
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range b.All() {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := make([]cell, len(s.columns))
		for i, c := range s.columns {
			row[i] = c.cell(&v)
			row[i].text = shorten(row[i].text, s.maxWidth)
		}
		s.rows = append(s.rows, row)
		if len(s.rows) >= s.every {
			if err := w.print(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *tableWriter[T]) Flush(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.print()
}

// Close forgets the rows of a run that has failed when no writer of it is left:
// they come again.
func (w *tableWriter[T]) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open--; w.open == 0 {
		w.rows = nil
	}
	return nil
}

// print prints the rows that have come.
func (w *tableWriter[T]) print() error {
	if w.err != nil || len(w.rows) == 0 {
		return w.err
	}
	if err := w.table.print(); err != nil {
		w.err = &WriteError{Sink: fmt.Sprintf("%T", w.w), Err: err}
	}
	return w.err
}

// print prints the rows, the header before the first.
func (s *table[T]) print() error {
	rows := s.rows
	if s.widths == nil {
		s.widths = make([]int, len(s.columns))
	}
	if !s.headed {
		header := make([]cell, len(s.columns))
		for i, c := range s.columns {
			header[i] = cell{c.name, s.rows[0][i].right}
		}
		rows = slices.Insert(rows, 0, header)
	}
	for _, row := range rows {
		for i, c := range row {
			s.widths[i] = max(s.widths[i], utf8.RuneCountInString(c.text))
		}
	}
	var out []byte
	if s.torn {
		out = append(out, '\n')
	}
	for _, row := range rows {
		line := ""
		for i, c := range row {
			if i > 0 {
				line += "  "
			}
			pad := strings.Repeat(" ", s.widths[i]-utf8.RuneCountInString(c.text))
			if c.right {
				line += pad + c.text
			} else {
				line += c.text + pad
			}
		}
		out = append(out, strings.TrimRight(line, " ")...)
		out = append(out, '\n')
	}
	s.rows = s.rows[:0]
	n, err := s.w.Write(out)
	if err == nil && n < len(out) {
		err = io.ErrShortWrite
	}
	if n > 0 {
		s.headed, s.torn = true, n < len(out)
	}
	return err
}

func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
