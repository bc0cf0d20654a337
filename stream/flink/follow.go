package flink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// A Job is how a job stands.
type Job struct {
	ID        string
	State     string // Flink's word: "RUNNING", "RESTARTING", "FINISHED"
	Operators []Operator
}

// An Operator is a chain of operators, which one worker of each instance runs.
type Operator struct {
	Name      string // of all of them, as Flink's page shows it
	State     string
	Instances int
	In, Out   int64 // frames, which are batches of events and what travels between these, since the last restart
}

const (
	often  = 100 * time.Millisecond // how often a job is asked for at first
	seldom = time.Second            // and later
	// How long the cluster may be silent: a JobManager that is started again needs some time.
	silence = time.Minute
)

// over are the states in which a job stays. One that is suspended goes on when a JobManager takes it up again.
var over = []string{"FINISHED", "FAILED", "CANCELED"}

// soon are the states of a job, and of its tasks, that is to run soon.
var soon = []string{"CREATED", "SCHEDULED", "DEPLOYING", "INITIALIZING", "RECONCILING", "RESTARTING", "SUSPENDED", "FAILING"}

// follow returns when the job is over.
func (j *job) follow(ctx context.Context) error {
	wait := often
	heard := time.Now()
	for {
		err := j.look(ctx)
		switch {
		case slices.Contains(over, j.state):
			return j.result(ctx)
		case err == nil:
			heard = time.Now()
		case ctx.Err() != nil:
		case !j.bears(ctx, heard, err):
			return fmt.Errorf("flink: job %s is not heard of any more, and may be running: %w", j.id, err)
		}
		select {
		case <-ctx.Done():
			return j.leave(ctx)
		case <-time.After(wait):
			wait = min(wait*3/2, seldom)
		}
	}
}

// bears reports whether the cluster may be asked again that has answered with err, and was heard last at a time.
func (j *job) bears(ctx context.Context, heard time.Time, err error) bool {
	most := silence
	if hasStatus(err, http.StatusNotFound) {
		most = j.cfg.patience
	}
	if ctx.Err() != nil || time.Since(heard) > most {
		return false
	}
	j.cfg.log.WarnContext(ctx, "the cluster does not answer", "job", j.id, "error", err)
	return true
}

// look asks how the job stands, and says what is new.
func (j *job) look(ctx context.Context) error {
	var x struct {
		State    string `json:"state"`
		Vertices []struct {
			Name        string         `json:"name"`
			Parallelism int            `json:"parallelism"`
			Status      string         `json:"status"`
			Tasks       map[string]int `json:"tasks"` // how many are in a state
			Metrics     struct {
				In  int64 `json:"read-records"`
				Out int64 `json:"write-records"`
			} `json:"metrics"`
		} `json:"vertices"`
	}
	if err := j.api.call(ctx, http.MethodGet, "/jobs/"+j.id, nil, &x); err != nil {
		return err
	}
	if x.State != j.state {
		j.cfg.log.InfoContext(ctx, "the job's state", "job", j.id, "state", x.State)
		j.state = x.State
	}
	j.starting = slices.Contains(soon, x.State)
	for _, v := range x.Vertices {
		for _, state := range soon {
			j.starting = j.starting || v.Tasks[state] > 0
		}
	}
	if j.state != "FAILED" { // why it has failed is in what Run returns
		j.warn(ctx)
	}
	if j.cfg.progress != nil {
		now := Job{ID: j.id, State: x.State}
		for _, v := range x.Vertices {
			now.Operators = append(now.Operators, Operator{v.Name, v.Status, v.Parallelism, v.Metrics.In, v.Metrics.Out})
		}
		j.cfg.progress(now)
	}
	return nil
}

// failures returns those of the job that Flink remembers, the last one first.
func (j *job) failures(ctx context.Context) ([]failure, error) {
	var x struct {
		History struct {
			Entries []failure `json:"entries"`
		} `json:"exceptionHistory"`
	}
	err := j.api.call(ctx, http.MethodGet, "/jobs/"+j.id+"/exceptions?maxExceptions=20", nil, &x)
	all := x.History.Entries
	slices.SortStableFunc(all, func(a, b failure) int { return cmp.Compare(b.Timestamp, a.Timestamp) })
	return all, err
}

// warn says what the job has failed with and goes on from.
func (j *job) warn(ctx context.Context) {
	all, err := j.failures(ctx)
	if err != nil && ctx.Err() == nil {
		j.cfg.log.WarnContext(ctx, "the cluster does not say what has failed", "job", j.id, "error", err)
	}
	for _, f := range slices.Backward(all) {
		if f.Timestamp <= j.warned {
			continue
		}
		j.warned = f.Timestamp
		e := j.failed(j.state, f.first())
		j.cfg.log.WarnContext(ctx, "a task has failed", "job", j.id, "task", e.Task, "host", e.Host, "cause", e.Cause)
	}
}

// result is what Run returns when the job is over.
func (j *job) result(ctx context.Context) error {
	if j.state == "FINISHED" {
		return nil
	}
	all, err := j.failures(ctx)
	if err != nil || len(all) == 0 || j.state != "FAILED" {
		return errors.Join(&JobError{Job: j.id, State: j.state}, err)
	}
	return j.failed(j.state, all[0].first())
}
