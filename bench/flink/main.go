// Command flink compares jobs of ours with the same jobs in Flink's own DataStream API, on one stand-alone cluster of Flink 1.20 that it starts, at parallelism 2:
//
//	eval "$(.ci/servers /tmp/freshet-servers)"; cd bench; go run ./flink
//
// Both make their events, exchange them by key, and write what comes out to files, which are compared. A rate is of the events of a long job beside a short one, whose time is that of
// starting a job. Processor time is of the cluster and of the workers, and leaves the short job out, too. With -costs it prints what an event and a key of ours cost instead. The state is on the heap. The task manager's tasks have 1.5 GB of that and 256 MB for the network, and it has
// the compiler that a server has; these and others of its settings are not Flink's defaults: see miniflink.Large.
package main

import (
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
	by := flag.String("by", "Freshet,DataStream", "`who` runs them")
	costs := flag.Bool("costs", false, "print what an event and a key of our jobs cost, and compare nothing")
	rounds := flag.Int("rounds", 2, "how often each job is run: the best time counts")
	flag.Parse()
	if *do != "" {
		log.Fatal("the worker has returned: ", flink.Run(context.Background(), pipeline(*do, *events, *keys, *to), "nowhere"))
	}
	if err := compare(context.Background(), *events, *keys, *rounds, *batch, *costs, strings.Split(*only, ","), strings.Split(*by, ",")); err != nil {
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

func compare(ctx context.Context, events, keys int64, rounds, batch int, alone bool, jobs, by []string) error {
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
	sides = slices.DeleteFunc(sides, func(s side) bool { return !slices.Contains(by, s.title) })
	fmt.Printf("%d events, %d keys, parallelism 2, best of %d behind one that warms up. There is a checkpoint each %v where there are any\n\n", events, keys, rounds, every)
	fmt.Println("| job | by | events/s | processor time an event | with checkpoints, events/s | processor time an event | checkpoints, bytes and time of each | a job of 1000 events | bytes an event over exchanges | workers, and their memory | rows |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|")
	for _, do := range jobs {
		all := make([]measured, len(sides))
		for round := range rounds + 1 { // the first one warms up
			for i, s := range sides {
				if round <= 1 {
					all[i] = measured{events: events}
				}
				if err := all[i].measure(ctx, s, base, do, dir); err != nil {
					return fmt.Errorf("%s by %s: %w", do, s.title, err)
				}
				if a, b := all[0].rows(), all[i].rows(); !slices.Equal(a, b) {
					return fmt.Errorf("%s: the %d rows of %s are not the %d of %s", do, len(b), s.title, len(a), sides[0].title)
				}
			}
		}
		for i := range all {
			all[i].print(do, sides[i].title)
		}
	}
	return nil
}
