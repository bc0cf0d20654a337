package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

// A row is what is printed of an entry: the medians of its runs.
type row struct {
	entry
	Missing  bool // it is not installed
	Runs     int
	Version  string
	Wall     float64 // seconds of the whole process
	CPU      float64
	Peak     float64 // MB
	Others   float64 // cores that other processes had meanwhile
	Job      float64 // seconds of the work alone
	Nanos    float64 // for an event in memory, of the jobs after the first
	CPUNanos float64
	Percent  map[string]float64 // latencies in ms, by percentile
	Results  float64
	Behind   float64 // ms
	Ratio    float64 // our figure by this one's: above 1 it is better than ours
}

// figure is what rows of a contest are compared by: less is better.
func (r row) figure(k kind) float64 {
	switch k {
	case ofEvents:
		return r.Nanos
	case ofLatency:
		return r.Percent["p99"]
	}
	return r.Wall
}

// rows are those of a contest that were measured, and those that are missing.
func (b *bench) rows(c contested) (rows []row) {
	for _, e := range c.Entries {
		r := row{entry: e, Missing: b.missing[e.Program]}
		var runs []run
		for _, run := range b.runs {
			if run.Contest == c.Name && run.Entry == e {
				runs = append(runs, run)
			}
		}
		if r.Runs = len(runs); r.Runs > 0 {
			r.Missing = false
			r.fill(runs)
		}
		if r.Missing || r.Runs > 0 {
			rows = append(rows, r)
		}
	}
	for i, r := range rows {
		j := slices.IndexFunc(rows, func(o row) bool {
			return o.Runs > 0 && o.Program == "freshet" && o.Way == "" && o.Threads == r.Threads && o.Saved == r.Saved
		})
		if j >= 0 && r.Runs > 0 {
			rows[i].Ratio = rows[j].figure(c.Kind) / r.figure(c.Kind)
		}
	}
	return rows
}

func (r *row) fill(runs []run) {
	of := func(f func(run) float64) float64 {
		all := make([]float64, len(runs))
		for i, run := range runs {
			all[i] = f(run)
		}
		return median(all)
	}
	result := func(name string) float64 {
		return of(func(run run) float64 {
			v, _ := strconv.ParseFloat(run.Report.Result[name], 64) // a contest without it has none to show
			return v
		})
	}
	r.Version = runs[len(runs)-1].Report.Version
	r.Wall = of(func(run run) float64 { return run.Wall })
	r.CPU = of(func(run run) float64 { return run.CPU })
	r.Peak = of(func(run run) float64 { return run.Peak })
	r.Others = of(func(run run) float64 { return run.Others })
	warm := func(run run, f func(contest.Job) float64) float64 {
		jobs := run.Report.Jobs
		if len(jobs) > 1 {
			jobs = jobs[1:]
		}
		all := make([]float64, len(jobs))
		for i, j := range jobs {
			all[i] = f(j)
		}
		return median(all)
	}
	r.Job = of(func(run run) float64 { return warm(run, func(j contest.Job) float64 { return j.Wall }) })
	r.Nanos = of(func(run run) float64 {
		return 1e9 * warm(run, func(j contest.Job) float64 { return j.Wall }) / float64(max(1, run.Report.Events))
	})
	r.CPUNanos = of(func(run run) float64 {
		return 1e9 * warm(run, func(j contest.Job) float64 { return j.CPU }) / float64(max(1, run.Report.Events))
	})
	r.Percent = map[string]float64{}
	for _, p := range percentiles {
		r.Percent[p] = result(p)
	}
	if part := float64(max(1, r.Part)); part > 1 {
		r.Wall, r.CPU, r.Job = part*r.Wall, part*r.CPU, part*r.Job
	}
	r.Results, r.Behind = result("results"), result("behind")
}

var percentiles = []string{"p50", "p99", "p99.9", "p99.99", "max"}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// slower says where others are better than Freshet, in words.
func (b *bench) slower(wanted []contested) (said []string) {
	for _, c := range wanted {
		what := map[kind]string{ofFiles: "wall time", ofEvents: "time an event", ofLatency: "p99"}[c.Kind]
		for _, r := range b.rows(c) {
			if r.Program == "freshet" || r.Ratio <= 1 {
				continue
			}
			on := ""
			if c.Kind == ofEvents {
				on = " on " + cores(r.Threads)
				if r.Saved {
					on += " with checkpoints"
				}
			}
			said = append(said, fmt.Sprintf("%s: Freshet takes %.2f times the %s of %s%s.", c.Name, r.Ratio, what, r.title(), on))
		}
	}
	return said
}

func cores(n int) string {
	if n == 1 {
		return "one core"
	}
	return fmt.Sprintf("%d cores", n)
}
