package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page has what the report has, and is the same however the run went.
func TestPage(t *testing.T) {
	var pages [2][]byte
	for i := range pages {
		file := filepath.Join(t.TempDir(), "sales.html")
		require.NoError(t, madeUpDay(t.Context(), io.Discard, file, 1, 2_000))
		page, err := os.ReadFile(file)
		require.NoError(t, err)
		pages[i] = page
	}
	// encoding/json/v2 words its errors in one of two ways, by chance.
	for i := range pages {
		pages[i] = bytes.ReplaceAll(pages[i], []byte("unable to unmarshal"), []byte("cannot unmarshal"))
	}
	assert.Equal(t, string(pages[0]), string(pages[1]))
	for _, s := range []string{"Sales by hour and category", "books", "flowers", "Products sold most", "till-"} {
		assert.Contains(t, string(pages[0]), s)
	}
	assert.NotContains(t, string(pages[0]), "no data")
}
