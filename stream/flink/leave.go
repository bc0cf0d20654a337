package flink

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
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
	var err error
	if j.cfg.end == saves {
		err = j.savepoint(after)
	} else {
		err = j.api.cancel(after, j.id)
	}
	if err != nil {
		if e := j.look(after); e == nil && slices.Contains(over, j.state) { // it was over before
			return j.result(after)
		}
		return errors.Join(why, fmt.Errorf("flink: job %s goes on: %w", j.id, err))
	}
	for !slices.Contains(over, j.state) {
		if err := j.look(after); err != nil {
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

// savepoint has the job stopped with a savepoint, and waits for it.
func (j *job) savepoint(ctx context.Context) error {
	var asked struct {
		ID string `json:"request-id"`
	}
	body := struct {
		Directory string `json:"targetDirectory,omitzero"`
		Drain     bool   `json:"drain"`
	}{Directory: j.cfg.savepoints}
	err := j.api.call(ctx, http.MethodPost, "/jobs/"+j.id+"/stop", body, &asked)
	for err == nil {
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
		err = j.api.call(ctx, http.MethodGet, "/jobs/"+j.id+"/savepoints/"+asked.ID, nil, &x)
		switch {
		case err != nil:
		case x.Status.ID != "COMPLETED":
			err = pause(ctx, often)
		case x.Operation.Location == "":
			return fmt.Errorf("there is no savepoint: %s", causes(x.Operation.Failure.Trace))
		default:
			j.cfg.log.InfoContext(ctx, "the job has been stopped", "job", j.id, "savepoint", x.Operation.Location)
			if j.cfg.saved != nil {
				j.cfg.saved(x.Operation.Location)
			}
			return nil
		}
	}
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
