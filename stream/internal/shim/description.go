package shim

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

// A Job is what the Java side has to know.
type Job struct {
	Plan        *door.Plan
	Run         string      // what the program calls: "flink.Run"
	Program     string      // the file of the program that workers run; "" for the one that is running
	Arguments   []string    // that they are started with; nil for those of this process
	Environment [][2]string // variables for them, and their values
}

// Describe returns a job as the Java side reads it, lines of words, and the file of the program.
func (j Job) Describe() (text, program string, err error) {
	var b strings.Builder
	line := func(words ...any) { b.WriteString(strings.TrimSuffix(fmt.Sprintln(words...), "\n") + "\n") }
	plan, err := json.Marshal(j.Plan)
	if err != nil {
		return "", "", err
	}
	program, system, processor, err := platform(j.Program)
	if err != nil {
		return "", "", err
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	line("name", encoded(j.Plan.Name))
	line("run", j.Run)
	line("plan", encoded(string(plan)))
	if j.Plan.Checkpoints {
		line("saves")
	}
	line("platform", system, processor)
	line("folder", encoded(folder))
	arguments := j.Arguments
	if arguments == nil {
		arguments = os.Args[1:]
	}
	for _, a := range arguments {
		line("argument", encoded(a))
	}
	for _, e := range j.Environment {
		line("environment", encoded(e[0]), encoded(e[1]))
	}
	for _, s := range j.Plan.Stages {
		keyed := "plain"
		if s.Keyed {
			keyed = "keyed"
		}
		line("stage", s.ID, s.Kind, s.Instances, keyed, encoded(s.Name), encoded(Shown(s)))
		for _, p := range s.Partitions {
			part, err := json.Marshal(p)
			if err != nil {
				return "", "", err
			}
			line("partition", s.ID, p.Instance, encoded(string(part)))
		}
	}
	for id, e := range j.Plan.Edges {
		line("edge", id, e.From, e.To)
	}
	return b.String(), program, nil
}

// Shown is what a stage is called on the cluster's page.
func Shown(s door.Stage) string {
	const most = 200 // Flink makes names of metrics of it
	text := strings.Join(s.Operators, ", ")
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	return text
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// platform returns the file of the program that workers run, and what it was built for.
func platform(program string) (file, system, processor string, err error) {
	if program == "" {
		file, err = os.Executable()
		return file, runtime.GOOS, runtime.GOARCH, err
	}
	info, err := buildinfo.ReadFile(program)
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
		return "", "", "", fmt.Errorf("of option Program: %s does not say which platform it was built for", program)
	}
	return program, system, processor, nil
}
