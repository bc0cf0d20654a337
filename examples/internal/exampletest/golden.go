package exampletest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the reports that tests compare with")

// Golden compares a report with testdata/name. With -update it writes it.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the report differs from %s; go test -update writes it anew\n%s", file, Diff(string(want), string(got)))
	}
}

// Shared returns the path of a public data set that is too large for the
// repository. The test is skipped where FRESHET_SHARED does not name the
// directory that has it.
func Shared(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("FRESHET_SHARED")
	if dir == "" {
		t.Skip("FRESHET_SHARED does not name a directory that has data/" + name)
	}
	return filepath.Join(dir, "data", name)
}
