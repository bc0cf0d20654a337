// Package miniflink runs a real Flink for tests, 1.20 or 2.3 unless they name another version, as a stand-alone cluster: a JobManager and a TaskManager, each a process of its own as
// Flink's scripts start them. They are built by package javaserver, which needs mvn and javac.
package miniflink

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/freshet-go/freshet/internal/freeport"
	"github.com/freshet-go/freshet/internal/javaserver"
)

// Sources is where the program lies in the project, and Sources2 the same with Flink 2.3.
const (
	Sources  = "internal/miniflink/testdata/java"
	Sources2 = "internal/miniflink2/testdata/java"
)

// A Cluster is one that runs.
type Cluster struct {
	Address     string // of its REST interface
	Folder      string
	JobManager  *javaserver.Server
	TaskManager *javaserver.Server

	spare   *javaserver.Server // a second TaskManager
	program string             // where it is
	jvm     []string
}

// A Size is what a cluster is given.
type Size struct {
	Heap    string   // of a TaskManager's tasks
	Network string   // its buffers
	JVM     []string // arguments of both processes
}

var (
	// Small starts quickly, and compiles little.
	Small = Size{"128m", "32m", []string{"-Xmx256m"}}
	// Large is for who measures: much more memory, the compilers that a server has, and the parallel collector. Sizes of memory, heartbeats and the rest are not Flink's defaults: see configuration.
	Large = Size{"1536m", "256m", []string{"-Xmx2g", "-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC", "-XX:+UseParallelGC"}}
)

// The folder of savepoints has another name before 1.20. A job that says nothing of checkpoints would have some by this configuration, and one of a pipeline without has to have none.
const configuration = `
jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: %[1]d
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: %[2]d
io.tmp.dirs: %[3]s
web.tmpdir: %[3]s
web.refresh-interval: 100
blob.service.cleanup.interval: 5
execution.checkpointing.interval: 200 ms
execution.checkpointing.savepoint-dir: file://%[3]s/savepoints
state.savepoints.dir: file://%[3]s/savepoints
heartbeat.interval: 250
heartbeat.rpc-failure-threshold: 1
taskmanager.host: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
taskmanager.numberOfTaskSlots: %[4]d
taskmanager.cpu.cores: 2.0
taskmanager.memory.framework.heap.size: 64m
taskmanager.memory.framework.off-heap.size: 32m
taskmanager.memory.task.heap.size: %[5]s
taskmanager.memory.task.off-heap.size: 0m
taskmanager.memory.network.min: %[6]s
taskmanager.memory.network.max: %[6]s
taskmanager.memory.managed.size: 16m
taskmanager.memory.jvm-metaspace.size: 128m
taskmanager.memory.jvm-overhead.min: 64m
taskmanager.memory.jvm-overhead.max: 64m
`

// Start starts a small cluster that keeps its files in dir, and waits until it has so many slots. Folder is where javaserver.Build has put the program.
func Start(ctx context.Context, folder, dir string, slots int) (*Cluster, error) {
	return StartOf(ctx, Small, folder, dir, slots)
}

// StartOf is Start with a cluster of some size.
func StartOf(ctx context.Context, size Size, folder, dir string, slots int) (*Cluster, error) {
	ports, err := freeport.Find(2)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(configuration, ports[0], ports[1], dir, slots, size.Heap, size.Network)
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	c := &Cluster{Address: fmt.Sprintf("127.0.0.1:%d", ports[1]), Folder: dir, program: folder, jvm: size.JVM}
	var starting sync.WaitGroup
	var failed [2]error
	starting.Go(func() {
		c.JobManager, failed[0] = c.start(ctx, fmt.Sprint("-Dport=", ports[1]))
	})
	starting.Go(func() {
		c.TaskManager, failed[1] = c.start(ctx)
	})
	starting.Wait()
	err = errors.Join(failed[:]...)
	for end := time.Now().Add(time.Minute); err == nil && c.Slots(ctx) < slots; {
		if time.Sleep(50 * time.Millisecond); time.Now().After(end) {
			err = fmt.Errorf("the cluster has no slots:\n%s", c.Output())
		}
	}
	if err != nil {
		c.Kill()
		return nil, err
	}
	return c, nil
}

// start starts a process of the cluster.
func (c *Cluster) start(ctx context.Context, more ...string) (*javaserver.Server, error) {
	args := append(slices.Clone(c.jvm), "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dfolder="+c.Folder)
	args = append(args, more...)
	for _, p := range []string{"lang", "util", "util.concurrent", "util.concurrent.atomic", "net", "io", "time", "text", "lang.reflect", "nio"} {
		args = append(args, "--add-opens=java.base/java."+p+"=ALL-UNNAMED")
	}
	return javaserver.Start(ctx, c.program, "Standalone", c.Folder, args...)
}

// ReplaceTaskManager kills the TaskManager, as a machine that is switched off, and starts another one.
func (c *Cluster) ReplaceTaskManager(ctx context.Context) (err error) {
	c.TaskManager.Kill()
	c.TaskManager, err = c.start(ctx)
	return err
}

// AddTaskManager starts a second TaskManager, in place of one that was killed or beside the one there is. It is there when that has registered, which is later.
func (c *Cluster) AddTaskManager(ctx context.Context) error {
	s, err := c.start(ctx)
	if c.TaskManager == nil {
		c.TaskManager = s
	} else {
		c.spare = s
	}
	return err
}

// KillTaskManager kills the one of two that is the process pid, as a machine that is switched off, and reports whether it was one.
func (c *Cluster) KillTaskManager(pid int) bool {
	for _, s := range []**javaserver.Server{&c.TaskManager, &c.spare} {
		if *s != nil && (*s).PID() == pid {
			(*s).Kill()
			*s = nil
			return true
		}
	}
	return false
}

// RemoveTaskManager kills the second TaskManager.
func (c *Cluster) RemoveTaskManager() {
	c.spare.Kill()
	c.spare = nil
}

// Slots returns how many slots are free.
func (c *Cluster) Slots(ctx context.Context) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Address+"/overview", nil)
	if err != nil {
		return 0
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer reply.Body.Close()
	var x struct {
		Free int `json:"slots-available"`
	}
	_ = json.UnmarshalRead(reply.Body, &x) // none then
	return x.Free
}

// Output returns the last lines that all have printed.
func (c *Cluster) Output() (text string) {
	for _, s := range []*javaserver.Server{c.JobManager, c.TaskManager, c.spare} {
		if s != nil {
			text += s.Output() + "\n"
		}
	}
	return text
}

// Kill ends all at once, as a crash would.
func (c *Cluster) Kill() {
	for _, s := range []*javaserver.Server{c.TaskManager, c.spare, c.JobManager} {
		if s != nil {
			s.Kill()
		}
	}
}
