package flink

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream/internal/shim"
)

// parting is how long a job may take to end when the context has.
const parting = 5 * time.Minute

// leave does with the job what is to be done when the context ends.
func (j *job) leave(ctx context.Context) error {
	why := stopped(ctx)
	if j.cfg.end == leaves {
		return why
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	ask := j.cancelled
	if j.cfg.end == saves {
		ask = j.savepoint
	}
	err := ask(after)
	if slices.Contains(over, j.state) && err != nil { // it was over before, or has not survived the savepoint
		if e := j.result(after); e != nil {
			return errors.Join(why, fmt.Errorf("flink: job %s: %w", j.id, err), e)
		}
		return nil
	}
	if err != nil {
		return errors.Join(why, fmt.Errorf("flink: job %s goes on: %w", j.id, err))
	}
	for heard := time.Now(); !slices.Contains(over, j.state); {
		if err := j.look(after); err == nil {
			heard = time.Now()
		} else if !j.bears(after, heard, err) {
			return errors.Join(why, fmt.Errorf("flink: job %s: %w", j.id, err))
		}
		if err := pause(after, often); err != nil {
			return errors.Join(why, fmt.Errorf("flink: job %s has not ended for %v: it is %s", j.id, parting, j.state))
		}
	}
	if j.state == "FAILED" {
		return errors.Join(why, j.result(after))
	}
	return why
}

// cancelled has the job cancelled.
func (j *job) cancelled(ctx context.Context) error {
	return j.insist(ctx, func() error { return j.api.cancel(ctx, j.id) })
}

// insist calls ask until it succeeds, the job is over, or the cluster was silent for long.
func (j *job) insist(ctx context.Context, ask func() error) error {
	for heard := time.Now(); ; {
		err := ask()
		if err == nil {
			return nil
		}
		if j.look(ctx) == nil {
			if slices.Contains(over, j.state) || refusing(err) {
				return err
			}
			heard = time.Now()
		}
		if !j.bears(ctx, heard, err) {
			return err
		}
		if e := pause(ctx, often); e != nil {
			return err
		}
	}
}

// settling is how long a savepoint waits for tasks that are being started: Flink makes none while one of them does not run.
const settling = time.Minute

// settled returns when all tasks run, or have done so for too long not; and when the job is over, or not heard of any more: what is asked for then says so.
func (j *job) settled(ctx context.Context) {
	begun := time.Now()
	for said, heard := false, begun; time.Since(begun) < settling; {
		if err := j.look(ctx); err == nil {
			if heard = time.Now(); !j.starting || slices.Contains(over, j.state) {
				return
			}
			if !said {
				said = true
				j.cfg.log.InfoContext(ctx, "the savepoint waits for tasks that are being started", "job", j.id, "most", settling)
			}
		} else if !j.bears(ctx, heard, err) {
			return
		}
		if pause(ctx, often) != nil {
			return
		}
	}
}

// savepoint has the job stopped with a savepoint, and waits for it. Where there is none it sees what the job comes to.
func (j *job) savepoint(ctx context.Context) error {
	body := struct {
		Directory string `json:"targetDirectory,omitzero"`
		Drain     bool   `json:"drain"`
		Trigger   string `json:"triggerId"` // two requests of one are one
	}{j.cfg.savepoints, false, newID()}
	j.settled(ctx)
	err := j.insist(ctx, func() error {
		return j.api.call(ctx, http.MethodPost, "/jobs/"+j.id+"/stop", body, nil)
	})
	if err != nil {
		return err
	}
	var x struct {
		Status struct {
			ID string `json:"id"`
		} `json:"status"`
		Operation struct {
			Location string `json:"location"`
			Failure  struct {
				Trace string `json:"stack-trace"`
			} `json:"failure-cause"`
		} `json:"operation"`
	}
	for x.Status.ID != "COMPLETED" {
		err := j.insist(ctx, func() error {
			return j.api.call(ctx, http.MethodGet, "/jobs/"+j.id+"/savepoints/"+body.Trigger, nil, &x)
		})
		if err == nil && x.Status.ID != "COMPLETED" {
			err = pause(ctx, often)
		}
		if err != nil {
			return err
		}
	}
	at := x.Operation.Location
	if at != "" {
		j.cfg.log.InfoContext(ctx, "the job has been stopped", "job", j.id, "savepoint", at)
	} else if at = createdAt(x.Operation.Failure.Trace); at != "" {
		j.cfg.log.WarnContext(ctx, "there is a savepoint, and the job has not stopped in order", "job", j.id, "savepoint", at)
	}
	if at != "" && j.cfg.saved != nil {
		j.cfg.saved(at)
	}
	if x.Operation.Location != "" {
		return nil
	}
	err = fmt.Errorf("there is no savepoint: %s", shim.Cause(x.Operation.Failure.Trace))
	if at != "" {
		err = fmt.Errorf("there is a savepoint at %s, and the job has not stopped in order: %s", at, shim.Cause(x.Operation.Failure.Trace))
	}
	for end := time.Now().Add(j.cfg.patience); time.Now().Before(end) && !slices.Contains(over, j.state); {
		_ = j.look(ctx) // what is known is the state before
		if pause(ctx, often) != nil {
			break
		}
	}
	return err
}

// createdAt returns the path of a savepoint that Flink says it has made, of a job that failed when it was to stop after that.
func createdAt(trace string) string {
	_, after, _ := strings.Cut(trace, "savepoint has been created at: ")
	after, _, _ = strings.Cut(after, "\n")
	path, _, _ := strings.Cut(after, ", but ")
	return strings.TrimSpace(path)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
