package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// The page is the same however the run went, and has no part that is empty but by its nature.
func TestPage(t *testing.T) {
	var first []byte
	for range 2 {
		file := filepath.Join(t.TempDir(), "log.html")
		if err := madeUpLog(t.Context(), io.Discard, file, 1, 500); err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = page
		}
		if string(page) != string(first) {
			t.Error("two runs over the same log have written different pages")
		}
	}
}
