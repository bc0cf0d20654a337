// Command flink compares jobs of ours with the same jobs in Flink's own DataStream API, on one stand-alone cluster of Flink 1.20 that it starts, at parallelism 2:
//
//	eval "$(.ci/servers /tmp/freshet-servers)"; cd bench; go run ./flink
//
// Both make their events, exchange them by key, and write what comes out to files, which are compared. A rate is of the events of a long job beside a short one, whose time is that of
// starting a job. The state is on the heap. The task manager's tasks have 1.5 GB of that and 256 MB for the network, and it has
// the compiler that a server has; with -costs it prints what an event and a key cost instead. These and others of its settings are not Flink's defaults: see miniflink.Large. How many checkpoints there were is of the last round.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/stream/flink"
)

func main() {
	log.SetFlags(0)
	do := flag.String("do", "", "of a worker: sum or timers")
	to := flag.String("to", "", "of a worker: the `folder` of its rows")
	events := flag.Int64("events", 10_000_000, "how many `events` a long job has")
	keys := flag.Int64("keys", 10_000, "how many `keys` they have")
	batch := flag.Int("batch", 512, "how many `events` a frame of ours has at most")
	only := flag.String("only", "sum,timers", "which `jobs` are run")
	costs := flag.Bool("costs", false, "print what an event and a key of our jobs cost, and compare nothing")
	rounds := flag.Int("rounds", 2, "how often each job is run: the best time counts")
	flag.Parse()
	if *do != "" {
		log.Fatal("the worker has returned: ", flink.Run(context.Background(), pipeline(*do, *events, *keys, *to), "nowhere"))
	}
	if err := compare(context.Background(), *events, *keys, *rounds, *batch, *costs, strings.Split(*only, ",")); err != nil {
		log.Fatal("flink: ", err)
	}
}

const (
	few   = 1000        // events of a short job
	every = time.Second // there is a checkpoint, where there are any
)

// A side is who runs a job to its end, with rows in a folder, and returns its id.
type side struct {
	title string
	run   func(ctx context.Context, do string, events int64, to string, every time.Duration) (id string, err error)
}

func compare(ctx context.Context, events, keys int64, rounds, batch int, alone bool, jobs []string) error {
	installed := os.Getenv("FRESHET_JAVA")
	if installed == "" {
		return errors.New(`FRESHET_JAVA is not set: eval "$(.ci/servers FOLDER)" at the top of the project installs Flink and sets it`)
	}
	dir, err := os.MkdirTemp("", "bench-flink-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	folder := filepath.Join(installed, "miniflink")
	jar, err := compile(ctx, "flink/java", folder, dir)
	if err != nil {
		return err
	}
	cluster, err := miniflink.StartOf(ctx, miniflink.Large, folder, dir, 2)
	if err != nil {
		return err
	}
	defer cluster.Kill()
	base := "http://" + cluster.Address
	ours := func(ctx context.Context, do string, events int64, to string, every time.Duration) (id string, err error) {
		opts := []flink.Option{
			flink.Parallelism(2), flink.BatchSize(batch), flink.Environment(markVariable, to), flink.Progress(func(j flink.Job) { id = j.ID }),
			flink.Arguments("-do", do, "-to", to, "-events", fmt.Sprint(events), "-keys", fmt.Sprint(keys)), flink.Setting("restart-strategy.type", "none"),
			flink.Setting("execution.checkpointing.storage", "filesystem"), flink.Setting("execution.checkpointing.dir", "file://"+dir+"/checkpoints"),
		}
		if every > 0 {
			opts = append(opts, flink.Checkpoints(every))
		}
		err = flink.Run(ctx, pipeline(do, events, keys, to), flink.Cluster(cluster.Address), opts...)
		return id, err
	}
	if alone {
		return costs(ctx, side{"Freshet", ours}, cluster, dir, events, keys, rounds, jobs)
	}
	theirs := func(ctx context.Context, do string, events int64, to string, every time.Duration) (id string, err error) {
		return datastream(ctx, base, jar, do, events, to, "file://"+dir+"/checkpoints", keys, every)
	}
	sides := []side{{"Freshet", ours}, {"DataStream", theirs}}
	fmt.Printf("%d events, %d keys, parallelism 2, best of %d behind one that warms up\n\n", events, keys, rounds)
	fmt.Println("| job | by | events/s | with a checkpoint each second, how many | a job of 1000 events | bytes an event over exchanges | workers, and their memory | rows |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, do := range jobs {
		all := make([]measured, len(sides))
		for round := range rounds + 1 { // the first one warms up
			for i, s := range sides {
				if round <= 1 {
					all[i] = measured{events: events, start: time.Hour, short: time.Hour, plain: time.Hour, saved: time.Hour, rows: all[i].rows}
				}
				if err := all[i].measure(ctx, s, base, do, dir); err != nil {
					return fmt.Errorf("%s by %s: %w", do, s.title, err)
				}
				if !slices.Equal(all[0].rows, all[i].rows) {
					return fmt.Errorf("%s: the %d rows of %s are not the %d of %s", do, len(all[i].rows), s.title, len(all[0].rows), sides[0].title)
				}
			}
		}
		for i, m := range all {
			workers := "none"
			if m.workers > 0 {
				workers = fmt.Sprintf("%d, %d MB", m.workers, m.sum>>20)
			}
			fmt.Printf("| %s | %s | %s | %s, %d | %.2f s | %.1f | %s | %d, the same |\n", do, sides[i].title, m.rate(m.plain), m.rate(m.saved), m.checkpoints, m.start.Seconds(), float64(m.sent)/float64(events), workers, len(m.rows))
		}
	}
	return nil
}

// A measured job has its best times.
type measured struct {
	events              int64
	start               time.Duration // of a short job, as who starts it sees it
	short, plain, saved time.Duration // as the cluster sees it
	checkpoints         int
	sent                int64 // bytes over exchanges
	workers             int   // of a job
	sum                 int64
	rows                []string
}

// rate is that of a job that has taken so long.
func (m *measured) rate(took time.Duration) string {
	return fmt.Sprintf("%.2f M", float64(m.events-few)/(took-m.short).Seconds()/1e6)
}

// measure runs a short job, a long one, and a long one with checkpoints.
func (m *measured) measure(ctx context.Context, s side, base, do, dir string) error {
	for _, x := range []struct {
		best   *time.Duration
		events int64
		every  time.Duration
	}{{&m.short, few, 0}, {&m.plain, m.events, 0}, {&m.saved, m.events, every}} {
		to, err := os.MkdirTemp(dir, "rows-")
		if err != nil {
			return err
		}
		memory := watch(to)
		begin := time.Now()
		id, err := s.run(ctx, do, x.events, to, x.every)
		all := time.Since(begin)
		workers, sum := memory.stop()
		if err != nil {
			return err
		}
		took, sent, err := took(ctx, base, id)
		if err != nil {
			return err
		}
		*x.best = min(*x.best, took)
		if x.every > 0 {
			if m.checkpoints, err = checkpoints(ctx, base, id); err != nil {
				return err
			}
		}
		if x.events == few {
			m.start = min(m.start, all)
			continue
		}
		m.sent = sent
		m.workers, m.sum = max(m.workers, workers), max(m.sum, sum)
		rows, err := read(to)
		if err != nil {
			return err
		}
		if m.rows != nil && !slices.Equal(m.rows, rows) {
			return fmt.Errorf("%d rows are other ones than the %d of the run before", len(rows), len(m.rows))
		}
		m.rows = rows
		if err := os.RemoveAll(to); err != nil {
			return err
		}
	}
	return nil
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
