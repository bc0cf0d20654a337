package oracles_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// A transcript is a document of Beam's trigger_transcripts.yaml: how a stream
// is windowed, what is done to it, and what has to come out each time. Times
// are whole numbers, and an event's value is its time.
type transcript struct {
	Name      string   `yaml:"name"`
	Error     string   `yaml:"error"` // how the harness has to find it wrong
	WindowFn  string   `yaml:"window_fn"`
	Misspelt  string   `yaml:"windowfn"` // in one document, which Beam runs without
	TriggerFn string   `yaml:"trigger_fn"`
	Mode      string   `yaml:"accumulation_mode"`
	Combiner  string   `yaml:"timestamp_combiner"`
	Lateness  int64    `yaml:"allowed_lateness"`
	BrokenOn  []string `yaml:"broken_on"` // runners of Beam that fail it: of no concern here
	Steps     []action `yaml:"transcript"`
}

// An action is one line of a transcript: one of its fields is set.
type action struct {
	Input     []int64        `yaml:"input"`
	Watermark *int64         `yaml:"watermark"`
	Expect    []expectedPane `yaml:"expect"`
	State     *expectedState `yaml:"state"`
}

// An expectedPane says something about a pane: what is nil may be anything.
// Windows are closed intervals.
type expectedPane struct {
	Window         *[2]int64 `yaml:"window,flow"`
	Values         *[]int64  `yaml:"values,flow"`
	Timestamp      *int64    `yaml:"timestamp"`
	Early          *bool     `yaml:"early"`
	Late           *bool     `yaml:"late"`
	Final          *bool     `yaml:"final"`
	Index          *int      `yaml:"index"`
	Nonspeculative *int      `yaml:"nonspeculative_index"` // among those that are not early
}

// An expectedState says which windows are held, which are not, and of which
// nothing is held but that they are over.
type expectedState struct {
	Present   [][2]int64 `yaml:"present"`
	Absent    [][2]int64 `yaml:"absent"`
	Tombstone [][2]int64 `yaml:"tombstone"`
}

// String gives what is expected in one line.
func (e expectedPane) String() string {
	var parts []string
	add := func(name string, value any) { parts = append(parts, fmt.Sprintf("%s %v", name, value)) }
	if e.Window != nil {
		add("window", *e.Window)
	}
	if e.Values != nil {
		add("values", *e.Values)
	}
	if e.Timestamp != nil {
		add("timestamp", *e.Timestamp)
	}
	if e.Early != nil {
		add("early", *e.Early)
	}
	if e.Late != nil {
		add("late", *e.Late)
	}
	if e.Final != nil {
		add("final", *e.Final)
	}
	if e.Index != nil {
		add("index", *e.Index)
	}
	if e.Nonspeculative != nil {
		add("nonspeculative index", *e.Nonspeculative)
	}
	return strings.Join(parts, ", ")
}

// readTranscripts reads all documents of a file. A field that is not known is
// an error: nothing is skipped for not being understood. One line has no blank
// behind a colon, as YAML 1.1 allowed before a bracket: it is put in.
func readTranscripts(t *testing.T, path string) (all []transcript) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	documents := yaml.NewDecoder(strings.NewReader(strings.ReplaceAll(string(text), ":[", ": [")))
	documents.KnownFields(true)
	for {
		var doc transcript
		err := documents.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, doc)
	}
}

// plays reports whether the action does something, and not only expects it.
func (a action) plays() bool { return a.Input != nil || a.Watermark != nil }

// String names the action as Beam's harness does.
func (a action) String() string {
	switch {
	case a.Input != nil:
		return fmt.Sprintf("input %v", a.Input)
	case a.Watermark != nil:
		return fmt.Sprintf("watermark %d", *a.Watermark)
	case a.Expect != nil:
		return "expect"
	case a.State != nil:
		return "state"
	}
	return "nothing"
}
