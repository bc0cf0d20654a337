package stream

import "runtime/debug"

// A GoexitError is the error of a run in which a user's function has ended its
// goroutine by runtime.Goexit. The run cannot go on then, so SkipFailures and
// Divert do not apply. A test that calls t.FailNow, or testify's require, in a
// function of a pipeline sees it.
type GoexitError struct {
	Stack []byte // where, as debug.Stack reports it; nil if it was a call of Enrich or Lookup
}

func (e *GoexitError) Error() string {
	return "the function has ended its goroutine by runtime.Goexit, as t.FailNow and testify's require do: have it return an error instead"
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
			*err = &GoexitError{debug.Stack()}
		}
	}()
	*err = f()
	returned = true
}

// guard0 calls f on a goroutine of its own and waits for it. A panic of f is
// an error, and so is the end of that goroutine: the caller's goes on. It is
// for calls that are rare.
func guard0(f func() error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		watched(&err, f)
	}()
	<-done
	return err
}
