package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-go/freshet/internal/servertest"
)

// The program is built, as its pipeline runs in a process of its own. Whatever senders are
// there, its books are right; and where servers are required, all senders are there.
func TestCollect(t *testing.T) {
	program := filepath.Join(t.TempDir(), "collect")
	servertest.Output(t, "go", "build", "-o", program, ".")
	out := servertest.Output(t, program, "-hits", "8000")
	if !strings.Contains(out, "they are those of the books: ok") {
		t.Errorf("the program prints:\n%s", out)
	}
	if os.Getenv("FRESHET_REQUIRE_SERVERS") != "" && strings.Contains(out, "left out") {
		t.Errorf("senders are left out:\n%s", out)
	}
}
