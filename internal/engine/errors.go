package engine

import "github.com/freshet-go/freshet/stream/fault"

// The errors of runs are public, and know nothing of the engine.
type (
	OperatorError    = fault.OperatorError
	PanicError       = fault.PanicError
	GoexitError      = fault.GoexitError
	RewindError      = fault.RewindError
	LostResultsError = fault.LostResultsError
)
