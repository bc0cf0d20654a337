package oracle

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A server is a Python that has imported what a script needs, which takes seconds of processor time, and runs it for
// question after question, each in a process that is a copy of it. It ends with the process of the tests.
type server struct {
	mu        sync.Mutex // one question at a time
	questions *json.Encoder
	ends      *bufio.Reader
	failed    *os.File // what it says of itself
}

var servers struct {
	sync.Mutex
	of map[string]*server
}

// serving returns the server of a script, which runs from the first question on.
func serving(python, script string) (*server, error) {
	servers.Lock()
	defer servers.Unlock()
	if s := servers.of[script]; s != nil {
		return s, nil
	}
	s, err := startServer(python, script)
	if err != nil {
		return nil, err
	}
	if servers.of == nil {
		servers.of = map[string]*server{}
	}
	servers.of[script] = s
	return s, nil
}

//go:embed testdata/serve.py
var serve string

func startServer(python, script string) (*server, error) {
	ours, questions, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	ends, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	failed, err := os.CreateTemp("", "oracle")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(failed.Name()); err != nil { // it has no name, and goes with the process
		return nil, err
	}
	cmd := exec.Command(python, "-W", "ignore", "-c", serve, script)
	cmd.ExtraFiles = []*os.File{ours, theirs}
	cmd.Stderr = failed
	// One thread: the oracle is right, not fast, and other tests run beside it.
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &server{questions: json.NewEncoder(questions), ends: bufio.NewReader(ends), failed: failed}, nil
}

// answer runs the script with a question, and returns what it has printed.
func (s *server) answer(t testing.TB, question []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "in"), filepath.Join(dir, "out"), filepath.Join(dir, "err")}
	if err := os.WriteFile(files[0], question, 0o600); err != nil {
		return nil, err
	}
	if err := s.questions.Encode(files); err != nil {
		return nil, s.gone(err)
	}
	end, err := s.ends.ReadString('\n')
	if err != nil {
		return nil, s.gone(err)
	}
	if end = strings.TrimSpace(end); end != "0" {
		said, _ := os.ReadFile(files[2])
		return nil, fmt.Errorf("it ends with %s\n%s", end, said)
	}
	return os.ReadFile(files[1])
}

// gone says what a server that has ended has said of itself.
func (s *server) gone(err error) error {
	said := make([]byte, 1<<16)
	n, _ := s.failed.ReadAt(said, 0)
	return fmt.Errorf("%w\n%s", err, said[:n])
}
