package pattern

import (
	"fmt"

	"github.com/freshet-go/freshet/stream"
)

// TimedOut gives Match a further output, of the partial matches whose Within has passed: what had matched of each, with the
// time at which it passed. It needs Within. A partial match that has matched, and might have gone on to match more, times out, too. It panics if to is
// nil; it is for Match alone, with the same types.
func TimedOut[K comparable, T any](to *stream.Side[Matched[K, T]]) stream.Option {
	return timedOut[K, T]{stream.SideOutput(to), to}
}

// Late gives Match a further output, of the events that it has left out because they were late. They are counted as TooLate in any
// case, and with Late as Kept. It panics if to is nil; it is for Match alone, with the same type.
func Late[T any](to *stream.Side[T]) stream.Option {
	return late[T]{stream.SideOutput(to), to}
}

type timedOut[K comparable, T any] struct {
	stream.Option
	to *stream.Side[Matched[K, T]]
}

type late[T any] struct {
	stream.Option
	to *stream.Side[T]
}

func (timedOut[K, T]) asideOfMatch() string { return "TimedOut" }
func (late[T]) asideOfMatch() string        { return "Late" }

// An aside is what Match puts out besides matches.
type aside[K comparable, T any] struct {
	timedOut *stream.Side[Matched[K, T]]
	late     *stream.Side[T]
}

// asideOf finds the outputs among the options.
func asideOf[K comparable, T any](opts []stream.Option) (a aside[K, T]) {
	for _, o := range opts {
		switch o := o.(type) {
		case timedOut[K, T]:
			a.timedOut = o.to
		case late[T]:
			a.late = o.to
		case interface{ IsSideOutput() }:
			panic("pattern: Match: SideOutput means nothing to it: Late and TimedOut are its further outputs, and Process or SplitBy behind it parts what has matched")
		case interface{ asideOfMatch() string }:
			panic(fmt.Sprintf("pattern: %s of a Side of another type than what is matched: %T", o.asideOfMatch(), o))
		}
	}
	return a
}
