package over

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/freshet-go/freshet/window"
)

// All is a bound that is none: Rows(All, 0) is from the first row of the partition to the row
// itself.
const All = math.MaxInt64

// A Selection is some columns: what an operator works out of each row. It is made by Select.
type Selection[V, R any] []Column[V, R]

// Select puts columns together. A result is a zero R into which each column puts its part, one after
// another; what no column sets is zero. It panics without a column, and for one that is nil.
func Select[V, R any](columns ...Column[V, R]) Selection[V, R] {
	need(len(columns) > 0, "Select: there is no column")
	for i, c := range columns {
		need(c != nil, "Select: column %d of %d is nil", i+1, len(columns))
	}
	return Selection[V, R](columns)
}

// String describes the columns, without the functions that they were given.
func (s Selection[V, R]) String() string {
	texts := make([]string, len(s))
	for i, c := range s {
		texts[i] = c.String()
	}
	return strings.Join(texts, ", ")
}

// Needs returns how far the columns look, all together.
func (s Selection[V, R]) Needs() (n Needs) {
	for _, c := range s {
		n = n.and(c.Needs())
	}
	return n
}

// Cells returns the cells of the columns for one partition.
func (s Selection[V, R]) Cells() []Cell[V, R] {
	cells := make([]Cell[V, R], len(s))
	for i, c := range s {
		cells[i] = c.Cell()
	}
	return cells
}

// A Column works out one thing of each row, and puts it into the row's result.
type Column[V, R any] interface {
	// Needs says how far it looks around a row.
	Needs() Needs
	// Cell returns what works it out for one partition.
	Cell() Cell[V, R]
	// String says what it is, without the functions that it was given. The state of an operator
	// depends on it.
	String() string
}

// Needs says which rows around a row a column looks at: so many before and behind it, and those of the event
// times from Before earlier to After later. All is without end.
type Needs struct {
	RowsBefore, RowsAfter int64
	Before, After         time.Duration
	Times                 bool // Before and After are meant, be they 0
	Values                bool // by a value of the rows: any row may count for any other
	Grows                 bool // what it holds of the past it holds in its Cell, and looks at no row for it
}

func (n Needs) and(m Needs) Needs {
	return Needs{max(n.RowsBefore, m.RowsBefore), max(n.RowsAfter, m.RowsAfter), max(n.Before, m.Before), max(n.After, m.After),
		n.Times || m.Times, n.Values || m.Values, n.Grows || m.Grows}
}

// A Partition is some rows in their order, as a Cell sees them.
type Partition[V any] interface {
	Len() int
	// At returns the i-th row, which is not to be changed.
	At(i int) *V
	// Position returns where the i-th row stands in the order: for events their time and place, and
	// for rows of a table its number.
	Position(i int) window.Position
	// Rank returns the ranks of the i-th row, which is one that is being worked out.
	Rank(i int) Ranks
}

// A Cell works out a column for one partition. It is for one goroutine at a time.
type Cell[V, R any] interface {
	// Fill puts the column of the rows from..to, to not among them, into results, from being the first. On a stream
	// they follow those of the call before; Reset stands between calls where they do not.
	Fill(rows Partition[V], from, to int, results []R)
	// Drop says that the first n rows are forgotten. The others have lesser numbers from then on.
	Drop(n int)
	// Reset forgets everything.
	Reset()
	// AppendBinary and UnmarshalBinary save and restore what it holds besides the rows.
	AppendBinary([]byte) ([]byte, error)
	UnmarshalBinary([]byte) error
}

// A stateless cell holds nothing.
type stateless struct{}

func (stateless) Drop(int)                              {}
func (stateless) Reset()                                {}
func (stateless) AppendBinary(b []byte) ([]byte, error) { return b, nil }
func (stateless) UnmarshalBinary([]byte) error          { return nil }

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("over: " + fmt.Sprintf(format, args...))
	}
}
