package origin

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whose code a function is.
func TestOrigin(t *testing.T) {
	module := strings.TrimSuffix(library, "/")
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
