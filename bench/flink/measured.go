package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A run is one job, from its start to its end.
type run struct {
	all     time.Duration // as who starts it sees it
	took    time.Duration // as the cluster sees it
	spent   time.Duration // processor time of the cluster and of workers
	sent    int64         // bytes over exchanges
	workers int
	memory  int64 // of workers together, at most
	taken   taken
	rows    []string
}

// A measured job has been run several times, short and long.
type measured struct {
	events       int64
	plain, saved pair
}

// A pair are the runs of one job, short and long. Both have checkpoints, or none: a job of DataStream that has some waits for the next one before it ends.
type pair struct{ short, long []run }

// least returns the least of a measure that runs have.
func least(all []run, of func(run) time.Duration) time.Duration {
	var x []time.Duration
	for _, r := range all {
		x = append(x, of(r))
	}
	return slices.Min(x)
}

func took(r run) time.Duration  { return r.took }
func spent(r run) time.Duration { return r.spent }
func whole(r run) time.Duration { return r.all }

// rate is how many events a second the runs have done at best, beyond what a short one does.
func (p pair) rate(events int64) float64 {
	return float64(events-few) / (least(p.long, took) - least(p.short, took)).Seconds()
}

// cost is the processor time of an event, at best.
func (p pair) cost(events int64) time.Duration {
	return (least(p.long, spent) - least(p.short, spent)) / time.Duration(events-few)
}

// print prints a row of the table.
func (m *measured) print(do, by string) {
	last := m.saved.long[len(m.saved.long)-1]
	c, of := last.taken, "none"
	if last.workers > 0 {
		memory := int64(0)
		for _, r := range slices.Concat(m.plain.long, m.saved.long) {
			memory = max(memory, r.memory)
		}
		of = fmt.Sprintf("%d, %d MB", last.workers, memory>>20)
	}
	fmt.Printf("| %s | %s | %.2f M | %v | %.2f M | %v | %d, %d kB in %d ms | %.2f s | %.1f | %s | %d, the same |\n", do, by,
		m.plain.rate(m.events)/1e6, m.plain.cost(m.events), m.saved.rate(m.events)/1e6, m.saved.cost(m.events), c.count, c.size>>10, c.took.Milliseconds(),
		least(m.plain.short, whole).Seconds(), float64(m.plain.long[0].sent)/float64(m.events), of, len(last.rows))
}

// measure runs a short job and a long one, without checkpoints and with.
func (m *measured) measure(ctx context.Context, s side, base, do, dir string) error {
	for _, x := range []struct {
		to     *[]run
		events int64
		every  time.Duration
	}{{&m.plain.short, few, 0}, {&m.plain.long, m.events, 0}, {&m.saved.short, few, every}, {&m.saved.long, m.events, every}} {
		r, err := one(ctx, s, base, do, dir, x.events, x.every)
		if err != nil {
			return err
		}
		if *x.to = append(*x.to, r); x.events > few && !slices.Equal(r.rows, m.rows()) {
			return fmt.Errorf("%d rows are other ones than the %d of the run before", len(r.rows), len(m.rows()))
		}
	}
	return nil
}

// rows are those of a long job.
func (m *measured) rows() []string { return m.plain.long[0].rows }

// one runs one job.
func one(ctx context.Context, s side, base, do, dir string, events int64, every time.Duration) (r run, err error) {
	to, err := os.MkdirTemp(dir, "rows-")
	if err != nil {
		return r, err
	}
	memory, before, begin := watch(to), processors(), time.Now()
	id, err := s.run(ctx, do, events, to, every)
	r.all = time.Since(begin)
	r.workers, r.memory = memory.stop()
	r.spent = processors() - before
	if err == nil {
		r.took, r.sent, err = lasted(ctx, base, id)
	}
	if err == nil && every > 0 && events > few {
		r.taken, err = checkpoints(ctx, base, id)
	}
	if err == nil {
		r.rows, err = read(to)
	}
	if err == nil {
		err = os.RemoveAll(to)
	}
	return r, err
}

// read returns the rows of a folder, sorted.
func read(folder string) (rows []string, err error) {
	all, err := filepath.Glob(filepath.Join(folder, "rows-*"))
	for _, name := range all {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		s := bufio.NewScanner(f)
		for s.Scan() {
			rows = append(rows, s.Text())
		}
		f.Close()
		if err := s.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	slices.Sort(rows)
	return rows, err
}
