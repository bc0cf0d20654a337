package oracles_test

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A ksqlUpdate is what one record makes of the result of a window: the value
// as text, and the time of the latest record in it.
type ksqlUpdate struct {
	Value string
	At    int64
}

type ksqlPane = stream.Pane[string, ksqlUpdate]

// spec is the query's windows. An update comes with every record, and the
// watermark is ksql's stream time, the highest time so far: without disorder.
// So what is out of order is late, and grace is allowed lateness.
func (q ksqlWindow) spec() window.Spec {
	opts := []window.Option{window.EarlyCount(1), window.LateCount(1), window.Lateness(q.grace)}
	if q.advance > 0 {
		return window.Sliding(q.size, q.advance, opts...)
	}
	return window.Tumbling(q.size, opts...)
}

// panes adds the query to a pipeline.
func (q ksqlWindow) panes(p pipeline, rows []ksqlRow) (stream.Stream[ksqlPane], error) {
	w := p.From(source.Slice(rows)).
		EventTime(ksqlRow.Time).
		KeyBy(func(r ksqlRow) string { return ksqlText(r.columns[q.source.name+"."+q.group]) }).
		Window(q.spec())
	number := func(r ksqlRow) float64 { return r.columns[q.source.name+"."+q.column].(float64) }
	switch q.function {
	case "COUNT":
		return ksqlAggregate(w, window.Count[ksqlRow]()), nil
	case "MIN":
		return ksqlAggregate(w, window.Min(number)), nil
	case "MAX":
		return ksqlAggregate(w, window.Max(number)), nil
	case "TOPK":
		greatest := window.Top(q.top, func(a, b ksqlRow) int { return cmp.Compare(number(a), number(b)) })
		return ksqlAggregate(w, window.Then(greatest, func(rows []ksqlRow) []float64 { return ksqlNumbers(rows, number) })), nil
	case "TOPKDISTINCT":
		return ksqlAggregate(w, window.Then(window.Collect[ksqlRow](), func(rows []ksqlRow) []float64 {
			all := ksqlNumbers(rows, number)
			slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
			all = slices.Compact(all)
			return all[:min(q.top, len(all))]
		})), nil
	}
	return stream.Stream[ksqlPane]{}, fmt.Errorf("no function %s", q.function)
}

func ksqlNumbers(rows []ksqlRow, number func(ksqlRow) float64) (all []float64) {
	for _, r := range rows {
		all = append(all, number(r))
	}
	return all
}

// ksqlAggregate gives the updates that an aggregator makes.
func ksqlAggregate[A, R any](w stream.Windowed[string, ksqlRow], agg window.Aggregator[ksqlRow, A, R]) stream.Stream[ksqlPane] {
	latest := window.Max(func(r ksqlRow) int64 { return r.at })
	return w.Aggregate(window.Both(agg, latest, func(v R, at int64) ksqlUpdate { return ksqlUpdate{ksqlText(v), at} }))
}

// A ksqlWindowRow is an update of a window as the files write it.
type ksqlWindowRow struct {
	Window ksqlSpan
	ksqlUpdate
}

func (q ksqlWindow) check(t *testing.T, c ksqlCase, opts ...stream.RunOption) iter.Seq2[string, bool] {
	rows := q.source.rows(q.source.name, c.Inputs)
	build := plan[ksqlPane](func(p pipeline) stream.Stream[ksqlPane] {
		panes, err := q.panes(p, rows)
		require.NoError(t, err, c.Name)
		return panes
	})
	return func(yield func(string, bool) bool) {
		for way, got := range build.ways(t, c.Name, opts...) {
			if !yield(way, q.fits(t, c, got)) {
				return
			}
		}
	}
}

// fits holds a result against the outputs of a case, key by key in their
// order. Two of our panes have no counterpart there. Those of windows that
// begin before 1970, as Kafka has none, are left out. Those on time only say
// that a window is complete: they have to repeat the update before.
func (q ksqlWindow) fits(t *testing.T, c ksqlCase, all result[ksqlPane]) bool {
	got := map[string][]ksqlWindowRow{}
	for _, x := range all.rows() {
		if x.Start.Before(time.Unix(0, 0)) {
			continue
		}
		r := ksqlWindowRow{ksqlSpan{x.Start.UnixMilli(), x.End.UnixMilli()}, x.Value}
		if x.Timing != stream.OnTime {
			got[x.Key] = append(got[x.Key], r)
			continue
		}
		before := slices.DeleteFunc(slices.Clone(got[x.Key]), func(u ksqlWindowRow) bool { return u.Window != r.Window })
		if !assert.NotEmpty(t, before, c.Name) || !assert.Equal(t, before[len(before)-1], r, c.Name) {
			return false
		}
	}
	want := map[string][]ksqlWindowRow{}
	for _, o := range c.Outputs {
		key := ksqlText(q.source.typed(q.group, o.Key))
		want[key] = append(want[key], ksqlWindowRow{o.Window, ksqlUpdate{q.result(o.Value), o.At}})
	}
	if !assert.Equal(t, want, got, c.Name) {
		return false
	}
	if q.advance == 0 && !all.uncounted { // each record is in one window, which has taken it or has not
		return assert.Equal(t, int64(all.read-len(c.Outputs)), all.dropped, "%s: records dropped", c.Name)
	}
	return true
}

// result returns the one column of an output's value as text.
func (q ksqlWindow) result(value any) string {
	if object, ok := value.(map[string]any); ok {
		if len(object) != 1 {
			return fmt.Sprint(object)
		}
		return ksqlText(object[q.name])
	}
	return ksqlText(ksqlColumn{kind: "DOUBLE"}.typed(value))
}
