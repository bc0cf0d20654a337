package flinktest

import (
	"encoding/base64"
	"encoding/json/v2"
	"fmt"
	"strings"
	"time"

	"github.com/freshet-go/freshet/internal/door"
)

// A Job is what Flink is to run.
type Job struct {
	Plan        *door.Plan
	Binary      string            // the program that turns into a worker
	Environment map[string]string // of workers
	Every       time.Duration     // between checkpoints; 0 for none
}

// Text is the job as the Java side reads it. It returns an error for what that cannot run.
func (j Job) Text() (string, error) {
	var b strings.Builder
	line := func(words ...any) { b.WriteString(strings.TrimSuffix(fmt.Sprintln(words...), "\n") + "\n") }
	plan, err := json.Marshal(j.Plan)
	if err != nil {
		return "", err
	}
	line("binary", text(j.Binary))
	line("plan", text(string(plan)))
	line("every", j.Every.Milliseconds())
	for k, v := range j.Environment {
		line("environment", text(k), text(v))
	}
	for _, s := range j.Plan.Stages {
		switch {
		case s.Kind == door.Commit:
			return "", fmt.Errorf("flinktest: %s commits, and has to be opened before its writers are, which Flink does not promise", s.Operators[0])
		case s.Waits:
			return "", fmt.Errorf("flinktest: %s waits for the outside world, and each instance would", s.Name)
		}
		keyed := "plain"
		if s.Keyed {
			keyed = "keyed"
		}
		line("stage", s.ID, s.Kind, s.Instances, keyed, text(s.Name))
		for _, p := range s.Partitions {
			part, err := json.Marshal(p)
			if err != nil {
				return "", err
			}
			line("partition", s.ID, p.Instance, text(string(part)))
		}
	}
	for id, e := range j.Plan.Edges {
		line("edge", id, e.From, e.To)
	}
	return b.String(), nil
}

func text(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
