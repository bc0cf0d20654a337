package oracles_test

import (
	"iter"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// ksqlPatience is for how long ksql's joins take records that are out of order
// where a statement gives no grace.
const ksqlPatience = 24 * time.Hour

// A ksqlJoinRow is a result of a join: its key and its value as text, and its
// time.
type ksqlJoinRow struct {
	Key, Value string
	At         int64
}

// side adds one input of the join, keyed by what its side of ON gives.
func (q ksqlJoin) side(p pipeline, i int, c ksqlCase) stream.Keyed[string, ksqlRow] {
	rows := q.scope[i].rows(q.scope[i].alias, c.Inputs)
	return p.From(source.Slice(rows)).
		EventTime(ksqlRow.Time, stream.Disorder(ksqlPatience)).
		KeyBy(func(r ksqlRow) string { return ksqlText(q.on[i].of(r)) })
}

func (q ksqlJoin) check(t *testing.T, c ksqlCase, opts ...stream.RunOption) iter.Seq2[string, bool] {
	build := plan[ksqlJoinRow](func(p pipeline) stream.Stream[ksqlJoinRow] {
		return q.side(p, 0, c).
			IntervalJoin(q.side(p, 1, c), -q.before, q.after, stream.Inner, func(m stream.Match[ksqlRow, ksqlRow]) ksqlRow {
				all := maps.Clone(m.Left.columns)
				maps.Copy(all, m.Right.columns)
				return ksqlRow{columns: all}
			}).
			Filter(q.where).
			Map(q.row)
	})
	return func(yield func(string, bool) bool) {
		for way, got := range build.ways(t, c.Name, opts...) {
			if !yield(way, q.fits(t, c, got)) {
				return
			}
		}
	}
}

// fits holds a result against the outputs of a case.
func (q ksqlJoin) fits(t *testing.T, c ksqlCase, all result[ksqlJoinRow]) bool {
	var got, want []ksqlJoinRow
	for _, e := range all.events {
		e.Value.At = ksqlMillis(e.Time)
		got = append(got, e.Value)
	}
	key := q.scope.kind(q.key)
	for _, o := range c.Outputs {
		want = append(want, ksqlJoinRow{ksqlText(key.typed(o.Key)), ksqlText(o.Value), o.At})
	}
	agree, diff := agreement(want, got)
	return assert.NotZero(t, agree, c.Name) && assert.Empty(t, diff, c.Name)
}

// row is what the query selects of a joined row.
func (q ksqlJoin) row(r ksqlRow) ksqlJoinRow {
	key := q.on[0].of(r)
	if q.bare {
		return ksqlJoinRow{Key: ksqlText(key), Value: ksqlText(r.columns[q.outputs[0].column])}
	}
	value := map[string]any{}
	for _, o := range q.outputs {
		value[o.name] = r.columns[o.column]
	}
	return ksqlJoinRow{Key: ksqlText(key), Value: ksqlText(value)}
}
