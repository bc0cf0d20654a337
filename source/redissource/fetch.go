package redissource

import (
	"context"
	"time"
)

// A fetch has one call under way in a goroutine: Read can be interrupted while go-redis waits for
// the server, which it does whatever becomes of the context, and what the call brings is there for
// the next Read.
type fetch[R any] struct {
	ctx     context.Context // of calls; ends with Close
	cancel  context.CancelFunc
	results chan fetched[R]
	under   bool // a call is under way, or its result waits
}

type fetched[R any] struct {
	reply R
	err   error
}

func newFetch[R any](ctx context.Context) *fetch[R] {
	f := &fetch[R]{results: make(chan fetched[R], 1)}
	f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx)) // a run that stops still reads what was begun
	return f
}

// start makes a call, unless one is under way.
func (f *fetch[R]) start(call func(context.Context) (R, error)) {
	if f.under {
		return
	}
	f.under = true
	go func() {
		reply, err := call(f.ctx)
		f.results <- fetched[R]{reply, err}
	}()
}

// wait returns what the call has brought, or ctx.Err().
func (f *fetch[R]) wait(ctx context.Context) (R, error) {
	select {
	case x := <-f.results:
		f.under = false
		return x.reply, x.err
	default:
	}
	select {
	case x := <-f.results:
		f.under = false
		return x.reply, x.err
	case <-ctx.Done():
		var none R
		return none, ctx.Err()
	}
}

// longestClose bounds how long Close waits for a server that does not answer. The call's goroutine ends
// when the client's ReadTimeout has passed.
const longestClose = time.Second

func (f *fetch[R]) close() {
	f.cancel()
	if !f.under {
		return
	}
	timer := time.NewTimer(longestClose)
	defer timer.Stop()
	select {
	case <-f.results:
	case <-timer.C:
	}
	f.under = false
}
