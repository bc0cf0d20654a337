package flink

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// looked is how long a job is looked for that the cluster does not know: one that may have been submitted, or one that a JobManager may find
// again that has been started again.
const looked = 5 * time.Second

// unanswered finds out what has become of a submission that has failed with err, which may be the answer's failure alone. It returns nil if
// the job is there. Where ctx has ended it cancels the job, but for [Leave].
func (j *job) unanswered(ctx context.Context, err error) error {
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), j.cfg.patience)
	defer cancel()
	var said error // what the cluster has said last
	parted := func() bool { return ctx.Err() != nil && j.cfg.end != leaves }
	for {
		ask := func() error { return j.api.call(after, http.MethodGet, "/jobs/"+j.id, nil, nil) }
		if parted() {
			ask = func() error { return j.api.cancel(after, j.id) }
		}
		last := ask()
		switch {
		case last == nil && parted():
			return fmt.Errorf("job %s has been cancelled: %w", j.id, err)
		case last == nil:
			j.cfg.log.WarnContext(ctx, "the job is there, though its submission was not answered", "job", j.id, "error", err)
			return nil
		case after.Err() == nil:
			said = last // and not that nobody waits for an answer any more
		}
		if pause(after, often) == nil {
			continue
		}
		if hasStatus(said, http.StatusNotFound) {
			return fmt.Errorf("job %s is not there: %w", j.id, err)
		}
		return fmt.Errorf("job %s may be running: %w", j.id, err)
	}
}
