package flink

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/json/v2"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/freshet-go/freshet/internal/door"
)

// describe returns the job as the Java side reads it, and the file of the program.
func (j *job) describe() (text, program string, err error) {
	var b strings.Builder
	line := func(words ...any) { b.WriteString(strings.TrimSuffix(fmt.Sprintln(words...), "\n") + "\n") }
	plan, err := json.Marshal(j.plan)
	if err != nil {
		return "", "", err
	}
	program, system, processor, err := j.cfg.platform()
	if err != nil {
		return "", "", err
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	line("name", encoded(j.plan.Name))
	line("plan", encoded(string(plan)))
	if j.plan.Checkpoints {
		line("saves")
	}
	line("platform", system, processor)
	line("folder", encoded(folder))
	arguments := j.cfg.arguments
	if arguments == nil {
		arguments = os.Args[1:]
	}
	for _, a := range arguments {
		line("argument", encoded(a))
	}
	for _, e := range j.cfg.environment {
		line("environment", encoded(e[0]), encoded(e[1]))
	}
	for _, s := range j.plan.Stages {
		keyed := "plain"
		if s.Keyed {
			keyed = "keyed"
		}
		line("stage", s.ID, s.Kind, s.Instances, keyed, encoded(s.Name), encoded(shown(s)))
		for _, p := range s.Partitions {
			part, err := json.Marshal(p)
			if err != nil {
				return "", "", err
			}
			line("partition", s.ID, p.Instance, encoded(string(part)))
		}
	}
	for id, e := range j.plan.Edges {
		line("edge", id, e.From, e.To)
	}
	return b.String(), program, nil
}

// shown is what Flink's page calls a stage.
func shown(s door.Stage) string {
	const most = 200 // Flink makes names of metrics of it
	text := strings.Join(s.Operators, ", ")
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	return text
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// platform returns the file of the program that workers run, and what it was built for.
func (c *config) platform() (file, system, processor string, err error) {
	if c.program == "" {
		file, err = os.Executable()
		return file, runtime.GOOS, runtime.GOARCH, err
	}
	info, err := buildinfo.ReadFile(c.program)
	if err != nil {
		return "", "", "", fmt.Errorf("of option Program: %w", err)
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "GOOS":
			system = s.Value
		case "GOARCH":
			processor = s.Value
		}
	}
	if system == "" || processor == "" {
		return "", "", "", fmt.Errorf("of option Program: %s does not say which platform it was built for", c.program)
	}
	return c.program, system, processor, nil
}
