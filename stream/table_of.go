package stream

import "fmt"

// TableOf makes a table of changes: what change capture of a database gives, or a compacted
// topic. Insert, Update and Read say what the row of the key is from their event time on, whether there was one or not,
// and Delete that there is none. What a change has in Before is not needed. Of changes of one time
// the last one counts, by the place in the partition; of those that a FlatMap has made of one event, the last.
//
// It holds the rows, and the changes that the watermark has not passed. With TimeToLive a row is deleted
// that long after its latest change. Expose shows the rows.
func TableOf[K comparable, V any](changes Keyed[K, Change[V]], opts ...Option) Table[K, V] {
	started(changes.out != nil, "TableOf", "Keyed")
	return held[K, Change[V], V, V](changes, "tableof", opts, changeRule[V]{})
}

type changeRule[V any] struct{}

func (changeRule[V]) apply(s *V, is bool, b *Batch[Change[V]], row int) (bool, error) {
	return applyChange(s, is, &b.values[row])
}

func (changeRule[V]) value(s *V) V { return *s }

func (changeRule[V]) alone(c *Change[V], s *V, is bool, b *Batch[Change[V]], row int, step *loneStep) (bool, error) {
	if is {
		c.Before = *s
	}
	*step = loneSet
	is, err := applyChange(s, is, &b.values[row])
	if err != nil {
		return is, err
	}
	if *step = loneIs; is {
		c.After = *s
	}
	return is, nil
}

// applyChange makes a row what a change says it is.
func applyChange[V any](s *V, is bool, c *Change[V]) (bool, error) {
	switch c.Kind {
	case Insert, Update, Read:
		*s = c.After
		return true, nil
	case Delete:
		*s = *new(V)
		return false, nil
	}
	return is, fmt.Errorf("%v is no kind of a change", c.Kind)
}

// ToTable is TableOf of what change makes of each event: for changes whose keys are not in them, as
// those of a Kafka topic, where a row that is deleted is a key without a value.
func (k Keyed[K, T]) ToTable[V any](change func(T) Change[V], opts ...Option) Table[K, V] {
	started(k.out != nil, "ToTable", "Keyed")
	given("ToTable", "the function change", change)
	return held[K, T, V, V](k, "totable", opts, madeRule[T, V]{change})
}

type madeRule[T, V any] struct{ change func(T) Change[V] }

func (r madeRule[T, V]) apply(s *V, is bool, b *Batch[T], row int) (bool, error) {
	c := r.change(b.values[row])
	return applyChange(s, is, &c)
}

func (madeRule[T, V]) value(s *V) V { return *s }

func (r madeRule[T, V]) alone(c *Change[V], s *V, is bool, b *Batch[T], row int, step *loneStep) (bool, error) {
	return changed(r, c, s, is, b, row, step)
}

// LatestTable makes a table of the latest event of each key: by event time, and for equal times
// by the place in the partition.
//
// It holds the latest event of each key, and the events that the watermark has not passed. With TimeToLive
// a row is deleted when its key has been silent for that long. Expose shows the rows.
func LatestTable[K comparable, T any](events Keyed[K, T], opts ...Option) Table[K, T] {
	started(events.out != nil, "LatestTable", "Keyed")
	return held[K, T, T, T](events, "latesttable", opts, latestRule[T]{})
}

type latestRule[T any] struct{}

func (latestRule[T]) apply(s *T, _ bool, b *Batch[T], row int) (bool, error) {
	*s = b.values[row]
	return true, nil
}

func (latestRule[T]) value(s *T) T { return *s }

func (latestRule[T]) alone(c *Change[T], s *T, is bool, b *Batch[T], row int, step *loneStep) (bool, error) {
	if is {
		c.Before = *s
	}
	*s = b.values[row]
	c.After, *step = *s, loneIs
	return true, nil
}
