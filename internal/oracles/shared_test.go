package oracles_test

import (
	"os"
	"path/filepath"
	"testing"
)

// shared returns the path of what others wrote and the project does not hold,
// and skips the test where nobody says where that is.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	root := os.Getenv("FRESHET_SHARED")
	if root == "" {
		t.Skip("FRESHET_SHARED is not set: it names the folder that holds oracles/")
	}
	return filepath.Join(append([]string{root}, elem...)...)
}
