package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// asProgram has the test binary be the program, whose pipeline runs in a process of its own, and which starts itself for that.
const asProgram = "FRESHET_COLLECT"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// Whatever senders are there, the books are right; and where servers are required, all senders
// are there.
func TestCollect(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(t.Context(), self, "-hits", "8000")
	program.Env = append(os.Environ(), asProgram+"=1")
	out, err := program.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "they are those of the books: ok") {
		t.Errorf("the program prints:\n%s", out)
	}
	if os.Getenv("FRESHET_REQUIRE_SERVERS") != "" && strings.Contains(string(out), "left out") {
		t.Errorf("senders are left out:\n%s", out)
	}
}
