package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// markVariable is in the environment of the workers of a run.
const markVariable = "FRESHET_BENCH_FLINK"

// A memory watches what the workers of a run take.
type memory struct {
	mark  string
	over  chan struct{}
	ended sync.WaitGroup
	peaks map[string]int64 // of each, by its process
}

func watch(mark string) *memory {
	m := &memory{mark: mark, over: make(chan struct{}), peaks: map[string]int64{}}
	m.ended.Go(func() {
		for {
			m.look()
			select {
			case <-m.over:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	return m
}

var peak = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

func (m *memory) look() {
	all, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, file := range all {
		folder := filepath.Dir(file)
		environ, err := os.ReadFile(folder + "/environ")
		if err != nil {
			continue
		}
		status, _ := os.ReadFile(file)
		found := peak.FindSubmatch(status)
		if found == nil {
			continue
		}
		kb, _ := strconv.ParseInt(string(found[1]), 10, 64)
		if bytes.Contains(environ, []byte(markVariable+"="+m.mark)) && bytes.Contains(environ, []byte("FRESHET_WORKER=")) {
			m.peaks[folder] = max(m.peaks[folder], kb<<10)
		}
	}
}

// stop returns how many workers there were, and what they took together at most.
func (m *memory) stop() (workers int, sum int64) {
	close(m.over)
	m.ended.Wait()
	for _, b := range m.peaks {
		sum += b
	}
	return len(m.peaks), sum
}
