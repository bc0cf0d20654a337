package flink

import (
	"fmt"
	"strings"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/stream/internal/shim"
)

// A JobError is why a job has not finished.
type JobError struct {
	Job      string // Flink's id
	State    string // Flink's word: "FAILED", "CANCELED"
	Operator string // the first of the chain that failed; "" where Flink names none
	Task     string // as Flink calls it: "sums, rows (2/4)"
	Host     string // where it ran
	Cause    string // the last words of its worker, or what Flink says
}

func (e *JobError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "flink: job %s is %s", e.Job, e.State)
	if e.Task != "" {
		fmt.Fprintf(&b, ": task %s", e.Task)
	}
	if e.Host != "" {
		fmt.Fprintf(&b, " on %s", e.Host)
	}
	if e.Cause != "" {
		fmt.Fprintf(&b, ": %s", e.Cause)
	}
	return b.String()
}

// A failure is an entry of a job's history.
type failure struct {
	Timestamp int64  `json:"timestamp"`
	Task      string `json:"taskName"`
	Endpoint  string `json:"endpoint"`
	Trace     string `json:"stacktrace"`

	Others []failure `json:"concurrentExceptions"` // that stand behind it
}

// first returns what a failure has begun with: Flink puts its own decision in front of what a task has failed with, and
// where one worker is gone others lose their connections.
func (f failure) first() failure {
	found := f
	for _, o := range f.Others {
		before, now := strings.Contains(found.Trace, shim.OfWorker) && found.Task != "", strings.Contains(o.Trace, shim.OfWorker)
		if now && (!before || o.Timestamp < found.Timestamp) || !before && found.Task == "" && o.Task != "" {
			found = o
		}
	}
	found.Others = nil
	return found
}

// failed returns what a failure says.
func (j *job) failed(state string, f failure) *JobError {
	task, _, _ := strings.Cut(f.Task, " - execution #")
	e := &JobError{Job: j.id, State: state, Task: task, Host: f.Endpoint, Cause: shim.Cause(f.Trace)}
	if s := stageOf(j.plan, task); s != nil {
		e.Operator = s.Name
	}
	return e
}

// stageOf returns the stage that a task is of. Flink puts "Source: " in front of names and numbers behind them.
func stageOf(plan *door.Plan, task string) (found *door.Stage) {
	for i := range plan.Stages {
		s := &plan.Stages[i]
		if strings.Contains(task, shim.Shown(*s)) && (found == nil || len(shim.Shown(*s)) > len(shim.Shown(*found))) {
			found = s
		}
	}
	return found
}
