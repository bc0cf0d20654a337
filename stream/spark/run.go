package spark

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/worker"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/internal/shim"
)

// Run runs the pipeline as a batch on Spark, and returns when its results have been committed. In a worker, which a task of
// the job has started, it serves the task, and ends the process.
//
// It returns an error that names each operator which cannot run there, before anything starts; one that says why there is no spark-submit or
// what it has said; and a [*JobError] if the job fails.
//
// When ctx ends, the job is cancelled, and Run returns an error in which errors.Is finds ctx's error and its cause: nothing has been
// committed then. A commit that has begun goes on to its end. When this process is killed, the job is cancelled, too.
//
// Positions in errors of events behind an exchange are event times. Run panics if p is nil.
func Run(ctx context.Context, p *stream.Pipeline, master Master, opts ...Option) error {
	if p == nil {
		panic("spark: Run: the Pipeline is nil")
	}
	cfg := configure(p.Name(), opts)
	if worker.Wanted() {
		worker.Run(p, nil)
	}
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	j := &job{cfg: cfg, master: master, stages: map[int]int{}}
	return j.run(ctx, p)
}

// stopped is the error of a run whose context has ended.
func stopped(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("spark: %w: %w", ctx.Err(), cause)
	}
	return fmt.Errorf("spark: %w", ctx.Err())
}

// A job is an application of Spark's, from here.
type job struct {
	cfg    *config
	master Master
	plan   *door.Plan

	now     Job
	stages  map[int]int // of Spark's numbers, where they stand in now
	commits bool        // sinks have begun to commit
	failure string      // what the driver has failed with
}

func (j *job) run(ctx context.Context, p *stream.Pipeline) error {
	submit, err := j.cfg.submit()
	if err != nil {
		return fmt.Errorf("spark: %w", err)
	}
	shards := j.cfg.parallelism
	if shards == 0 {
		shards = j.master.parallelism()
	}
	j.plan, err = door.Describe(ctx, p, door.Config{Shards: shards, Batch: j.cfg.batch, Bounded: true, Logger: j.cfg.log})
	if err != nil {
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		return err
	}
	if err := refused(j.plan, j.cfg); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "freshet-spark-")
	if err != nil {
		return fmt.Errorf("spark: the job's files: %w", err)
	}
	defer os.RemoveAll(folder)
	args, err := j.arguments(folder)
	if err != nil {
		return fmt.Errorf("spark: the job's files: %w", err)
	}
	return j.drive(ctx, submit, args)
}

// arguments writes what the driver reads into a folder, and returns what spark-submit is started with.
func (j *job) arguments(folder string) ([]string, error) {
	text, program, err := shim.Job{Plan: j.plan, Run: "spark.Run", Program: j.cfg.program, Arguments: j.cfg.arguments, Environment: j.cfg.environment}.Describe()
	if err != nil {
		return nil, err
	}
	if program, err = filepath.Abs(program); err != nil {
		return nil, err
	}
	jar, described := filepath.Join(folder, "freshet.jar"), filepath.Join(folder, "job")
	for file, content := range map[string][]byte{jar: shimJar, described: []byte(text)} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return nil, err
		}
	}
	return append(j.flags(), jar, described, program), nil
}
