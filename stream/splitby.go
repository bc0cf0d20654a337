package stream

import (
	"fmt"
	"strconv"

	"github.com/freshet-go/freshet/internal/engine"
)

// SplitBy parts a stream in n: an event goes to the stream whose number, from 0 to n-1, to returns for its value.
// All keep their order and times. Another number is a failure of the event. It panics if n is not positive.
//
// For streams of other types than s has, see SideOutput.
func (s Stream[T]) SplitBy[_ lazily](n int, to func(T) int, opts ...Option) []Stream[T] {
	started(s.out != nil, "SplitBy", "Stream")
	given("SplitBy", "the function to", to)
	if n <= 0 {
		panic(fmt.Sprintf("stream: SplitBy in %d: not positive", n))
	}
	p := s.out.p
	node := p.add("splitby", opts, &s.out.flow)
	node.Through = true
	outs, parts := make([]*output[T], n), make([]Stream[T], n)
	for i := range outs {
		outs[i] = newOutput[T](p, node)
		outs[i].name = strconv.Itoa(i)
		parts[i] = Stream[T]{outs[i]}
	}
	s.out.consumers = append(s.out.consumers, func(pl *engine.Place) receiver[T] {
		x := &parter[T]{guard: newGuard[T](pl.Instance(node)), to: to, parts: make([]part[T], n)}
		for i := range outs {
			x.parts[i].next = outs[i].connect(pl)
		}
		return x
	})
	bindFailures[T](p, node)
	return parts
}

// A parter selects rows of a batch for several receivers.
type parter[T any] struct {
	guard[T]
	to    func(T) int
	parts []part[T]
}

// A part is one of the streams, and the rows of the batch at hand that go there.
type part[T any] struct {
	next receiver[T]
	rows []int32
	out  Batch[T]
}

func (x *parter[T]) push(b *Batch[T]) error {
	x.op.In(b.Len())
	for i := range x.parts {
		x.parts[i].rows = x.parts[i].rows[:0]
	}
	err := x.each(b, func(row int) error {
		i := x.to(b.values[row])
		if i < 0 || i >= len(x.parts) {
			return fmt.Errorf("there is no stream %d: there are %d", i, len(x.parts))
		}
		x.parts[i].rows = append(x.parts[i].rows, int32(row))
		return nil
	})
	if err != nil {
		return err
	}
	for i := range x.parts {
		p := &x.parts[i]
		if len(p.rows) == 0 {
			continue
		}
		p.out = *b
		p.out.head.rows, p.out.head.narrow = p.rows, true
		x.op.Out(len(p.rows))
		if err := p.next.push(&p.out); err != nil {
			return err
		}
	}
	return nil
}

// Control passes a control on to all. Side outputs are told with the first.
func (x *parter[T]) Control(c engine.Control) error {
	if err := x.op.Pass(c, x.parts[0].next); err != nil {
		return err
	}
	for _, p := range x.parts[1:] {
		if err := p.next.Control(c); err != nil {
			return err
		}
	}
	return nil
}
