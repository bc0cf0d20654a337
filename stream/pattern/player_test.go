package pattern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// A player runs the automaton of a pattern over the events of one key without a stream.
type player struct {
	m        *matcher[int, ev]
	h        *held[ev]
	now      stream.Time
	matches  []string // without their times
	timed    []string // with them
	timeouts []string
}

func newPlayer(p Pattern[ev]) *player {
	x := &player{m: &matcher[int, ev]{a: compile(p)}, h: new(held[ev])}
	x.m.asking.p, x.m.asking.soFar.steps = &p, x.m.a.steps
	x.m.step.a, x.m.step.c = x.m.a, &x.m.asking
	return x
}

func (x *player) give(d done) {
	text := sayMatched(x.m.matched(0, x.h, d.Last))
	x.matches = append(x.matches, text)
	x.timed = append(x.timed, fmt.Sprint(text, " at ", x.now.Std().UnixMilli()))
}

func (x *player) lose(d done) {
	x.timeouts = append(x.timeouts, fmt.Sprint(sayMatched(x.m.matched(0, x.h, d.Last)), " at ", x.now.Std().UnixMilli()))
}

// sayMatched returns what has matched as brute.say does.
func sayMatched(m Matched[int, ev]) string {
	var parts []string
	for _, g := range m.Groups {
		part := g.Step + ":"
		for _, v := range g.Events {
			part += fmt.Sprint(" ", v.ID)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// expire has all partial matches time out whose time has passed at now, each when it has.
func (x *player) expire(now stream.Time) {
	b := &x.h.Buffer
	for x.m.a.within > 0 && len(b.Runs) > 0 && b.Runs[0].From.Add(x.m.a.within) <= now {
		x.now = b.Runs[0].From.Add(x.m.a.within)
		x.m.a.expire(b, x.now, x.lose, x.give)
		x.h.tidy(&x.m.sweep)
	}
	x.now = now
}

func (x *player) event(v ev) {
	x.expire(at(v.At))
	x.m.asking.about(x.h, v)
	took, err := x.m.tried(x.h, at(v.At))
	if err != nil {
		panic(err)
	}
	if took {
		x.h.Values = append(x.h.Values, v)
	}
	x.m.step.commit(x.give)
	x.h.tidy(&x.m.sweep)
}

func (x *player) end() {
	x.expire(maxTime)
	x.m.a.end(&x.h.Buffer, x.give)
}

// agree compares the automaton with the definition.
func agree(t *testing.T, s spec, events []ev) (matches, timeouts int) {
	t.Helper()
	want := s.brute(events)
	x := newPlayer(s.pattern())
	for _, v := range events {
		x.event(v)
	}
	x.end()
	about := fmt.Sprintf("%v over %v", s.pattern(), events)
	if s.Skip != "" {
		slices.Sort(x.matches)
		require.Equal(t, want.texts(want.skipped(s), false), append([]string{}, x.matches...), about)
		return len(x.matches), 0
	}
	slices.Sort(x.timed)
	slices.Sort(x.timeouts)
	require.Equal(t, want.texts(want.matches, true), append([]string{}, x.timed...), about)
	require.Equal(t, want.texts(want.timeouts, true), append([]string{}, x.timeouts...), "timed out: %s", about)
	return len(x.timed), len(x.timeouts)
}

// small reports whether a case is small enough for the definition.
func small(s spec, events []ev) bool { return len(events) <= 10 && s.valid() }

func TestAutomatonIsTheDefinition(t *testing.T) {
	cases, matches, timeouts, bySkip := 0, 0, 0, map[string]int{}
	for seed := range uint64(20_000) {
		rng := rand.New(rand.NewPCG(seed, 21))
		s, events := randomSpec(rng), randomEvents(rng, rng.IntN(10))
		if !small(s, events) {
			continue
		}
		m, l := agree(t, s, events)
		cases, matches, timeouts = cases+1, matches+m, timeouts+l
		bySkip[s.Skip] += m
	}
	require.Greater(t, cases, 4000)
	require.Greater(t, matches, 4000)
	require.Greater(t, timeouts, 4000)
	for _, skip := range skips {
		require.Greater(t, bySkip[skip], 300, skip)
	}
	t.Logf("%d patterns, %d matches, %d timed out, by skip %v", cases, matches, timeouts, bySkip)
}

func FuzzAutomatonIsTheDefinition(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed, seed+1)
	}
	f.Add(uint64(0), ^uint64(0))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		rng := rand.New(rand.NewPCG(a, b))
		if s, events := randomSpec(rng), randomEvents(rng, rng.IntN(11)); small(s, events) {
			agree(t, s, events)
		}
	})
}

// Of two matches that begin with one event the one goes first that was complete first, also where a match that began before has held it
// back until the other was complete. Flink CEP leaves it to a heap, by which s1: 7 is left out here.
func TestCompleteFirstGoesFirst(t *testing.T) {
	s := spec{Skip: "toLast", SkipTo: "s1", Elements: []element{
		{Op: "begin", Name: "s0", Kinds: "d", Min: 1, Max: 1, Optional: true},
		{Op: "next", Name: "s1", Kinds: "bd", Min: 1, Max: 1},
		{Op: "next", Name: "s2", Kinds: "d", Min: 2, Optional: true, Inner: "consecutive"},
	}}
	events := []ev{{ID: 5, Kind: "b", At: 0}, {ID: 6, Kind: "d", At: 1}, {ID: 7, Kind: "d", At: 4}, {ID: 9, Kind: "b", At: 8}}
	agree(t, s, events)
	x := newPlayer(s.pattern())
	for _, v := range events {
		x.event(v)
	}
	require.Equal(t, []string{"s1: 5", "s1: 5; s2: 6 7", "s1: 6", "s0: 6; s1: 7", "s1: 7", "s0: 7; s1: 9", "s1: 9"}, x.matches)
}
