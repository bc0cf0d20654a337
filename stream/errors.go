package stream

import "github.com/freshet-go/freshet/stream/fault"

// An OperatorError is the error of a run whose operator failed: see
// [fault.OperatorError] for its fields Operator, Position and Err.
type OperatorError = fault.OperatorError

// A PanicError is what a panic in a user's function becomes. Errors.Is and
// errors.As see the value if it was an error: see [fault.PanicError] for its fields
// Value, Where and Stack.
type PanicError = fault.PanicError

// A GoexitError is the error of a run in which a user's function has ended its
// goroutine by runtime.Goexit: see [fault.GoexitError].
type GoexitError = fault.GoexitError

// A RewindError says that a run would begin with a checkpoint that is older
// than the results which a transactional sink has shown: they would come
// again. See [fault.RewindError] for its fields Begins, Committed and Marker.
type RewindError = fault.RewindError

// A LostResultsError says that a transactional sink shows less than it has
// shown when a checkpoint was made. Results would be missing. See [fault.LostResultsError]
// for its fields Begins, Shown, Committed and Marker.
type LostResultsError = fault.LostResultsError
