package engine

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A panic is an error that names the line of the caller's own code.
func TestPanicsAreErrors(t *testing.T) {
	err := Apart(func() error { panic("no") })
	p, ok := errors.AsType[*PanicError](err)
	require.True(t, ok)
	require.Equal(t, "no", p.Value)
	require.Regexp(t, `panicked_test\.go:14$`, p.Where)
	require.Contains(t, string(p.Stack), "TestPanicsAreErrors")

	rescued := func() (err error) {
		defer Rescue(&err)
		all, at := []int{}, 0
		all[at]++
		return nil
	}()
	p, ok = errors.AsType[*PanicError](rescued)
	require.True(t, ok)
	require.Regexp(t, `panicked_test\.go:24$`, p.Where)
	_, isRuntime := errors.AsType[runtime.Error](rescued)
	require.True(t, isRuntime, "the value is found if it is an error")

	// One that is passed on is where it began.
	err = Apart(func() error {
		defer func() { panic(recover()) }()
		panic("first")
	})
	p, _ = errors.AsType[*PanicError](err)
	require.True(t, strings.HasSuffix(p.Where, ":36"), p.Where)

	require.NoError(t, Apart(func() error { return nil }))
	broken := errors.New("broken")
	require.Equal(t, broken, Apart(func() error { return broken }))
	_, exited := errors.AsType[*GoexitError](Apart(func() error { runtime.Goexit(); return nil }))
	require.True(t, exited)
}
