package stream

import "github.com/freshet-go/freshet/internal/engine"

// Split parts a stream in two: the events whose value satisfies match, and
// the rest. Both keep their order and times.
func (s Stream[T]) Split[_ lazily](match func(T) bool, opts ...Option) (matching, rest Stream[T]) {
	started(s.out != nil, "Split", "Stream")
	given("Split", "the function match", match)
	p := s.out.p
	n := p.add("split", opts, &s.out.flow)
	n.Through = true
	yes, no := newOutput[T](p, n), newOutput[T](p, n)
	yes.name, no.name = "matching", "rest"
	s.out.consumers = append(s.out.consumers, func(pl *engine.Place) receiver[T] {
		return &splitter[T]{guard: newGuard[T](pl.Instance(n)), match: match, yes: yes.connect(pl), no: no.connect(pl)}
	})
	bindFailures[T](p, n)
	return Stream[T]{yes}, Stream[T]{no}
}

// A splitter selects rows of a batch for two receivers.
type splitter[T any] struct {
	guard[T]
	match        func(T) bool
	yes, no      receiver[T]
	kept, others []int32
	out, rest    Batch[T]
}

func (s *splitter[T]) push(b *Batch[T]) error {
	s.op.In(b.Len())
	s.kept, s.others = s.kept[:0], s.others[:0]
	err := s.each(b, func(row int) error {
		if s.match(b.values[row]) {
			s.kept = append(s.kept, int32(row))
		} else {
			s.others = append(s.others, int32(row))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.pass(b, &s.out, s.kept, s.yes); err != nil {
		return err
	}
	return s.pass(b, &s.rest, s.others, s.no)
}

// pass passes rows of b on.
func (s *splitter[T]) pass[_ lazily](b, out *Batch[T], rows []int32, to receiver[T]) error {
	if len(rows) == 0 {
		return nil
	}
	*out = *b
	out.head.rows, out.head.narrow = rows, true
	s.op.Out(len(rows))
	return to.push(out)
}

func (s *splitter[T]) Control(c engine.Control) error {
	if err := s.op.Pass(c, s.yes); err != nil {
		return err
	}
	return s.no.Control(c)
}
