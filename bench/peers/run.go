package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

// laps returns how often the events of a lap are given, and how many these are.
func (b *bench) laps(e entry) (laps, events int) {
	return max(1, int(b.size*float64(e.Laps))), max(1000, int(min(1, b.size)*keyedEvents))
}

// run runs a row once, in a process of its own.
func (b *bench) run(ctx context.Context, c contested, e entry, orders string) (run, error) {
	r := run{Contest: c.Name, Entry: e, Size: b.size}
	args := programs[e.Program].command(b.dirs, e)
	text := strconv.Itoa
	switch {
	case c.Kind == ofLatency && e.Program == "freshet":
		warm, length := b.latencyTime()
		every := "0"
		if e.Saved {
			every = "1s"
		}
		args = append(args, "-json", "-load", "sliding", "-keys", "10000", "-rate", "1000000", "-share", "0.5", "-shards", text(e.Threads), "-every", every,
			"-warm", warm.String(), "-for", length.String())
	case c.Kind == ofLatency:
		warm, length := b.latencyTime()
		args = append(args, "--contest", e.Do, "--threads", text(e.Threads), "--rate", "500000", "--warm", text(int(warm.Milliseconds())), "--for", text(int(length.Milliseconds())))
		if e.Saved {
			args = append(args, "--saved", "in memory")
		}
	default:
		args = append(args, "--contest", e.Do, "--threads", text(e.Threads))
	}
	if c.Kind == ofFiles {
		args = append(args, "--data", orders)
	}
	if c.Kind == ofEvents {
		laps, events := b.laps(e)
		args = append(args, "--jobs", text(keyedJobs), "--events", text(events), "--laps", text(laps))
		if e.Saved {
			saved, err := os.MkdirTemp(b.data, "saved")
			if err != nil {
				return r, err
			}
			defer os.RemoveAll(saved)
			args = append(args, "--saved", saved)
		}
		if _, err := exec.LookPath("taskset"); err == nil && e.Threads == 1 {
			args = append([]string{"taskset", "-c", "0"}, args...) // a collector has no core of its own
		}
	}
	out, err := r.process(ctx, b.limit, args)
	if err != nil {
		return r, err
	}
	if c.Kind == ofLatency && e.Program == "freshet" {
		r.Report, err = ofNexmark(out)
	} else {
		err = json.Unmarshal(lastLine(out), &r.Report)
	}
	if err != nil {
		return r, fmt.Errorf("its report: %w: %.200s", err, out)
	}
	if c.Kind != ofLatency && len(r.Report.Jobs) == 0 {
		return r, errors.New("its report has no jobs")
	}
	return r, nil
}

// process runs a program, and notes what it used. On a time-out, or if ctx ends,
// all that it started ends too.
func (r *run) process(ctx context.Context, limit time.Duration, args []string) (out []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1") // the source's folder stays as it is
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	before, known := busy()
	start := time.Now()
	err = cmd.Run()
	r.Wall = time.Since(start).Seconds()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		said := bytes.TrimSpace(stderr.Bytes())
		return nil, fmt.Errorf("%w: %s", err, said[max(0, len(said)-1000):])
	}
	r.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.Peak = float64(u.Maxrss) / 1024
	}
	r.Others = r.others(before, known)
	return stdout.Bytes(), nil
}

// lastLine is the report: a runtime may say things before.
func lastLine(out []byte) []byte {
	out = bytes.TrimSpace(out)
	return out[bytes.LastIndexByte(out, '\n')+1:]
}

// latencyTime is how long a load is run, uncounted and counted.
func (b *bench) latencyTime() (warm, length time.Duration) {
	if b.size < 1 {
		return 2 * time.Second, 3 * time.Second
	}
	return 10 * time.Second, time.Minute
}

// ofNexmark makes a report of what nexmark latency prints.
func ofNexmark(out []byte) (r contest.Report, err error) {
	var all []struct {
		Results                            int64
		Behind, P50, P99, P999, P9999, Max time.Duration
	}
	if err := json.Unmarshal(lastLine(out), &all); err != nil {
		return r, err
	}
	if len(all) != 1 {
		return r, fmt.Errorf("%d loads, and one was asked for", len(all))
	}
	l := all[0]
	r.Version = runtime.Version() // it was built by the same
	ms := func(d time.Duration) string { return strconv.FormatFloat(d.Seconds()*1e3, 'f', 3, 64) }
	r.Result = contest.Result{"results": strconv.FormatInt(l.Results, 10), "behind": ms(l.Behind),
		"p50": ms(l.P50), "p99": ms(l.P99), "p99.9": ms(l.P999), "p99.99": ms(l.P9999), "max": ms(l.Max)}
	return r, nil
}
