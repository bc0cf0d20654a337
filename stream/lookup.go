package stream

import (
	"context"
	"maps"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// Lookup pairs each event of k with what find returns for its key, and gives
// what f makes of both. It calls as Enrich does, once at a time for each key
// of a batch, and can keep results: see CacheResults.
func (k Keyed[K, T]) Lookup[V, U any](find func(context.Context, K) (V, error), f func(T, V) U, opts ...EnrichOption) Stream[U] {
	started(k.out != nil, "Lookup", "Keyed")
	given("Lookup", "the function find", find)
	given("Lookup", "the function f", f)
	c := enriching(opts)
	return attachKeyed(k, "lookup", "", c.opts, bindFailures[T], func(op *engine.Instance, out receiver[U]) keyedReceiver[K, T] {
		l := &lookup[K, T, V, U]{f: f, known: map[K]*found[V]{}}
		l.enricher = &enricher[T, U]{guard: newGuard[T](op), cfg: c, out: newEmitter(op, out)}
		l.find = find
		return l
	})
}

// A lookup enriches by key.
type lookup[K comparable, T, V, U any] struct {
	*enricher[T, U]
	find  func(context.Context, K) (V, error)
	f     func(T, V) U
	known map[K]*found[V]
	swept time.Time // when expired results were last looked for
	asked []K
}

type found[V any] struct {
	answer[V]
	until time.Time
}

func (l *lookup[K, T, V, U]) pushKeyed(b *KeyedBatch[K, T]) error {
	n := b.Len()
	l.op.In(n)
	l.out.inherit(b.head.born, nil)
	now := l.op.Now()
	l.asked = l.asked[:0]
	fresh := map[K]*found[V]{}
	for k := range n {
		key := b.keys[b.head.at(k)]
		if have := l.known[key]; have != nil && now.Before(have.until) || fresh[key] != nil {
			continue
		}
		fresh[key] = &found[V]{}
		l.asked = append(l.asked, key)
	}
	inParallel(len(l.asked), l.cfg.concurrency, func(i int) {
		x := fresh[l.asked[i]]
		x.err = &engine.GoexitError{} // unless the call returns
		x.v, x.err = attempt(l.op.Ctx(), &l.cfg, func(ctx context.Context) (V, error) { return l.find(ctx, l.asked[i]) })
	}).drain()
	for k := range n {
		if l.op.Halted() {
			return engine.ErrStopped
		}
		row := b.head.at(k)
		x := fresh[b.keys[row]]
		if x == nil {
			x = l.known[b.keys[row]]
		}
		cause := x.err
		if cause == nil {
			var u U
			if u, cause = l.apply(b.values[row], x.v); cause == nil {
				l.out.pass(u, &b.head, row)
				continue
			}
		}
		if err := l.failed(&b.Batch, row, cause); err != nil {
			return err
		}
	}
	l.keep(fresh, now)
	if err := l.settle(); err != nil {
		return err
	}
	return l.out.flush()
}

func (l *lookup[K, T, V, U]) apply[_ lazily](v T, x V) (u U, cause error) {
	defer engine.Rescue(&cause)
	return l.f(v, x), nil
}

// sweepsOfCache are how often, in as long as results are kept, expired ones are looked for: to look at all costs as much as a full cache is large.
const sweepsOfCache = 8

// keep puts what was found into the cache. When the cache is full, results
// that have expired go first, if they have not just been looked for, then any.
func (l *lookup[K, T, V, U]) keep[_ lazily](fresh map[K]*found[V], now time.Time) {
	if l.cfg.cache == 0 {
		return
	}
	for k, x := range fresh {
		if x.err == nil {
			x.until = now.Add(l.cfg.cacheFor)
			l.known[k] = x
		}
	}
	if len(l.known) <= l.cfg.cache {
		return
	}
	if now.Sub(l.swept) >= l.cfg.cacheFor/sweepsOfCache {
		l.swept = now
		maps.DeleteFunc(l.known, func(_ K, x *found[V]) bool { return !now.Before(x.until) })
	}
	for k := range l.known {
		if len(l.known) <= l.cfg.cache {
			break
		}
		delete(l.known, k)
	}
}
