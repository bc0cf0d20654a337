// Package servertest has tests of connectors run against real programs: servers and
// senders that are private to a test and end with it.
//
// A program that is not on the machine skips the test, and says what would install
// it. Where FRESHET_REQUIRE_SERVERS is set, as in CI, it fails the test.
package servertest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/freeport"
)

// Missing skips the test, or fails it where servers are required.
func Missing(t testing.TB, what, install string) {
	t.Helper()
	if os.Getenv("FRESHET_REQUIRE_SERVERS") != "" {
		t.Fatalf("%s is not on this machine, and FRESHET_REQUIRE_SERVERS is set: %s", what, install)
	}
	t.Skipf("%s is not on this machine: %s", what, install)
}

// Program returns the path of a program. Install is the command that would bring it.
func Program(t testing.TB, name, install string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	for _, folder := range []string{"/usr/sbin/", "/usr/local/sbin/"} { // not everybody's PATH has them
		if err != nil {
			path, err = exec.LookPath(folder + name)
		}
	}
	if err != nil {
		Missing(t, name, install)
	}
	return path
}

// Output runs a program to its end and returns what it prints.
func Output(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// FreePort returns a TCP port on 127.0.0.1 that nobody listens on, for programs that cannot
// choose one themselves.
func FreePort(t testing.TB) int {
	t.Helper()
	ports, err := freeport.Find(1)
	if err != nil {
		t.Fatal(err)
	}
	return ports[0]
}

// A Process is a program that runs beside the test.
type Process struct {
	t      testing.TB
	cmd    *exec.Cmd
	output output
	ended  chan struct{}
	err    error // of Wait; read behind ended
}

// Start starts a program that ends with the test at the latest, with all that it has
// started. What it printed is logged if the test fails.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{t: t, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", cmd.Path, err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s printed:\n%s", cmd.Path, p.Output())
		}
	})
	return p
}

// Pid returns the program's process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Signal sends a signal to the program.
func (p *Process) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("%s: signal %v: %v", p.cmd.Path, s, err)
	}
}

// Stop asks the program to end, and waits. After ten seconds it is killed.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
	}
	p.Kill()
}

// Kill ends the program and all that it has started, and waits.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // nobody may be left
	<-p.ended
}

// Wait waits until the program has ended by itself, and fails the test if it
// does not within d or says that it has failed.
func (p *Process) Wait(d time.Duration) {
	p.t.Helper()
	select {
	case <-p.ended:
		if p.err != nil {
			p.t.Fatalf("%s: %v\n%s", p.cmd.Path, p.err, p.Output())
		}
	case <-time.After(d):
		p.t.Fatalf("%s has not ended in %v\n%s", p.cmd.Path, d, p.Output())
	}
}

// Ends reports whether the program ends within d, in whatever way.
func (p *Process) Ends(d time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(d):
		return false
	}
}

// Output returns what the program has printed so far.
func (p *Process) Output() string { return p.output.String() }

// Listens waits until something listens on a TCP address, for a minute at most.
func (p *Process) Listens(addr string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("listens on %s", addr), func() bool {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// Until waits until a condition holds, for a minute at most. A program that ends
// before fails the test.
func (p *Process) Until(what string, holds func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); {
		select {
		case <-p.ended:
			p.t.Fatalf("%s has ended (%v) before it %s:\n%s", p.cmd.Path, p.err, what, p.Output())
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: in a minute it does not: %s\n%s", p.cmd.Path, what, p.Output())
		}
	}
}

// output is what a program prints, while it prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
