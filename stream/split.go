package stream

// Split parts a stream in two: the events whose value satisfies match, and
// the rest. Both keep their order and times.
func (s Stream[T]) Split(match func(T) bool, opts ...Option) (matching, rest Stream[T]) {
	p := s.out.p
	n := p.add("split", configure(opts), s.out.node)
	yes, no := newOutput[T](p, n), newOutput[T](p, n)
	yes.name, no.name = "matching", "rest"
	s.out.consumers = append(s.out.consumers, func(pl *place) receiver[T] {
		op := pl.instance(n)
		sp := &splitter[T]{yes: yes.connect(pl), no: no.connect(pl)}
		sp.filter = filter[T]{guard: newGuard[T](op), next: sp.yes, keep: sp.decide}
		sp.match = match
		return sp
	})
	bindFailures[T](p, n)
	return Stream[T]{yes}, Stream[T]{no}
}

// A splitter is a filter that keeps the rows that it takes out, too.
type splitter[T any] struct {
	filter[T]
	match   func(T) bool
	verdict []bool // of each event of the batch that match has returned for
	yes, no receiver[T]
	others  []int32
	rest    Batch[T]
}

func (s *splitter[T]) decide(v T) bool {
	m := s.match(v)
	s.verdict = append(s.verdict, m)
	return m
}

func (s *splitter[T]) push(b *Batch[T]) error {
	s.verdict = s.verdict[:0]
	failed := s.op.stats.failed.Load()
	if err := s.filter.push(b); err != nil {
		return err
	}
	s.others = s.others[:0]
	if s.op.stats.failed.Load() == failed {
		for k, m := range s.verdict {
			if !m {
				s.others = append(s.others, int32(b.at(k)))
			}
		}
	}
	if len(s.others) == 0 {
		return nil
	}
	s.rest = *b
	s.rest.rows, s.rest.narrow = s.others, true
	s.op.out(len(s.others))
	return s.no.push(&s.rest)
}

func (s *splitter[T]) control(c control) error {
	if err := s.filter.control(c); err != nil {
		return err
	}
	return s.no.control(c)
}
