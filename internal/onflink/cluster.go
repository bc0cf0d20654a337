package onflink

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/internal/servertest"
)

// Slots is how many tasks of an operator the cluster has room for.
const Slots = 4

var shared struct {
	sync.Mutex
	cluster *miniflink.Cluster
	program string // what workers are started by
	folder  string
}

// Cluster returns the cluster of the tests of a package, which run one after another, and the program to give to its workers. It skips the test or fails it where there is no Flink.
func Cluster(t *testing.T) (c *miniflink.Cluster, program string) {
	t.Helper()
	java := servertest.Java(t, miniflink.Sources)
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster != nil {
		return shared.cluster, shared.program
	}
	folder, err := os.MkdirTemp("", "onflink-")
	if err != nil {
		t.Fatal(err)
	}
	shared.folder = folder
	if program, err = Launch(folder); err != nil {
		t.Fatal(err)
	}
	if c, err = miniflink.Start(context.Background(), java, folder, Slots); err != nil {
		t.Fatal(err)
	}
	shared.cluster, shared.program = c, program
	return c, program
}

// Variable has the file of the program that the one of Launch becomes.
const Variable = "FRESHET_ON_FLINK_PROGRAM"

// Launch builds in a folder what is sent to a cluster in place of a test's binary, and returns its file.
func Launch(folder string) (program string, err error) {
	program = filepath.Join(folder, "launch")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "github.com/freshet-go/freshet/internal/onflink/launch").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}

// Main runs the tests of a package that uses Jobs, and ends the cluster. It returns the process's status. Tests of which a job should have been run, and none was, have failed.
func Main(m *testing.M) int {
	status := m.Run()
	if err := silent(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster != nil {
		shared.cluster.Kill()
	}
	if shared.folder != "" {
		_ = os.RemoveAll(shared.folder) // what stays takes only room
	}
	return status
}
