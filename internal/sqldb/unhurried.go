package sqldb

import (
	"context"
	"time"
)

// grace is how long a query may go on that is under way when the run is cancelled.
const grace = time.Second

// Unhurried returns the context of a query: it ends a little later than ctx. The driver
// modernc.org/sqlite forgets to finalize a statement whose context ends when it has
// just read the first row. Nobody can unlock the database then before the process ends. What the
// committer asks takes no time where the database answers at all.
func Unhurried(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-later.Done():
		}
	})
	return later, func() { stop(); cancel() }, nil
}
