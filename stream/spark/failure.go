package spark

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/stream/internal/shim"
)

// A JobError is why a job has not finished. Nothing of it has been committed, unless Committing is set.
type JobError struct {
	Application string // Spark's id
	Operator    string // the first of the chain that failed; "" where Spark names none
	Task        string // the chain and the instance: "sums, rows (2/4)"
	Host        string // where it ran
	Committing  bool   // it failed when tasks had ended and sinks were committing: results of some may be there
	Cause       string // the last words of its worker, or what Spark says
}

func (e *JobError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "spark: application %s has failed", e.Application)
	if e.Committing {
		b.WriteString(" while results were committed, of which some may be there")
	}
	if e.Task != "" {
		fmt.Fprintf(&b, ": task %s", e.Task)
	}
	if e.Host != "" {
		fmt.Fprintf(&b, " on %s", e.Host)
	}
	fmt.Fprintf(&b, ": %s", e.Cause)
	return b.String()
}

// lostTask is how Spark names the task that it has given up.
var lostTask = regexp.MustCompile(`Lost task (\d+)\.\d+ in stage (\d+)\.\d+ \(TID \d+\) \((\S+)`)

// failed returns what the driver has failed with.
func (j *job) failed(trace string) *JobError {
	e := &JobError{Application: j.now.ID, Cause: shim.Cause(trace), Committing: j.commits}
	m := lostTask.FindStringSubmatch(trace)
	if m == nil {
		return e
	}
	index, _ := strconv.Atoi(m[1]) // digits
	id, _ := strconv.Atoi(m[2])
	e.Host = m[3]
	s := j.stage(id)
	if s == nil {
		return e
	}
	e.Task = fmt.Sprintf("%s (%d/%d)", s.Name, index+1, s.Tasks)
	for _, known := range j.plan.Stages {
		if shim.Shown(known) == s.Name {
			e.Operator = known.Name
		}
	}
	return e
}
