package onflink

import (
	"context"
	"fmt"
	"iter"
	"log"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/internal/worker"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/flink"
)

const (
	// What a worker is told: where in which test it is to serve, and the folder of the job.
	placeVariable  = "FRESHET_ON_FLINK_PLACE"
	folderVariable = "FRESHET_ON_FLINK_FOLDER"
)

// A Job is one that has ended as it should.
type Job struct {
	Way    string // for messages
	Folder string // that was given to build
	Took   time.Duration
}

// Jobs runs a pipeline on the cluster, at each parallelism that is due, and yields the jobs that have ended. Build makes the pipeline, with what it writes in a folder that is empty. A job that fails
// fails the test. Share is of how many pipelines one is run where not all are; the first call of a name in a test counts as another pipeline than the second.
func Jobs(t *testing.T, name string, share int, build func(folder string) *stream.Pipeline, opts ...flink.Option) iter.Seq[Job] {
	return func(yield func(Job) bool) {
		p := placeOf(t, name)
		if worker.Wanted() {
			if os.Getenv(placeVariable) == p.String() {
				log.Fatal("the worker has returned: ", flink.Run(context.Background(), build(os.Getenv(folderVariable)), "nowhere"))
			}
			return
		}
		for _, parallelism := range p.chosen(t, share) {
			if !yield(p.run(t, parallelism, build, opts)) {
				return
			}
		}
	}
}

// InWorker reports whether the process is to serve, and anything else would be done for nothing.
func InWorker() bool { return worker.Wanted() }

// A place is a call of Jobs: which it is of those with the same name in a test.
type place struct {
	test, name string
	call       int
}

func (p place) String() string { return fmt.Sprintf("%s: %s: %d", p.test, p.name, p.call) }

var calls struct {
	sync.Mutex
	of map[place]int
}

func placeOf(t *testing.T, name string) place {
	calls.Lock()
	defer calls.Unlock()
	if calls.of == nil {
		calls.of = map[place]int{}
	}
	p := place{test: t.Name(), name: name}
	p.call = calls.of[p]
	if p.call == 0 {
		t.Cleanup(func() { // the test may run again, and does not in the worker
			calls.Lock()
			defer calls.Unlock()
			delete(calls.of, place{test: t.Name(), name: name})
		})
	}
	calls.of[place{test: t.Name(), name: name}]++
	return p
}

// parallelisms are those at which pipelines are run, and batches how many events a frame has then.
var (
	parallelisms = []int{1, 2, 4}
	batches      = map[int]int{1: 512, 2: 1, 4: 7}
)

// chosen returns the parallelisms at which a pipeline is run. Of all it is run at each; what is the same pipeline but for its batches or partitions is run once more.
func (p place) chosen(t *testing.T, share int) []int {
	t.Helper()
	if os.Getenv("FRESHET_JAVA") == "" && os.Getenv("FRESHET_REQUIRE_SERVERS") == "" {
		return nil
	}
	all := parallelisms
	if p.call > 0 {
		all = []int{parallelisms[p.call%len(parallelisms)]}
	}
	if sample.Long() {
		return all
	}
	part, _ := sample.Part(t, share)
	n := turnOf(share)
	if n%share != part {
		return nil
	}
	return all[n/share%len(all):][:1]
}

// turns has how many calls of a share there were. Of as many as the share one is run, whatever they are.
var turns struct {
	sync.Mutex
	of     map[int]int
	played int
}

func turnOf(share int) int {
	turns.Lock()
	defer turns.Unlock()
	if turns.of == nil {
		turns.of = map[int]int{}
	}
	turns.of[share]++
	return turns.of[share] - 1
}

// silent returns an error if there were enough calls for a job, and none was run.
func silent() error {
	turns.Lock()
	defer turns.Unlock()
	for share, n := range turns.of {
		if turns.played == 0 && n >= share {
			return fmt.Errorf("onflink: none of %d pipelines was run as a job, of which one in %d should have been", n, share)
		}
	}
	return nil
}

// patience is how long a job may take on a machine that has much to do.
const patience = 3 * time.Minute

func (p place) run(t *testing.T, parallelism int, build func(folder string) *stream.Pipeline, opts []flink.Option) Job {
	t.Helper()
	c, program := Cluster(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	j := Job{Way: fmt.Sprintf("on Flink at parallelism %d", parallelism), Folder: t.TempDir()}
	all := []flink.Option{
		flink.Parallelism(parallelism), flink.BatchSize(batches[parallelism]), flink.Program(program), flink.Arguments("-test.run=" + exactly(p.test)),
		flink.Environment(Variable, self), flink.Environment(placeVariable, p.String()), flink.Environment(folderVariable, j.Folder), flink.Environment("FRESHET_SHARED", os.Getenv("FRESHET_SHARED")),
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	begin := time.Now()
	if err := flink.Run(ctx, build(j.Folder), flink.Cluster(c.Address), append(all, opts...)...); err != nil {
		t.Fatalf("%s %s: %v", p, j.Way, err)
	}
	j.Took = time.Since(begin)
	turns.Lock()
	turns.played++
	turns.Unlock()
	return j
}

// exactly is what -test.run wants for one test.
func exactly(test string) string {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}
