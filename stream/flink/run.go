package flink

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/worker"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/internal/shim"
)

// Run runs the pipeline on a cluster and returns when the job has finished. In a worker, which a task of
// the job has started, it serves the task, and ends the process.
//
// It returns an error that names each operator which cannot run there, before anything starts; one of the cluster, which cannot be reached or is
// not of a version that is supported; and a [*JobError] if the job fails or somebody else cancels it.
//
// When ctx ends, the job is cancelled, or what [StopWithSavepoint] and [Leave] say, and Run returns an error in which
// errors.Is finds ctx's error and its cause. A process that is killed takes nothing with it: the job goes on.
//
// Each operator keeps its name: Flink's page shows a chain by those of its operators. Positions in errors of events behind an exchange are event times. Run panics if p is nil.
func Run(ctx context.Context, p *stream.Pipeline, cluster Cluster, opts ...Option) error {
	if p == nil {
		panic("flink: Run: the Pipeline is nil")
	}
	cfg := configure(p.Name(), opts)
	if worker.Wanted() {
		worker.Run(p, cfg.from.Store)
	}
	if err := ctx.Err(); err != nil {
		return stopped(ctx)
	}
	if cfg.restore != "" && cfg.from.Store != nil {
		return fmt.Errorf("flink: pipeline %q can go on from one state: give it Restore or From", p.Name())
	}
	j := &job{cfg: cfg, api: newAPI(cluster, cfg.http)}
	return j.run(ctx, p)
}

// stopped is the error of a run whose context has ended.
func stopped(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("flink: %w: %w", ctx.Err(), cause)
	}
	return fmt.Errorf("flink: %w", ctx.Err())
}

// A job is one of Flink's, from here.
type job struct {
	cfg  *config
	api  *api
	id   string
	plan *door.Plan

	state    string
	starting bool  // not all of its tasks run yet, or run again
	warned   int64 // the time of the last failure that was logged
}

func (j *job) run(ctx context.Context, p *stream.Pipeline) error {
	slots, err := j.supported(ctx)
	if err != nil {
		return ended(ctx, err)
	}
	shards := j.cfg.parallelism
	if shards == 0 {
		shards = min(max(slots, 1), door.Groups)
	}
	j.plan, err = door.Describe(ctx, p, door.Config{Shards: shards, Batch: j.cfg.batch, Checkpoints: j.cfg.saves(), From: j.cfg.from, Logger: j.cfg.log})
	if err != nil {
		return err
	}
	if err := refused(j.plan, j.cfg); err != nil {
		return err
	}
	if err := j.submit(ctx); err != nil {
		if ctx.Err() != nil && j.id != "" { // there may be a job
			return errors.Join(stopped(ctx), fmt.Errorf("flink: %w", err))
		}
		return ended(ctx, err)
	}
	return j.follow(ctx)
}

// ended is an error of the cluster, or says that ctx has ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	return fmt.Errorf("flink: %w", err)
}

// submit has the cluster run the job.
func (j *job) submit(ctx context.Context) error {
	file, err := os.CreateTemp("", "freshet-*.jar")
	if err != nil {
		return fmt.Errorf("the job's jar: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	text, program, err := shim.Job{Plan: j.plan, Run: "flink.Run", Program: j.cfg.program, Arguments: j.cfg.arguments, Environment: j.cfg.environment}.Describe()
	if err == nil {
		err = writeJar(file, text, program)
	}
	if err != nil {
		return fmt.Errorf("the job's jar: %w", err)
	}
	jar, err := j.api.upload(ctx, file, fileName(j.plan.Name)+".jar")
	if err != nil {
		return err
	}
	defer j.api.remove(context.WithoutCancel(ctx), jar)
	j.id = newID()
	err = j.api.start(ctx, jar, j.request())
	if err != nil && !refusing(err) {
		err = j.unanswered(ctx, err)
	}
	if err != nil {
		return err
	}
	j.cfg.log.InfoContext(ctx, "the job has been submitted", "pipeline", j.plan.Name, "job", j.id, "parallelism", j.plan.Shards)
	return nil
}

func (j *job) request() runRequest {
	return runRequest{
		EntryClass: "org.freshet.Job", JobID: j.id, Parallelism: j.plan.Shards,
		SavepointPath: j.cfg.restore, AllowNonRestoredState: j.cfg.dropped, Configuration: j.cfg.flinkSettings(),
	}
}

// newID is the id of a job. It is chosen here, so that the job is known also where the answer to its submission is lost.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// fileName is what a jar is called by.
func fileName(pipeline string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, "freshet-"+pipeline[:min(len(pipeline), 50)])
}
