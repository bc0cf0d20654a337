package flink

import (
	"fmt"
	"strings"

	"github.com/freshet-go/freshet/internal/door"
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
		before, now := strings.Contains(found.Trace, theWorker) && found.Task != "", strings.Contains(o.Trace, theWorker)
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
	e := &JobError{Job: j.id, State: state, Task: task, Host: f.Endpoint, Cause: causes(f.Trace)}
	if s := stageOf(j.plan, task); s != nil {
		e.Operator = s.Name
	}
	return e
}

// stageOf returns the stage that a task is of. Flink puts "Source: " in front of names and numbers behind them.
func stageOf(plan *door.Plan, task string) (found *door.Stage) {
	for i := range plan.Stages {
		s := &plan.Stages[i]
		if strings.Contains(task, shown(*s)) && (found == nil || len(shown(*s)) > len(shown(*found))) {
			found = s
		}
	}
	return found
}

// theWorker is what a worker's last words stand behind.
const theWorker = "org.freshet.WorkerException: "

// causes returns what a trace of Java's comes down to: a worker's last words if there are any, and else what the innermost cause says.
func causes(trace string) string {
	if at := strings.LastIndex(trace, theWorker); at >= 0 {
		return message(trace[at+len(theWorker):])
	}
	const inner = "\nCaused by: "
	if at := strings.LastIndex(trace, inner); at >= 0 {
		trace = trace[at+len(inner):]
	}
	return message(trace)
}

// message is a trace up to the first line of code.
func message(trace string) string {
	for _, end := range []string{"\n\tat ", "\n\t... ", "\nCaused by: "} {
		trace, _, _ = strings.Cut(trace, end)
	}
	return strings.TrimSpace(trace)
}
