package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/freshet-go/freshet/internal/miniflink"
)

// costs prints what an event and a key of our jobs cost: processor time in workers and in the task manager, bytes over exchanges, and bytes in a checkpoint. Each is of a long job less a
// short one, and the least of the rounds behind one that warms up. Processor time does not depend on how busy the machine is as a rate does, though caches and clocks do.
func costs(ctx context.Context, s side, cluster *miniflink.Cluster, dir string, events, keys int64, rounds int, jobs []string) error {
	base := "http://" + cluster.Address
	fmt.Printf("%d events, %d keys, parallelism 2, least of %d rounds behind one that warms up\n\n", events, keys, rounds)
	fmt.Println("| job | worker, ns an event | task manager, ns an event | bytes an event over exchanges | bytes a key in a checkpoint |")
	fmt.Println("|---|---|---|---|---|")
	for _, do := range jobs {
		var least cost
		for round := range rounds + 1 {
			few, err := costOf(ctx, s, cluster, base, dir, do, few, 0)
			if err != nil {
				return err
			}
			many, err := costOf(ctx, s, cluster, base, dir, do, events, 0)
			if err != nil {
				return err
			}
			saved, err := costOf(ctx, s, cluster, base, dir, do, events, every)
			if err != nil {
				return err
			}
			c := cost{many.workers - few.workers, many.manager - few.manager, many.sent, saved.state}
			if round <= 1 {
				least = c
			}
			least = cost{min(least.workers, c.workers), min(least.manager, c.manager), c.sent, max(least.state, c.state)}
		}
		n := float64(events)
		fmt.Printf("| %s | %.0f | %.0f | %.1f | %.0f |\n", do, float64(least.workers)/n, float64(least.manager)/n, float64(least.sent)/n, float64(least.state)/float64(keys))
	}
	return nil
}

// A cost is that of a job.
type cost struct {
	workers, manager time.Duration // processor time
	sent, state      int64         // bytes: over exchanges, and of the largest checkpoint
}

func costOf(ctx context.Context, s side, cluster *miniflink.Cluster, base, dir, do string, events int64, every time.Duration) (c cost, err error) {
	to, err := os.MkdirTemp(dir, "rows-")
	if err != nil {
		return c, err
	}
	defer os.RemoveAll(to)
	before, err := processorTime(cluster.TaskManager.PID())
	if err != nil {
		return c, err
	}
	times := watchTimes(to)
	id, err := s.run(ctx, do, events, to, every)
	c.workers = times.stop()
	if err != nil {
		return c, fmt.Errorf("%s: %w", do, err)
	}
	after, err := processorTime(cluster.TaskManager.PID())
	if err != nil {
		return c, err
	}
	c.manager = after - before
	if _, c.sent, err = lasted(ctx, base, id); err != nil {
		return c, err
	}
	var x struct {
		Summary struct {
			Size struct {
				Max int64 `json:"max"`
			} `json:"state_size"`
		} `json:"summary"`
	}
	err = call(ctx, http.MethodGet, base+"/jobs/"+id+"/checkpoints", "", nil, &x)
	c.state = x.Summary.Size.Max
	return c, err
}

// processorTime returns what a process has used.
func processorTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat: %q", pid, text)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, err
}

// A times watches the processor time of the workers of a run. What they take behind the last look is missing.
type times struct {
	over  chan struct{}
	ended sync.WaitGroup
	of    map[int]time.Duration
}

func watchTimes(mark string) *times {
	m := &times{over: make(chan struct{}), of: map[int]time.Duration{}}
	m.ended.Go(func() {
		others := map[int]bool{} // that were there before
		for first := true; ; first = false {
			all, _ := filepath.Glob("/proc/[0-9]*")
			for _, folder := range all {
				pid, _ := strconv.Atoi(filepath.Base(folder))
				if others[pid] {
					continue
				}
				if _, known := m.of[pid]; !known {
					environ, _ := os.ReadFile(folder + "/environ")
					if !bytes.Contains(environ, []byte(markVariable+"="+mark)) || !bytes.Contains(environ, []byte("FRESHET_WORKER=")) {
						others[pid] = first
						continue
					}
				}
				if t, err := processorTime(pid); err == nil {
					m.of[pid] = max(m.of[pid], t)
				}
			}
			select {
			case <-m.over:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return m
}

// stop returns what the workers have used together.
func (m *times) stop() (sum time.Duration) {
	close(m.over)
	m.ended.Wait()
	for _, t := range m.of {
		sum += t
	}
	return sum
}
