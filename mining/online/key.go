package online

import "github.com/freshet-go/freshet/stream"

// PerKey is the operator with a model for each key, for Keyed.Apply. All events of a key come to its model, and with
// stream.InOrder by their times, so that what it says depends neither on the size of
// batches nor on the number of shards. See [MaxKeys] and stream.TimeToLive for how many models there may be. With the key
// [All] there is one.
func (t *Task[In, T]) PerKey[K comparable](c *stream.OperatorContext) (stream.KeyedProcessor[K, In, Scored[T]], error) {
	return newPerKey[K](t, c), nil
}

type perKey[K comparable, In, T any] struct {
	versions
	work[In, T]
	context *stream.OperatorContext
	models  *stream.KeyedState[K, *kept[K]]
	recent  recent[K]

	each func(row int) error // p.event, bound once
	in   *stream.KeyedBatch[K, In]
	out  *stream.Emitter[Scored[T]]
}

// A kept cell is one of those that an instance has by key.
type kept[K comparable] struct {
	cell
	key          stream.KeyRef[K]
	newer, older *kept[K] // see recent
}

func newPerKey[K comparable, In, T any](t *Task[In, T], c *stream.OperatorContext) *perKey[K, In, T] {
	p := &perKey[K, In, T]{
		versions: newVersions(c, t.build, t.slot),
		work:     work[In, T]{task: t},
		context:  c,
		models:   c.KeyedState[K, *kept[K]]("models"),
	}
	p.recent.most = (t.most + c.Count - 1) / c.Count
	p.each = p.event
	return p
}

func (p *perKey[K, In, T]) Process(in *stream.KeyedBatch[K, In], out *stream.Emitter[Scored[T]]) error {
	if err := p.look(); err != nil {
		return err
	}
	p.in, p.out = in, out
	return p.context.Each(&in.Batch, p.each)
}

func (p *perKey[K, In, T]) event(row int) error {
	p.read(p.in.Value(row))
	key := p.in.Ref(row)
	m, held := p.find(key)
	if err := p.update(&m.cell); err != nil {
		return err
	}
	s, asked := p.do(&m.cell)
	if !held { // not before: an event that it fails on makes no model
		p.hold(key, m)
	}
	if asked {
		p.out.From(&p.in.Batch, row, s)
	}
	return nil
}

// find returns the model of a key, and whether it is held: if not, it is a new one.
func (p *perKey[K, In, T]) find(key stream.KeyRef[K]) (m *kept[K], held bool) {
	if m, held = p.models.Get(key); held {
		p.recent.use(m)
		return m, true
	}
	return &kept[K]{cell: cell{model: p.build()}, key: key}, false
}

// hold holds a new model, and forgets another one if there are too many.
func (p *perKey[K, In, T]) hold(key stream.KeyRef[K], m *kept[K]) {
	if old := p.recent.add(m); old != nil {
		p.models.Delete(old.key)
	}
	p.models.Put(key, m)
}

// Save has nothing to add to what State and KeyedState save.
func (p *perKey[K, In, T]) Save(*stream.StateWriter) error { return nil }

// Restore opens the models that KeyedState has restored.
func (p *perKey[K, In, T]) Restore(*stream.StateReader) error {
	var all []*kept[K]
	for key, m := range p.models.All() {
		if err := m.open(p.build); err != nil {
			return err
		}
		m.key = key
		all = append(all, m)
	}
	for _, old := range p.recent.restore(all) {
		p.models.Delete(old.key)
	}
	return nil
}
