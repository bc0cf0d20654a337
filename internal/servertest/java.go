package servertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-go/freshet/internal/javaserver"
)

// Java returns the folder below FRESHET_JAVA in which a program of package javaserver is built, as it is in the project now. Sources
// is where it lies there: internal/minihdfs/testdata/java is built as minihdfs.
func Java(t testing.TB, sources string) string {
	t.Helper()
	name := filepath.Base(filepath.Dir(filepath.Dir(sources)))
	install := "go run ./internal/javaserver/install " + sources + " FOLDER/" + name + "; export FRESHET_JAVA=FOLDER"
	all := os.Getenv("FRESHET_JAVA")
	if all == "" {
		Missing(t, name, install)
	}
	here, err := within(sources)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(all, name)
	if err := javaserver.Check(os.DirFS(here), folder); err != nil {
		Missing(t, name+" as it is now", "go run ./internal/javaserver/install "+sources+" "+folder+", as "+err.Error())
	}
	return folder
}

// within returns where a folder of the project is: tests run in some other one.
func within(folder string) (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(at, folder)); err == nil {
			return filepath.Join(at, folder), nil
		}
		above := filepath.Dir(at)
		if above == at {
			return "", fmt.Errorf("%s is in none of the folders above the test", folder)
		}
		at = above
	}
}
