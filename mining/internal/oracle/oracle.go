// Package oracle has tests of models ask others: scikit-learn, SciPy, statsmodels, river.
//
// testdata/install DIR installs them from PyPI into a virtual environment, and
// FRESHET_ORACLE names its python. Where that is unset a test is skipped, and says what would help; where
// FRESHET_REQUIRE_SERVERS is set, as in CI, it fails. Under the race detector, which makes models ten times as slow and
// finds nothing in them, none is asked: CI runs these tests once more without it.
package oracle

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/freshet-go/freshet/internal/servertest"
)

// Ask runs a Python script, which reads the JSON of in from its standard input, and prints the JSON of
// out as its last line. What else it prints is logged: its versions, say.
func Ask(t testing.TB, script string, in, out any) {
	t.Helper()
	unhurried(t)
	python := os.Getenv("FRESHET_ORACLE")
	if python == "" {
		servertest.Missing(t, "the Python of the oracles (FRESHET_ORACLE)", "mining/internal/oracle/testdata/install DIR, and export FRESHET_ORACLE=DIR/bin/python")
	}
	question, err := json.Marshal(in)
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-W", "ignore", script)
	cmd.Stdin = bytes.NewReader(question)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	// One thread: the oracle is right, not fast, and other tests run beside it.
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	answer, err := cmd.Output()
	if err != nil {
		t.Fatalf("oracle: %s: %v\n%s", script, err, failed.Bytes())
	}
	answer = bytes.TrimSpace(answer)
	last := bytes.LastIndexByte(answer, '\n') + 1
	if last > 0 {
		t.Logf("%s", bytes.TrimSpace(answer[:last]))
	}
	if err := json.Unmarshal(answer[last:], out); err != nil {
		t.Fatalf("oracle: %s printed %.200q: %v", script, answer[last:], err)
	}
}

// unhurried skips a test under the race detector.
func unhurried(t testing.TB) {
	t.Helper()
	if underRace {
		t.Skip("oracles are asked without the race detector")
	}
}
