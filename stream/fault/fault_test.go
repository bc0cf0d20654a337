package fault_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/fault"
)

// What package stream calls these errors are the same types, and they say who, where and why.
func TestErrors(t *testing.T) {
	var err error = &fault.OperatorError{Operator: "map", Position: "a.log line 3", Err: &fault.PanicError{Value: io.EOF, Where: "price.go:42"}}
	require.EqualError(t, err, "stream: map at a.log line 3: panic: EOF (price.go:42)")
	require.ErrorIs(t, err, io.EOF)
	operator, ok := errors.AsType[*stream.OperatorError](err)
	require.True(t, ok)
	require.Equal(t, "map", operator.Operator)
	panicked, ok := errors.AsType[*stream.PanicError](err)
	require.True(t, ok)
	require.Equal(t, io.EOF, panicked.Value)

	require.EqualError(t, &fault.OperatorError{Operator: "map", Err: &fault.PanicError{Value: 7}}, "stream: map: panic: 7")
	require.NoError(t, (&fault.PanicError{Value: 7}).Unwrap())
	require.ErrorContains(t, &fault.GoexitError{}, "runtime.Goexit")
	require.EqualError(t, &fault.RewindError{Committed: 3},
		"the run begins empty, but the results of checkpoint 3 are there: they would come twice; who wants that removes what the sink has noted of it")
	require.EqualError(t, &fault.RewindError{Begins: 2, Committed: 3, Marker: "out/marker"},
		"the run begins with checkpoint 2, but the results of checkpoint 3 are there: they would come twice; who wants that has out/marker hold 2")
	require.EqualError(t, &fault.LostResultsError{Begins: 4, Shown: 3, Marker: "x"},
		"the results up to checkpoint 3 had been shown before checkpoint 4 was made, and now there are none: put back what is missing; who wants to go on without it has x hold 3")
	require.ErrorContains(t, &fault.LostResultsError{Begins: 4, Shown: 3, Committed: 2}, "and now there are those up to checkpoint 2: ")
}
