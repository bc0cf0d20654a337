// Package fault has the errors that a run of a pipeline ends with, and that
// [errors.AsType] and errors.As find in what Pipeline.Run returns. Package stream has
// all of them under the same names, so that programs need not import this one.
//
//	if e, ok := errors.AsType[*stream.OperatorError](err); ok {
//		log.Print(e.Operator, " failed at ", e.Position, ": ", e.Err)
//	}
package fault

import "fmt"

// An OperatorError is the error of a run whose operator failed.
type OperatorError struct {
	Operator string // the operator's name
	Position string // where the event at fault came from; empty if there was none
	Err      error  // why
}

func (e *OperatorError) Error() string {
	if e.Position == "" {
		return fmt.Sprintf("stream: %s: %v", e.Operator, e.Err)
	}
	return fmt.Sprintf("stream: %s at %s: %v", e.Operator, e.Position, e.Err)
}

// Unwrap returns why the operator failed.
func (e *OperatorError) Unwrap() error { return e.Err }

// A PanicError is what a panic in a user's function becomes.
type PanicError struct {
	Value any    // what the function panicked with
	Where string // the caller's own code that did: "/src/sales/price.go:42"; "" if there is none
	Stack []byte // all of it, as debug.Stack reports it
}

func (e *PanicError) Error() string {
	if e.Where == "" {
		return fmt.Sprintf("panic: %v", e.Value)
	}
	return fmt.Sprintf("panic: %v (%s)", e.Value, e.Where)
}

// Unwrap returns the value of the panic if it was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

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
