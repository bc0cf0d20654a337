package online

import "github.com/freshet-go/freshet/stream"

// Served is the operator whose models come as events, for Keyed.Connect: the left input has the events, the right one
// [Release]s, each of which replaces the model of its key if its version is later. With the key [All] on both sides there is one model.
//
//	orders.KeyBy(Order.Shop).Connect(releases.KeyBy(online.Release.Key), task.Served)
//
// Until its first release comes, a key has the model that the task builds: version 0. Which events
// a release comes before is a matter of arrival, as with all operators with two inputs; scores carry the version. A release that cannot be read
// is a failure of its event.
func (t *Task[In, T]) Served[K comparable](c *stream.OperatorContext) (stream.CoProcessor[K, In, Release, Scored[T]], error) {
	return &served[K, In, T]{newPerKey[K](t, c)}, nil
}

type served[K comparable, In, T any] struct{ *perKey[K, In, T] }

func (s *served[K, In, T]) ProcessLeft(in *stream.KeyedBatch[K, In], out *stream.Emitter[Scored[T]]) error {
	return s.Process(in, out)
}

func (s *served[K, In, T]) ProcessRight(in *stream.KeyedBatch[K, Release], _ *stream.Emitter[Scored[T]]) error {
	return s.context.Each(&in.Batch, func(row int) error {
		r := in.Value(row)
		var next cell
		if err := next.become(&r, s.build); err != nil {
			return err
		}
		key := in.Ref(row)
		m, held := s.find(key)
		if r.Version > m.version {
			m.model, m.version, m.learnt = next.model, next.version, 0
			if !held {
				s.hold(key, m)
			}
		}
		return nil
	})
}
