package spark

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// submit returns the program that starts drivers.
func (c *config) submit() (string, error) {
	home := c.home
	if home == "" {
		home = os.Getenv("SPARK_HOME")
	}
	if home == "" {
		found, err := exec.LookPath("spark-submit")
		if err != nil {
			return "", errors.New("there is no spark-submit in the PATH: install Spark, and say where by SPARK_HOME or by the option Home")
		}
		return found, nil
	}
	found := filepath.Join(home, "bin", "spark-submit")
	if _, err := os.Stat(found); err != nil {
		return "", fmt.Errorf("there is no Spark where SPARK_HOME or the option Home says: %w", err)
	}
	return found, nil
}

// flags are those of spark-submit, without what is run.
func (j *job) flags() []string {
	flags := []string{"--master", string(j.master), "--deploy-mode", "client", "--class", "org.freshet.Batch", "--name", j.plan.Name}
	for _, key := range slices.Sorted(maps.Keys(j.cfg.settings)) {
		flags = append(flags, "--conf", key+"="+j.cfg.settings[key])
	}
	return flags
}

const (
	parting = 30 * time.Second // how long a driver that is let go of may take to end
	ending  = 10 * time.Second // and one that was told to by a signal
)

// drive starts the driver, and returns when it has ended.
func (j *job) drive(ctx context.Context, submit string, args []string) error {
	cmd := exec.Command(submit, args...)
	printed := &tail{}
	cmd.Stderr = printed
	apart(cmd)
	cmd.WaitDelay = time.Second // for processes that it has left behind
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("spark: %w", err)
	}
	out, in := io.Pipe()
	cmd.Stdout = in
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("spark: %w", err)
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		in.Close()
		ended <- err
	}()
	left := context.AfterFunc(ctx, func() { stdin.Close() }) // upon which the driver cancels the job
	defer left()
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		j.follow(ctx, out)
	}()
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = leave(cmd, ended)
	}
	<-followed
	return j.result(ctx, err, printed.String())
}

// leave waits until a driver has ended that was let go of.
func leave(cmd *exec.Cmd, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-time.After(parting):
	}
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case err := <-ended:
		return err
	case <-time.After(ending):
	}
	_ = cmd.Process.Kill()
	return <-ended
}

// A tail keeps the last lines of what is written to it.
type tail struct {
	mu    sync.Mutex
	lines [][]byte
	rest  []byte
}

// mostLines is how many a tail keeps, and mostWidth how long they are.
const (
	mostLines = 30
	mostWidth = 1000
)

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rest = append(t.rest, b...)
	for {
		line, rest, ok := bytes.Cut(t.rest, []byte("\n"))
		if !ok {
			break
		}
		t.lines = append(t.lines, bytes.Clone(line[:min(len(line), mostWidth)]))
		t.rest = rest
	}
	t.lines = t.lines[max(len(t.lines)-mostLines, 0):]
	if len(t.rest) > 1<<16 {
		t.rest = t.rest[:mostWidth]
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := append(slices.Clone(t.lines), t.rest)
	return strings.TrimSpace(string(bytes.Join(all, []byte("\n"))))
}

// follow reads what the driver says, until its output ends.
func (j *job) follow(ctx context.Context, out io.Reader) {
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if words, ok := strings.CutPrefix(line, "freshet "); ok {
			j.hear(ctx, strings.Fields(words))
		}
		if err != nil {
			return
		}
	}
}
