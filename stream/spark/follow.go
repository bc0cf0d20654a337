package spark

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/stream/internal/shim"
)

// A Job is how a job stands.
type Job struct {
	ID     string // of the application
	State  string // "RUNNING"; "COMMITTING", when all tasks have ended; "FINISHED" or "FAILED"
	Stages []Stage
}

// A Stage is a chain of operators, each instance of which is a task, as far as Spark has begun it.
type Stage struct {
	Name                  string // of all operators of the chain, as Spark's page shows it
	Tasks                 int
	Active, Ended, Failed int // attempts that are at work, instances that are done, attempts that have failed
}

// text is a word of what the driver says.
func text(word string) string {
	b, err := base64.StdEncoding.DecodeString(word)
	if err != nil {
		return ""
	}
	return string(b)
}

// hear takes in a line of the driver's.
func (j *job) hear(ctx context.Context, words []string) {
	word := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(word(i)) // 0 for what is none
		return n
	}
	switch word(0) {
	case "application":
		j.now.ID, j.now.State = text(word(1)), "RUNNING"
		j.cfg.log.InfoContext(ctx, "the job has been submitted", "pipeline", j.plan.Name, "application", j.now.ID, "version", text(word(2)))
	case "stage":
		j.begins(number(1), text(word(2)), number(3))
	case "tasks":
		if s := j.stage(number(1)); s != nil {
			s.Active, s.Ended, s.Failed = number(2), number(3), number(4)
		}
	case "lost":
		name := ""
		if s := j.stage(number(1)); s != nil {
			s.Failed++
			name = fmt.Sprintf("%s (%d/%d)", s.Name, number(2)+1, s.Tasks)
		}
		j.cfg.log.WarnContext(ctx, "a task has failed", "application", j.now.ID, "task", name, "host", text(word(3)), "cause", shim.Cause(text(word(4))))
	case "looked":
		j.show()
	case "commits":
		for i := range j.now.Stages {
			s := &j.now.Stages[i]
			s.Active, s.Ended = 0, s.Tasks
		}
		j.now.State, j.commits = "COMMITTING", true
		j.show()
	case "left":
		j.cfg.log.WarnContext(ctx, "what attempts have left that do not count is still there", "application", j.now.ID, "cause", text(word(1)))
	case "failed":
		j.now.State, j.failure = "FAILED", text(word(1))
		j.show()
	case "finished":
		j.now.State = "FINISHED"
		j.show()
	}
}

// begins notes a stage, or that one begins again.
func (j *job) begins(id int, name string, tasks int) {
	if s := j.stage(id); s != nil {
		return
	}
	j.stages[id] = len(j.now.Stages)
	j.now.Stages = append(j.now.Stages, Stage{Name: name, Tasks: tasks})
}

// stage returns the stage of one of Spark's numbers, or nil.
func (j *job) stage(id int) *Stage {
	at, ok := j.stages[id]
	if !ok {
		return nil
	}
	return &j.now.Stages[at]
}

func (j *job) show() {
	if j.cfg.progress != nil {
		now := j.now
		now.Stages = slices.Clone(now.Stages)
		j.cfg.progress(now)
	}
}

// result is what Run returns. Err is how spark-submit has ended, and printed what it has said last.
func (j *job) result(ctx context.Context, err error, printed string) error {
	switch {
	case j.now.State == "FINISHED":
		return nil
	case ctx.Err() != nil && !j.commits:
		return stopped(ctx)
	case j.failure != "":
		return j.failed(j.failure)
	}
	if err == nil {
		err = errors.New("it has ended without a word")
	}
	e := fmt.Errorf("spark: spark-submit: %w", err)
	if j.commits {
		e = fmt.Errorf("%w while results were committed: those of some sinks may be there", e)
	}
	if printed = strings.TrimSpace(printed); printed != "" {
		e = fmt.Errorf("%w, and has printed last\n%s", e, printed)
	}
	return e
}
