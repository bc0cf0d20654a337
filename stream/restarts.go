package stream

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// Restarts has Run begin again from the last checkpoint when an operator, a
// source, a sink or the store has failed, up to n times in a row. It waits before that: as
// long as wait says for the first time, twice as long each further time up to
// a minute, and up to a fifth less by chance. The default is not to begin again. It panics if n or wait is negative. With ten restarts and a wait of a second an outage
// of four minutes is survived. Once a run has gone on for five minutes the count
// begins anew.
//
// What cannot pass ends the run at once: checkpoints that are damaged or of a later version,
// a store that another process has or that is of another pipeline, state of operators that
// the pipeline does not have, a RewindError or a LostResultsError. A store in which
// checkpoints are missing that this call of Run has made is taken for one that is away.
//
// It needs Checkpoints. An event that fails whenever it comes is not helped by it:
// Run returns the error when n is used up; see SkipFailures and Divert. Sources
// that cannot be read twice, as a channel, are not either.
func Restarts(n int, wait time.Duration) RunOption {
	if n < 0 || wait < 0 {
		panic(fmt.Sprintf("stream: Restarts(%d, %v): want numbers that are not negative", n, wait))
	}
	return func(r *runOptions) { r.Restarts = engine.Restarts{Most: n, Wait: wait} }
}
