package stream

import "github.com/freshet-go/freshet/internal/engine"

// An OperatorError is the error of a run whose operator failed. Its fields are
//
//	Operator string // the operator's name
//	Position string // where the event at fault came from; empty if there was none
//	Err      error  // why
type OperatorError = engine.OperatorError

// A PanicError is what a panic in a user's function becomes. Errors.Is and
// errors.As see the value if it was an error. Its fields are
//
//	Value any    // what the function panicked with
//	Where string // the caller's own code that did: "/src/sales/price.go:42"; "" if there is none
//	Stack []byte // all of it, as debug.Stack reports it
type PanicError = engine.PanicError

// A GoexitError is the error of a run in which a user's function has ended its
// goroutine by runtime.Goexit. The run cannot go on then, so SkipFailures and
// Divert do not apply. A test that calls t.FailNow, or testify's require, in a
// function of a pipeline sees it. Its field is
//
//	Stack []byte // where, as debug.Stack reports it; nil if it was a call of Enrich or Lookup
type GoexitError = engine.GoexitError

// A RewindError says that a run would begin with a checkpoint that is older
// than the results which a transactional sink has shown: they would come
// again. Its fields are
//
//	Begins, Committed int64  // checkpoints
//	Marker            string // where the sink notes Committed, if it says so
type RewindError = engine.RewindError

// A LostResultsError says that a transactional sink shows less than it has
// shown when a checkpoint was made: what it writes to has been emptied, put back from a
// copy, or is another place. Results would be missing. Its fields are
//
//	Begins    int64  // the checkpoint that the run begins with, or is about to make
//	Shown     int64  // the checkpoint whose results were the last to be shown before that was made
//	Committed int64  // the one whose results are the last to be shown now, or 0
//	Marker    string // where the sink notes Committed, if it says so
type LostResultsError = engine.LostResultsError
