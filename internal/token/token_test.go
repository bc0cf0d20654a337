package token

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNew(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		x := New()
		require.Regexp(t, "^[0-9a-f]{32}$", x)
		require.False(t, seen[x])
		seen[x] = true
	}
}
