package over

import (
	"fmt"
	"sort"
	"time"

	"github.com/freshet-go/freshet/window"
)

// A Frame says which rows around each row an aggregate is of. Its bounds are inclusive, as SQL's are: Rows(2, 0) are
// three rows.
type Frame struct {
	unit          unit
	before, after int64
	of            any // of byValue: a func(V) int64
}

type unit uint8

const (
	byRow unit = iota + 1
	byTime
	byValue
)

// Rows are the rows from before rows before each row to after rows behind it: SQL's ROWS BETWEEN. Rows(0, 0) is the row
// alone, Rows(All, 0) all rows up to it, and Rows(3, -1) the three before it. On a stream results wait for the rows behind, and after
// may not be All. It panics if there is no row between the bounds.
func Rows(before, after int64) Frame {
	need(spans(before, after), "Rows(%d, %d): there is nothing between", before, after)
	return Frame{unit: byRow, before: before, after: after}
}

// Range are the events from before earlier in event time to after later: SQL's RANGE BETWEEN. Both ends
// count, so all events of the row's own time do in Range(0, 0). It is for streams: rows of a table have no event
// time, see RangeOf. On a stream results wait for the time that is later, and after may not be All. It panics if there is no time between the bounds.
func Range(before, after time.Duration) Frame {
	need(spans(int64(before), int64(after)), "Range(%v, %v): there is nothing between", before, after)
	return Frame{unit: byTime, before: int64(before), after: int64(after)}
}

// RangeOf are the rows whose value is from before less than that of the row to after more: SQL's RANGE BETWEEN by a
// column. It is for tables that are ordered by that value, ascending: where it descends, of has to return it
// negated. A change in a partition costs as much as the partition has rows. It panics if there is nothing between the bounds.
func RangeOf[V any](of func(V) int64, before, after int64) Frame {
	need(of != nil, "RangeOf: the function of is nil")
	need(spans(before, after), "RangeOf(%d, %d): there is nothing between", before, after)
	return Frame{unit: byValue, before: before, after: after, of: of}
}

// spans reports whether there is something from before to after.
func spans(before, after int64) bool {
	return before >= 0 && after >= 0 || before == All || after == All || before+after >= 0
}

func (f Frame) String() string {
	bound := func(n int64) string {
		switch {
		case n == All:
			return "all"
		case f.unit == byTime:
			return time.Duration(n).String()
		}
		return fmt.Sprint(n)
	}
	name := map[unit]string{byRow: "rows", byTime: "range", byValue: "range of a value"}[f.unit]
	return fmt.Sprintf("%s %s to %s", name, bound(f.before), bound(f.after))
}

// needs are the rows that have to be there for a frame, where what is before all of it is held otherwise if grows.
func (f Frame) needs(grows bool) (n Needs) {
	before := f.before
	if grows && before == All {
		before, n.Grows = -f.after, true // rows that are to come into the frame have to be there
	}
	switch f.unit {
	case byRow:
		n.RowsBefore, n.RowsAfter = max(0, before), max(0, f.after)
	case byTime:
		n.Before, n.After, n.Times = time.Duration(max(0, before)), time.Duration(max(0, f.after)), true
	case byValue:
		n.Values = true
	}
	return n
}

// A bounds finds the rows of a frame.
type bounds[V any] struct {
	Frame
	of func(V) int64
}

func boundsOf[V any](call string, f Frame) bounds[V] {
	need(f.unit != 0, "%s: the Frame is zero: make it with Rows, Range or RangeOf", call)
	b := bounds[V]{Frame: f}
	if f.unit == byValue {
		of, ok := f.of.(func(V) int64)
		need(ok, "%s: the function of RangeOf is a %T, and takes no row", call, f.of)
		b.of = of
	}
	return b
}

// around returns the rows [a, b) of the frame of row i. hintA and hintB are what they were for the row before.
func (f *bounds[V]) around(rows Partition[V], i, hintA, hintB int) (a, b int) {
	n := rows.Len()
	if f.unit == byRow {
		if f.before != All {
			a = int(min(max(0, int64(i)-f.before), int64(n)))
		}
		b = n
		if f.after < int64(n) {
			b = int(min(max(0, int64(i)+f.after+1), int64(n)))
		}
		return a, max(a, b)
	}
	at := f.place(rows, i)
	if f.before != All {
		low := down(at, f.before)
		a = search(hintA, n, func(j int) bool { return f.place(rows, j) >= low })
	}
	b = n
	if f.after != All {
		high := down(at, -f.after)
		b = search(hintB, n, func(j int) bool { return f.place(rows, j) > high })
	}
	return a, max(a, b)
}

// place is where a row stands on the scale of the frame.
func (f *bounds[V]) place(rows Partition[V], i int) int64 {
	if f.unit == byTime {
		return int64(rows.Position(i).Time)
	}
	return f.of(*rows.At(i))
}

// down returns at - by, or the end of numbers that lies before it.
func down(at, by int64) int64 { return int64(window.Time(at).Add(-time.Duration(by))) }

// search returns the first of n rows from which on f is true. It is at the hint or a little behind it, as a rule.
func search(hint, n int, f func(int) bool) int {
	hint = min(hint, n)
	if hint > 0 && f(hint-1) {
		return sort.Search(hint, f)
	}
	for j := hint; j < min(n, hint+4); j++ {
		if f(j) {
			return j
		}
	}
	hint = min(n, hint+4)
	return hint + sort.Search(n-hint, func(j int) bool { return f(hint + j) })
}
