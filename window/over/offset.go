package over

import "fmt"

// Row puts the row itself into its result.
func Row[V, R any](set func(*R, V)) Column[V, R] {
	need(set != nil, "Row: the function set is nil")
	return itself[V, R]{set: set}
}

type itself[V, R any] struct {
	stateless
	set func(*R, V)
}

func (itself[V, R]) Needs() Needs       { return Needs{} }
func (itself[V, R]) String() string     { return "row" }
func (c itself[V, R]) Cell() Cell[V, R] { return c }

func (c itself[V, R]) Fill(rows Partition[V], from, to int, results []R) {
	for i := from; i < to; i++ {
		c.set(&results[i-from], *rows.At(i))
	}
}

// Lag is the row that stands n before, if there is one: some says so, and where it is false v is
// zero. Lag(0) is the row itself. It panics if n is negative.
func Lag[V, R any](n int, set func(r *R, v V, some bool)) Column[V, R] {
	need(n >= 0, "Lag(%d): negative", n)
	need(set != nil, "Lag: the function set is nil")
	return offset[V, R]{by: -n, set: set}
}

// Lead is the row that stands n behind, if there is one: some says so, and where it is false v is zero. On a stream a result
// waits for that row. It panics if n is negative.
func Lead[V, R any](n int, set func(r *R, v V, some bool)) Column[V, R] {
	need(n >= 0, "Lead(%d): negative", n)
	need(set != nil, "Lead: the function set is nil")
	return offset[V, R]{by: n, set: set}
}

type offset[V, R any] struct {
	stateless
	by  int
	set func(*R, V, bool)
}

func (c offset[V, R]) Needs() Needs {
	return Needs{RowsBefore: int64(max(0, -c.by)), RowsAfter: int64(max(0, c.by))}
}

func (c offset[V, R]) Cell() Cell[V, R] { return c }

func (c offset[V, R]) String() string {
	if c.by < 0 {
		return fmt.Sprint("lag ", -c.by)
	}
	return fmt.Sprint("lead ", c.by)
}

func (c offset[V, R]) Fill(rows Partition[V], from, to int, results []R) {
	for i := from; i < to; i++ {
		if at := i + c.by; at >= 0 && at < rows.Len() {
			c.set(&results[i-from], *rows.At(at), true)
		} else {
			c.set(&results[i-from], *new(V), false)
		}
	}
}

// Ranks are the places of a row in its partition, from 1 on.
type Ranks struct {
	RowNumber int64 `binary:"1"` // no two rows have the same
	Rank      int64 `binary:"2"` // peers have that of the first of them: 1, 2, 2, 4
	DenseRank int64 `binary:"3"` // and there are no gaps: 1, 2, 2, 3
}

// Next returns the ranks of the row that follows.
func (r Ranks) Next(peer bool) Ranks {
	r.RowNumber++
	if !peer {
		r.Rank = r.RowNumber
		r.DenseRank++
	}
	return r
}

// Rank is the ranks of the row v: SQL's row_number, rank and dense_rank.
func Rank[V, R any](set func(r *R, v V, ranks Ranks)) Column[V, R] {
	need(set != nil, "Rank: the function set is nil")
	return ranked[V, R]{set: set}
}

type ranked[V, R any] struct {
	stateless
	set func(*R, V, Ranks)
}

func (ranked[V, R]) Needs() Needs       { return Needs{Grows: true} }
func (ranked[V, R]) String() string     { return "rank" }
func (c ranked[V, R]) Cell() Cell[V, R] { return c }

func (c ranked[V, R]) Fill(rows Partition[V], from, to int, results []R) {
	for i := from; i < to; i++ {
		c.set(&results[i-from], *rows.At(i), rows.Rank(i))
	}
}
