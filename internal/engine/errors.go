package engine

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

// A RewindError says that a run would begin with a checkpoint that is older
// than the results which a transactional sink has shown: they would come
// again.
type RewindError struct {
	Begins, Committed int64  // checkpoints
	Marker            string // where the sink notes Committed, if it says so
}

func (e *RewindError) Error() string {
	if e.Begins == 0 {
		return fmt.Sprintf("the run begins empty, but the results of checkpoint %d are there: they would come twice; who wants that removes %s",
			e.Committed, marker(e.Marker))
	}
	return fmt.Sprintf("the run begins with checkpoint %d, but the results of checkpoint %d are there: they would come twice; who wants that has %s hold %d",
		e.Begins, e.Committed, marker(e.Marker), e.Begins)
}

func marker(s string) string {
	if s == "" {
		return "what the sink has noted of it"
	}
	return s
}

// A LostResultsError says that a transactional sink shows less than it has
// shown when a checkpoint was made: what it writes to has been emptied, put back from a
// copy, or is another place. Results would be missing.
type LostResultsError struct {
	Begins    int64  // the checkpoint that the run begins with, or is about to make
	Shown     int64  // the checkpoint whose results were the last to be shown before that was made
	Committed int64  // the one whose results are the last to be shown now, or 0
	Marker    string // where the sink notes Committed, if it says so
}

func (e *LostResultsError) Error() string {
	now := "and now there are none"
	if e.Committed > 0 {
		now = fmt.Sprintf("and now there are those up to checkpoint %d", e.Committed)
	}
	return fmt.Sprintf("the results up to checkpoint %d had been shown before checkpoint %d was made, %s: put back what is missing; who wants to go on without it has %s hold %d",
		e.Shown, e.Begins, now, marker(e.Marker), e.Shown)
}
