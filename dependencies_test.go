package freshet

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each module that go.mod requires directly is in the list of SECURITY.md, with why it is trusted, and nothing else is.
func TestDependencies(t *testing.T) {
	page, err := os.ReadFile("SECURITY.md")
	require.NoError(t, err)
	_, list, found := strings.Cut(string(page), "## Dependencies\n")
	require.True(t, found)
	var listed []string
	for _, row := range regexp.MustCompile(`(?m)^\| ([^ |]+/[^ |]+) \| ([^|]+) \| ([^|]+) \|$`).FindAllStringSubmatch(list, -1) {
		listed = append(listed, row[1])
	}
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	var required []string
	for _, row := range regexp.MustCompile(`(?m)^\s+(\S+) v\S+(.*)$`).FindAllStringSubmatch(string(mod), -1) {
		if !strings.Contains(row[2], "// indirect") {
			required = append(required, row[1])
		}
	}
	require.Greater(t, len(required), 30, "go.mod is read as it is written")
	slices.Sort(listed)
	slices.Sort(required)
	require.Equal(t, required, listed, "go.mod and the list of SECURITY.md")
}
