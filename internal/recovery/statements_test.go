package recovery_test

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// statements is an operator of the caller's own: three seconds behind the last posting
// of an account it says what the balance is, and how many statements it has written by then.
type statements struct {
	accounts *stream.KeyedState[int, account]
	timers   *stream.Timers[int]
}

type account struct {
	Balance, Statements int
	Due                 stream.Time
}

func newStatements(c *stream.OperatorContext) (stream.KeyedProcessor[int, posting, string], error) {
	return &statements{c.KeyedState[int, account]("accounts"), c.Timers[int]()}, nil
}

func (x *statements) Process(in *stream.KeyedBatch[int, posting], _ *stream.Emitter[string]) error {
	for row, p := range in.All() {
		a := x.accounts.At(in.Ref(row))
		x.timers.Cancel(in.Ref(row), a.Due)
		a.Balance, a.Due = a.Balance+p.Amount, in.Time(row).Add(3*time.Second)
		x.timers.Set(in.Ref(row), a.Due)
	}
	return nil
}

func (x *statements) OnTimer(t stream.Timer[int], out *stream.Emitter[string]) error {
	a := x.accounts.At(t.KeyRef)
	a.Statements++
	out.Emit(fmt.Sprintf("statement %d of account %d at %d %+d", a.Statements, t.Key(), t.At.Std().Unix(), a.Balance), t.At)
	return nil
}
