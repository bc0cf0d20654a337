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

// Whose code a function is.
func TestOrigin(t *testing.T) {
	module := strings.TrimSuffix(own, "/internal/engine.")
	for _, test := range []struct {
		function, file string
		main, other    bool
	}{
		{"main.main", "/src/main.go", true, true},
		{"sort.Slice", "/go/src/sort/sort.go", false, false},
		{"encoding/json.Marshal", "/go/src/encoding/json/encode.go", false, false},
		{"golang.org/x/text.Do", "/mod/x.go", false, true},
		{"example.com.Do", "/mod/x.go", false, false},
		{module + "/stream.Run", "/src/stream/run.go", false, false},
		{module + "/stream.Run", "/src/stream/run_test.go", true, true},
		{module + "/window.Sum", "/src/window/sum.go", false, false},
		{module + "/sink.Files", "/src/sink/files.go", false, false},
		{module + "/source.Files", "/src/source/files.go", false, false},
		{module + "/internal/panes.x", "/src/internal/panes/x.go", false, false},
		{module + "/examples/x.Do", "/src/examples/x/x.go", true, true},
	} {
		main, other := origin(runtime.Frame{Function: test.function, File: test.file})
		require.Equal(t, test.main, main, test.function)
		require.Equal(t, test.other, other, test.function)
	}
}
