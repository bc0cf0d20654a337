package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

// A bench measures contests.
type bench struct {
	dirs
	size     float64
	rounds   int
	limit    time.Duration
	results  string // the file that runs are added to
	progress io.Writer

	runs    []run
	missing map[string]bool           // programs that are not installed
	known   map[string]contest.Result // by what has to come to it
}

// A run is one time that a row was measured.
type run struct {
	Contest string
	Entry   entry
	Size    float64
	Wall    float64 // seconds of the whole process
	CPU     float64
	Peak    float64 // MB
	Others  float64 // cores that other processes had meanwhile
	Report  contest.Report
}

// load reads the runs that were measured before, on data of the same size.
func (b *bench) load() error {
	b.missing, b.known = map[string]bool{}, map[string]contest.Result{}
	if b.results == "" {
		return nil
	}
	data, err := os.ReadFile(b.results)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for line := range strings.Lines(string(data)) {
		var r run
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return fmt.Errorf("%s: %w", b.results, err)
		}
		if r.Size == b.size {
			b.runs = append(b.runs, r)
		}
	}
	return err
}

// add keeps a run.
func (b *bench) add(r run) error {
	b.runs = append(b.runs, r)
	if b.results == "" {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(b.results, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	return f.Close()
}

// build compiles our programs, and finds their source.
func (b *bench) build(ctx context.Context) error {
	mod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(mod)))
	b.source = filepath.Join(root, "peers")
	if _, err := os.Stat(filepath.Join(b.source, "install")); err != nil {
		return fmt.Errorf("this has to be run in the folder bench: %w", err)
	}
	b.built = filepath.Join(b.data, "built")
	build := exec.CommandContext(ctx, "go", "build", "-o", b.built+string(filepath.Separator), "./peers/freshet", "./peers/onspark", "./peers/loop", "./nexmark")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// contest measures all rows of a contest, in turns.
func (b *bench) contest(ctx context.Context, c contested) error {
	for round := range b.rounds {
		entries := slices.Clone(c.Entries)
		if round%2 == 1 {
			slices.Reverse(entries) // what comes first has no advantage
		}
		for _, e := range entries {
			if needs := programs[e.Program].needs; needs != nil {
				if _, err := os.Stat(needs(b.dirs)); err != nil {
					b.missing[e.Program] = true
					continue
				}
			}
			if err := b.entry(ctx, c, e); err != nil {
				return fmt.Errorf("%s: %w", e.title(), err)
			}
		}
	}
	return nil
}

// entry measures a row once.
func (b *bench) entry(ctx context.Context, c contested, e entry) error {
	orders := ""
	if c.Kind == ofFiles {
		var err error
		if orders, err = b.orders(c, e); err != nil {
			return err
		}
	}
	r, err := b.run(ctx, c, e, orders)
	if err != nil {
		return err
	}
	if err := b.agrees(ctx, c, r); err != nil {
		return err
	}
	fmt.Fprintf(b.progress, "%s: %s on %s: %.2f s\n", c.Name, e.title(), cores(e.Threads), r.Wall)
	return b.add(r)
}

// orders writes what a row reads, where it is not there yet, and notes what has to
// come of it.
func (b *bench) orders(c contested, e entry) (dir string, err error) {
	n := max(1000, int(b.size*float64(c.Orders))/max(1, e.Part))
	dir = filepath.Join(b.data, fmt.Sprintf("orders-%d", n))
	a, err := writeOrders(dir, n)
	if err != nil {
		return "", err
	}
	b.known["sum"], b.known["minutes"] = contest.Sum(a.sum()), a.Minutes
	return dir, warmed(dir)
}
