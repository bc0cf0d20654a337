package stream

import (
	"errors"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// ErrNoTime is the cause of the error of a run in which an operator that goes
// by event time was given events that have none. Windows, joins other than
// TableJoin, ConnectAll without NoWaitForRules, tables, Deduplicate, SplitLate, InOrder, TimeToLive and timers of event
// time go by it.
//
// Events have times where EventTime gives them, or a source does. Operators
// hand on what they were given: what one makes of events without a time has
// none either.
var ErrNoTime = errors.New("its events have no event time: call EventTime before it, or use a source that has it")

// A timeNeed says that an input of an operator has to have event times.
type timeNeed struct {
	is  bool
	why string // the option that it comes from; "" for the operator itself
}

// needsTime has the inputs of n refused while they have no event time. Why is
// the option that needs it, or "".
func needsTime(n *engine.Node, why string, inputs ...int) {
	for _, input := range inputs {
		configOf(n).needs[input] = timeNeed{true, why}
	}
}

// admit returns an error for events of an input that need an event time and
// have none.
func admit(i *engine.Instance, input int, timed bool) error {
	need := configOf(i.Node).needs[input]
	if timed || !need.is {
		return nil
	}
	err := ErrNoTime
	if need.why != "" {
		err = fmt.Errorf("%s: %w", need.why, err)
	}
	if len(i.Node.Inputs) > 1 {
		err = fmt.Errorf("%s side: %w", sideName(input), err)
	}
	return i.Failure(err)
}

// A timeGate stands in front of an operator with one keyed input that goes by
// event time.
type timeGate[K comparable, T any] struct {
	op *engine.Instance
	keyedReceiver[K, T]
}

func (g timeGate[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	if err := admit(g.op, 0, b.head.times != nil); err != nil {
		return err
	}
	return g.keyedReceiver.pushKeyed(b)
}

// A timeError says that an event's time cannot be held.
type timeError struct {
	what string
	at   time.Time
}

func (e *timeError) Error() string {
	unset := ""
	if e.at.IsZero() {
		unset = ", as that of a field that is not set"
	}
	return fmt.Sprintf("%s %s is outside the years 1678 to 2261%s",
		e.what, e.at.UTC().Format("2006-01-02 15:04:05"), unset)
}
