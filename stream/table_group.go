package stream

import (
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/window"
)

// A Grouped table has its rows in groups, each row in one: see Table.GroupBy. It is to be
// aggregated.
type Grouped[G comparable, V any] struct{ changes Keyed[G, Change[V]] }

// GroupBy puts each row into the group that key gives for it. A row that changes may change its
// group.
func (t Table[K, V]) GroupBy[G comparable](key func(K, V) G, opts ...Option) Grouped[G, V] {
	started(t.changes.out != nil, "GroupBy", "Table")
	given("GroupBy", "the function key", key)
	return Grouped[G, V]{rekey(t, "groupby", opts, key, func(_ K, c Change[V]) Change[V] { return c })}
}

// Aggregate makes a table of the aggregate of each group's rows, as long as the group has any. A
// row that is deleted, changes or moves to another group is taken back from the aggregate: agg has to be a
// [window.Subtractor], as Count, Sum, and all of a window.Multiset are, and Struct, Both, Where and Nullable of such. It panics
// for others, as for those of floating-point numbers, of which nothing can be taken back exactly.
//
// It holds an accumulator for each group with rows, and the changes that the watermark has not passed. Rows
// themselves it does not hold, unless agg does. Expose shows the results.
func (g Grouped[G, V]) Aggregate[A, R any](agg window.Aggregator[V, A, R], opts ...Option) Table[G, R] {
	started(g.changes.out != nil, "Aggregate", "Grouped table")
	given("Aggregate", "the Aggregator", agg)
	sub, ok := agg.(window.Subtractor[A])
	if !ok {
		panic(fmt.Sprintf("stream: Aggregate of a Grouped table: the aggregator with accumulator %v takes nothing back: it is no window.Subtractor", reflect.TypeFor[A]()))
	}
	t := held[G, Change[V], groupState[A], R](g.changes, "grouptable", opts, &groupRule[V, A, R]{agg, sub})
	t.changes.out.node.Depends(engine.SettingAggregator, aggregatorText(agg))
	return t
}

// A groupState is a group as it is held.
type groupState[A any] struct {
	Acc  A     `binary:"1"`
	Rows int64 `binary:"2"`
}

type groupRule[V, A, R any] struct {
	agg window.Aggregator[V, A, R]
	sub window.Subtractor[A]
}

// apply takes back what the row was, and adds what it is. What was added to no avail, as agg failed
// on it, is not taken back either.
func (r *groupRule[V, A, R]) apply(s *groupState[A], is bool, b *Batch[Change[V]], row int) (bool, error) {
	if !is {
		*s = groupState[A]{Acc: r.agg.New()}
	}
	c := &b.values[row]
	if c.HasBefore {
		if part, cause := r.part(c.Before); cause == nil {
			s.Acc = r.sub.Sub(s.Acc, part)
			s.Rows--
		}
	}
	var cause error
	if c.Kind != Delete {
		var part A
		if part, cause = r.part(c.After); cause == nil {
			s.Acc = r.agg.Merge(s.Acc, part)
			s.Rows++
		}
	}
	return s.Rows > 0, cause
}

func (r *groupRule[V, A, R]) alone(c *Change[R], s *groupState[A], is bool, b *Batch[Change[V]], row int, step *loneStep) (bool, error) {
	return changed(r, c, s, is, b, row, step)
}

// part is the accumulator of one row.
func (r *groupRule[V, A, R]) part(v V) (acc A, cause error) {
	defer engine.Rescue(&cause)
	return r.agg.Add(r.agg.New(), v), nil
}

func (r *groupRule[V, A, R]) value(s *groupState[A]) R { return r.agg.Result(s.Acc) }
