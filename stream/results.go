package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
)

// results make the result of a window.
type results[K comparable, A, R any] interface {
	result(*panes.Pane[K, A]) (R, error)
	// reject deals with a pane that has no result, for a cause.
	reject(x *panes.Pane[K, A], cause error) error
	settle() error
}

// An outcome is what becomes of the accumulators of windows.
type outcome[K comparable, A, R any] struct {
	bind func(*Pipeline, *engine.Node) // connects the Failures of the operator
	open func(*engine.Instance) results[K, A, R]

	shown func(*panes.Pane[K, A]) (R, error) // to a View; nil where windows that go on have no result
}

// aggregated are results of an aggregator. Those that fail are of no event,
// so they cannot be diverted.
type aggregated[K comparable, A, R any] struct {
	op *engine.Instance
	of func(A) R
}

func (a *aggregated[K, A, R]) result(x *panes.Pane[K, A]) (R, error) { return guarded(a.of, &x.Acc) }

func (a *aggregated[K, A, R]) reject(x *panes.Pane[K, A], cause error) error {
	a.op.Failed(1)
	if a.op.Node.Skips {
		return nil
	}
	return &engine.OperatorError{Operator: a.op.Node.Name, Position: whereOf(a.op, x.Frame, x.Key), Err: cause}
}

func (a *aggregated[K, A, R]) settle() error { return nil }
