package stream

import (
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
)

// LateLeft gives a join a further output: the events of its left stream that it drops as they are too late for it. Flink calls it
// sideOutputLeftLateData. They come with their times when they are dropped, are late there, too, and are counted as TooLate and as Kept. It is for IntervalJoin,
// WindowJoin, CoGroup and AsOfJoin. T is the type of the stream's values: the join panics, when it is added, if it is another one, or if to is in use
// already. It panics if to is nil.
//
// Unlike SplitLate in front of the join, it has all that the join drops: also what is late only where another task is ahead, as behind Idle.
func LateLeft[T any](to *Side[T]) Option { return lateOf("LateLeft", 0, to) }

// LateRight is LateLeft for the right stream of IntervalJoin, WindowJoin and CoGroup. AsOfJoin takes in versions that are late.
func LateRight[T any](to *Side[T]) Option { return lateOf("LateRight", 1, to) }

func lateOf[T any](name string, input int, to *Side[T]) Option {
	if to == nil {
		panic("stream: " + name + ": the Side is nil")
	}
	side := &lateSide[T]{to}
	return option(func(c *config) { c.late[input], c.given = side, c.given|optLateLeft<<input })
}

// A lateOutput is where a join puts late events of one type, as it sees it. It is made where a Side is handed over, so that joins
// without one are compiled without it.
type lateOutput interface {
	takes(t reflect.Type) bool
	bind(p *Pipeline, n *engine.Node, label string)
	open(op *engine.Instance) any // a lateParter of the type
}

// A lateParter takes out of a batch the rows that are late at the watermark of the operator. It returns the others, and whether these are all.
type lateParter[T any] func(b *Batch[T], now Time, late func(t, wm Time) bool) (rows []int32, all bool, err error)

type lateSide[T any] struct{ to *Side[T] }

func (s *lateSide[T]) bind(p *Pipeline, n *engine.Node, label string) { s.to.bind(p, n, label) }

func (s *lateSide[T]) takes(t reflect.Type) bool { return t == reflect.TypeFor[T]() }

func (s *lateSide[T]) open(op *engine.Instance) any {
	next := s.to.out.connect(op.Place)
	op.Side(next.Control)
	var kept, gone []int32
	var lost Batch[T]
	return lateParter[T](func(b *Batch[T], now Time, late func(t, wm Time) bool) ([]int32, bool, error) {
		kept, gone = kept[:0], gone[:0]
		cursor := 0
		for k, n := 0, b.Len(); k < n; k++ {
			row := b.head.at(k)
			if t, wm := b.head.times[row], b.head.behind(row, &cursor, now); t < wm && late(t, wm) {
				gone = append(gone, int32(row))
			} else {
				kept = append(kept, int32(row))
			}
		}
		if len(gone) == 0 {
			return nil, true, nil
		}
		op.KeptLate(len(gone))
		lost = *b
		lost.head.rows, lost.head.narrow = gone, true
		return kept, false, next.push(&lost)
	})
}

// bindLate connects the outputs of an operator for late events, which are of the types of its inputs.
func bindLate(p *Pipeline, n *engine.Node, inputs ...reflect.Type) {
	for i, of := range inputs {
		out := configOf(n).late[i]
		if out == nil {
			continue
		}
		label := [...]string{"late left", "late right"}[i]
		if !out.takes(of) {
			panic(fmt.Sprintf("stream: %s: the %s events are %v, and the Side is of others", n.Name, label, of))
		}
		out.bind(p, n, label)
	}
}

// openLate returns the lateParter of an input, or nil.
func openLate(op *engine.Instance, input int) any {
	if out := configOf(op.Node).late[input]; out != nil {
		return out.open(op)
	}
	return nil
}

// anyLate is the rule of what takes no event behind the watermark.
func anyLate(_, _ Time) bool { return true }
