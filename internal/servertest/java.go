package servertest

import (
	"os"
	"path/filepath"
	"testing"
)

// Java returns the folder below FRESHET_JAVA in which a program of package javaserver is built. Sources
// is where it lies in the project: internal/hdfstest/testdata/java is built as hdfstest.
func Java(t testing.TB, sources string) string {
	t.Helper()
	name := filepath.Base(filepath.Dir(filepath.Dir(sources)))
	folder := filepath.Join(os.Getenv("FRESHET_JAVA"), name)
	if _, err := os.Stat(filepath.Join(folder, "built")); err != nil {
		Missing(t, name, "go run ./internal/javaserver/install "+sources+" FOLDER/"+name+"; export FRESHET_JAVA=FOLDER")
	}
	return folder
}
