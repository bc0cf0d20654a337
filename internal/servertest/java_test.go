package servertest_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/freshet-go/freshet/internal/servertest"
)

// A recorder is a test that notes why it has ended.
type recorder struct {
	testing.TB
	said string
}

func (*recorder) Helper() {}
func (r *recorder) Fatal(args ...any) {
	r.said = "it failed"
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	for _, a := range args {
		r.said += a.(string) + " "
	}
	runtime.Goexit()
}

// A program that is built of other sources than the project has now is as good as none, and what builds it is said.
func TestJava(t *testing.T) {
	all := t.TempDir()
	t.Setenv("FRESHET_JAVA", all)
	t.Setenv("FRESHET_REQUIRE_SERVERS", "1")
	const sources = "internal/minihdfs/testdata/java"
	java := func() (folder, said string) {
		r := &recorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			folder = servertest.Java(r, sources)
		}()
		<-done
		return folder, r.said
	}
	folder := filepath.Join(all, "minihdfs")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"built", "classpath"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("00000000"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, said := java()
	for _, part := range []string{"go run ./internal/javaserver/install " + sources + " " + folder, "built of other sources"} {
		if got != "" || !strings.Contains(said, part) {
			t.Errorf("%q %q", got, said)
		}
	}
}
