package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/window"
)

// AggregateTable makes a table of the aggregate of each key's events so far: the balances of
// accounts are moves.KeyBy(Move.Account).AggregateTable(window.Sum(Move.Cents)). It changes once for all
// events of one time, and not where the result is the same. Running gives the aggregate for each
// event in place of that.
//
// It holds an accumulator for each key, and the events that the watermark has not passed. With TimeToLive
// a row is deleted, and its accumulator forgotten, when its key has been silent for that long. Expose shows the
// results.
func (k Keyed[K, T]) AggregateTable[A, R any](agg window.Aggregator[T, A, R], opts ...Option) Table[K, R] {
	started(k.out != nil, "AggregateTable", "Keyed")
	given("AggregateTable", "the Aggregator", agg)
	rule := foldRule[T, A, R]{fold: folding[T, A]{agg: agg}, agg: agg}
	rule.fold.stamped, _ = agg.(window.Stamped[T, A])
	t := held[K, T, A, R](k, "aggregatetable", opts, &rule)
	t.changes.out.node.Depends(engine.SettingAggregator, aggregatorText(agg))
	return t
}

type foldRule[T, A, R any] struct {
	fold folding[T, A]
	agg  window.Aggregator[T, A, R]
}

func (r *foldRule[T, A, R]) apply(s *A, is bool, b *Batch[T], row int) (bool, error) {
	if !is {
		*s = r.agg.New()
	}
	*s = r.fold.add(*s, b, row)
	return true, nil
}

func (r *foldRule[T, A, R]) value(s *A) R { return r.agg.Result(*s) }

func (r *foldRule[T, A, R]) alone(c *Change[R], s *A, is bool, b *Batch[T], row int, step *loneStep) (bool, error) {
	if is {
		c.Before = r.agg.Result(*s)
	}
	*step = loneSet
	if !is {
		*s = r.agg.New()
	}
	*s = r.fold.add(*s, b, row)
	*step = loneIs
	c.After = r.agg.Result(*s)
	return true, nil
}
