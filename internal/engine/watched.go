package engine

import (
	"runtime/debug"

	"github.com/freshet-go/freshet/internal/origin"
)

// Rescue is deferred around calls of a user's function.
func Rescue(cause *error) {
	if r := recover(); r != nil {
		*cause = asPanic(r)
	}
}

func asPanic(r any) error {
	return &PanicError{Value: r, Where: origin.OfPanic(), Stack: debug.Stack()}
}

// watched calls f and stores in *err what f returns, what it panics with, or
// that it has ended the goroutine. In the last case watched does not return,
// and only deferred functions can read *err.
func watched(err *error, f func() error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if r := recover(); r != nil {
			*err = asPanic(r)
		} else {
			*err = &GoexitError{Stack: debug.Stack()}
		}
	}()
	*err = f()
	returned = true
}

// Apart calls f on a goroutine of its own and waits for it. A panic of f is
// an error, and so is the end of that goroutine: the caller's goes on. It is
// for calls that are rare.
func Apart(f func() error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		watched(&err, f)
	}()
	<-done
	return err
}
