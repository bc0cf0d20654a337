package figures

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// row is what docs/observe.md says of a figure.
func row(f Figure) string {
	kind := [...]string{"gauge", "counter", "histogram"}[f.Kind]
	return fmt.Sprintf("| `%s` | `%s` | %s | %s | %s |\n", f.Prometheus(), f.OpenTelemetry(), kind, strings.Join(f.Labels, ", "), f.Help)
}

// The page that lists the figures has all of them, as they are.
func TestListed(t *testing.T) {
	page, err := os.ReadFile("../../../docs/observe.md")
	require.NoError(t, err)
	var want, got strings.Builder
	names := map[string]bool{}
	for _, f := range All() {
		want.WriteString(row(f))
		require.False(t, names[f.Prometheus()], "two are named %s", f.Prometheus())
		names[f.Prometheus()] = true
		require.NotEmpty(t, f.Help)
	}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `freshet_") {
			got.WriteString(line)
		}
	}
	require.Equal(t, want.String(), got.String())
}
