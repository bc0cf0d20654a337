package pattern

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
)

// A flinkCase is a pattern and events for Cep.java.
type flinkCase struct {
	Spec   spec `json:"spec"`
	Events []ev `json:"events"`
}

type flinkAnswer struct {
	Matches  []string `json:"matches"`
	Timeouts []string `json:"timeouts"`
	Error    string   `json:"error"`
}

// TestFlink compares what matches and what times out with what the automaton of Flink CEP 2.3.0 gives for random
// patterns. Those in which it is known to differ are not asked for: see departs.
func TestFlink(t *testing.T) {
	folder := servertest.Java(t, "stream/pattern/testdata/java")
	var cases []flinkCase
	departing, ambiguous := map[string]int{}, 0
	for seed := uint64(0); len(cases) < 6000; seed++ {
		rng := rand.New(rand.NewPCG(seed, 2016))
		s, n := randomSpec(rng), 14
		if s.Skip != "" {
			n = 10
		}
		events := randomEvents(rng, 2+rng.IntN(n-1))
		if !s.valid() {
			continue
		}
		if why := s.departs(); why != "" {
			departing[why]++
			continue
		}
		if s.excused(events) {
			departing["an event that a not forbids, and that the last step takes"]++
			continue
		}
		if s.Skip != "" && s.ambiguous(events) {
			ambiguous++
			continue
		}
		cases = append(cases, flinkCase{s, events})
	}
	answers := askFlink(t, folder, cases)
	matches, timeouts, refused := 0, 0, map[string]int{}
	for i, c := range cases {
		want := answers[i]
		if want.Error != "" {
			refused[want.Error]++
			continue
		}
		x := newPlayer(c.Spec.pattern())
		for _, v := range c.Events {
			x.event(v)
		}
		if c.Spec.Within > 0 { // Flink gives nothing of what it holds back at the end of a stream
			x.expire(maxTime)
		}
		about := fmt.Sprintf("case %d: %v over %v", i, c.Spec.pattern(), c.Events)
		assert.Equal(t, sorted(want.Matches), sorted(x.matches), about)
		// A partial match that it has in several states times out once for each of them there.
		assert.Equal(t, slices.Compact(sorted(want.Timeouts)), sorted(x.timeouts), "timed out: %s", about)
		matches, timeouts = matches+len(x.matches), timeouts+len(x.timeouts)
	}
	t.Logf("%d cases, %d matches, %d timed out; not asked: %v, and %d in which the order of two matches is not said", len(cases), matches, timeouts, departing, ambiguous)
	require.Empty(t, refused)
	require.Greater(t, matches, 5000)
	require.Greater(t, timeouts, 5000)
}

func sorted(texts []string) []string {
	texts = append([]string{}, texts...)
	slices.Sort(texts)
	return texts
}

func askFlink(t *testing.T, folder string, cases []flinkCase) (answers []flinkAnswer) {
	t.Helper()
	classpath, err := os.ReadFile(filepath.Join(folder, "classpath"))
	require.NoError(t, err)
	var in bytes.Buffer
	for _, c := range cases {
		line, err := json.Marshal(c)
		require.NoError(t, err)
		in.Write(append(line, '\n'))
	}
	cmd := exec.CommandContext(t.Context(), "java", "-XX:+UseSerialGC", "-Xmx512m", "-cp", folder+":"+strings.TrimSpace(string(classpath)), "Cep")
	cmd.Stdin = &in
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, errs.String())
	for line := range bytes.Lines(out) {
		var a flinkAnswer
		require.NoError(t, json.Unmarshal(line, &a))
		answers = append(answers, a)
	}
	require.Len(t, answers, len(cases), errs.String())
	return answers
}

// departs says in what Flink's automaton does otherwise, or "". Most of these have a reason in its states: a
// partial match that could go on in several ways is one state until an event has come that it passes over, and
// several then; what ends one way ends all as long as they are one state.
func (s spec) departs() string {
	for i, e := range s.Elements {
		next := element{Op: "end"}
		if i+1 < len(s.Elements) {
			next = s.Elements[i+1]
		}
		switch ranges := e.Max != 1 && e.Min != e.Max; {
		case e.Greedy && next.Optional:
			return "Greedy in front of an optional step, which Flink refuses"
		case e.not() && next.not():
			return "two nots in a row"
		case e.not() && !next.not() && next.Op != "end" && next.Max > next.Min:
			return "a not in front of a number of times from one to another"
		case e.not() && next.Optional && next.Greedy:
			return "a not in front of an optional greedy step"
		case e.not():
		case next.not() && e.Optional:
			return "a not behind an optional step"
		case next.not() && e.Max > e.Min:
			return "a not behind a number of times from one to another"
		case next.Op == "notNext" && ranges:
			return "NotNext behind a loop"
		case next.Op == "notFollowedBy" && i+2 == len(s.Elements) && ranges:
			return "NotFollowedBy at the end behind a loop"
		case e.insists() && (next.Optional || e.Until != "" || next.Op == "notNext"):
			return "Greedy in front of an optional step or NotNext, or with Until"
		}
	}
	return ""
}

// excused reports whether an event meets a not and a step behind it with which a match may be complete: Flink has the match
// then, and where the match is not complete it has none.
func (s spec) excused(events []ev) bool {
	for i, e := range s.Elements {
		if !e.not() {
			continue
		}
		for j := i + 1; j < len(s.Elements); j++ {
			step := s.Elements[j]
			last := !slices.ContainsFunc(s.Elements[j+1:], func(rest element) bool { return !rest.Optional })
			if last && slices.ContainsFunc(events, func(v ev) bool { return strings.Contains(e.Kinds, v.Kind) && strings.Contains(step.Kinds, v.Kind) }) {
				return true
			}
			if !step.Optional {
				break
			}
		}
	}
	return false
}

// ambiguous reports whether two matches that begin at one time wait side by side when one of them is given, be it that they are complete
// with one event, or that the earlier one was held back until the other was complete: which of them goes first, and may leave out the
// other, is left to the order of a heap by Flink.
func (s spec) ambiguous(events []ev) bool {
	b := s.brute(events)
	x := newPlayer(s.pattern())
	given := map[string]int{} // by which event
	for i := 0; i <= len(events); i++ {
		before := len(x.matches)
		if i < len(events) {
			x.event(events[i])
		} else {
			x.expire(maxTime)
		}
		for _, m := range x.matches[before:] {
			given[m] = i
		}
	}
	for i, m := range b.matches {
		by, is := given[b.say(m.path)]
		for j, other := range b.matches {
			if i == j || events[m.path[0].event].At != events[other.path[0].event].At {
				continue
			}
			if m.by == other.by || is && other.by <= by {
				return true
			}
		}
	}
	return false
}
