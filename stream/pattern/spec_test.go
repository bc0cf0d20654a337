package pattern

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// An ev is an event of these tests. Times are in milliseconds, as Flink's are.
type ev struct {
	ID   int    `json:"id"`
	Key  int    `json:"key"`
	Kind string `json:"kind"` // a letter
	N    int    `json:"n"`
	At   int64  `json:"at"`
}

func (e ev) key() int        { return e.Key }
func (e ev) time() time.Time { return time.UnixMilli(e.At) }

func at(ms int64) stream.Time { return stream.Time(ms * int64(time.Millisecond)) }

// A spec is a pattern as a value, for our own matcher, for that from the definition and for Flink.
type spec struct {
	Elements []element `json:"elements"`
	Within   int64     `json:"within"` // 0: none
	Skip     string    `json:"skip"`
	SkipTo   string    `json:"skipTo"`
}

// An element is a step or a not.
type element struct {
	Op       string `json:"op"` // begin, next, followedBy, followedByAny, notNext, notFollowedBy
	Name     string `json:"name"`
	Kinds    string `json:"kinds"` // the event's kind is among these letters
	Than     string `json:"than"`  // and its n at least that of the last event of this step, if that has one
	Min      int    `json:"min"`
	Max      int    `json:"max"` // 0: no most
	Optional bool   `json:"optional"`
	Greedy   bool   `json:"greedy"`
	Inner    string `json:"inner"` // consecutive, combinations
	Until    string `json:"until"` // letters
}

func (e element) not() bool        { return strings.HasPrefix(e.Op, "not") }
func (e element) loops() bool      { return e.Max == 0 }
func (e element) insists() bool    { return e.Greedy && e.Min != e.Max }
func (e element) closes(v ev) bool { return e.Until != "" && strings.Contains(e.Until, v.Kind) }
func kindOf(kinds string) func(ev) bool {
	return func(v ev) bool { return strings.Contains(kinds, v.Kind) }
}

// pattern builds the pattern of a spec.
func (s spec) pattern() Pattern[ev] {
	var p Pattern[ev]
	for _, e := range s.Elements {
		where := kindOf(e.Kinds)
		switch e.Op {
		case "begin":
			p = Begin(e.Name, where)
		case "next":
			p = p.Next(e.Name, where)
		case "followedBy":
			p = p.FollowedBy(e.Name, where)
		case "followedByAny":
			p = p.FollowedByAny(e.Name, where)
		case "notNext":
			p = p.NotNext(where)
		case "notFollowedBy":
			p = p.NotFollowedBy(where)
		}
		if than := e.Than; than != "" {
			p = p.Where(func(m *SoFar[ev], v ev) bool {
				last, ok := m.Last(than)
				return !ok || v.N >= last.N
			})
		}
		if e.not() {
			continue
		}
		switch {
		case e.Max == 0:
			p = p.TimesOrMore(e.Min)
		case e.Max > 1:
			p = p.TimesBetween(e.Min, e.Max)
		}
		switch e.Inner {
		case "consecutive":
			p = p.Consecutive()
		case "combinations":
			p = p.AllowCombinations()
		}
		if e.Greedy {
			p = p.Greedy()
		}
		if e.Optional {
			p = p.Optional()
		}
		if e.Until != "" {
			p = p.Until(kindOf(e.Until))
		}
	}
	if s.Within > 0 {
		p = p.Within(time.Duration(s.Within) * time.Millisecond)
	}
	switch s.Skip {
	case "toNext":
		p = p.Skip(SkipToNext())
	case "pastLast":
		p = p.Skip(SkipPastLast())
	case "toFirst":
		p = p.Skip(SkipToFirst(s.SkipTo))
	case "toLast":
		p = p.Skip(SkipToLast(s.SkipTo))
	}
	return p
}

// valid reports whether the spec is one that Match takes.
func (s spec) valid() (ok bool) {
	defer func() { ok = recover() == nil }()
	s.pattern().check()
	return true
}

var skips = []string{"", "toNext", "pastLast", "toFirst", "toLast"}

// randomSpec makes a spec, which may not be valid.
func randomSpec(rng *rand.Rand) spec {
	letters := func() string {
		s := ""
		for _, l := range "abcd" {
			if rng.IntN(3) == 0 {
				s += string(l)
			}
		}
		if s == "" {
			return string("abcd"[rng.IntN(4)])
		}
		return s
	}
	var s spec
	for i, n := 0, 1+rng.IntN(4); i < n; i++ {
		e := element{Op: []string{"next", "followedBy", "followedByAny"}[rng.IntN(3)], Name: fmt.Sprint("s", i), Kinds: letters(), Min: 1, Max: 1}
		if i == 0 {
			e.Op = "begin"
		}
		if i > 0 && rng.IntN(4) == 0 {
			e = element{Op: []string{"notNext", "notFollowedBy"}[rng.IntN(2)], Name: e.Name, Kinds: letters()}
		} else {
			switch rng.IntN(6) {
			case 0:
				e.Max = 0
			case 1:
				e.Min, e.Max = 2, 2
			case 2:
				e.Min = 1 + rng.IntN(2)
				e.Max = e.Min + 1
			case 3:
				e.Min, e.Max = 2, 0
			}
			if e.Max != 1 {
				e.Inner = []string{"", "", "consecutive", "combinations"}[rng.IntN(4)]
				e.Greedy = e.Inner != "combinations" && rng.IntN(3) == 0
			}
			if e.Max == 0 && rng.IntN(3) == 0 {
				e.Until = letters()
			}
			e.Optional = rng.IntN(4) == 0
		}
		if i > 0 && rng.IntN(5) == 0 {
			e.Than = "s0"
		}
		s.Elements = append(s.Elements, e)
	}
	if rng.IntN(3) > 0 {
		s.Within = int64(1 + rng.IntN(12))
	}
	if s.Skip = skips[rng.IntN(len(skips))]; s.Skip == "toFirst" || s.Skip == "toLast" {
		s.SkipTo = fmt.Sprint("s", rng.IntN(len(s.Elements)))
	}
	return s
}

// randomEvents makes events of one key, in the order of their times, with ties and times before 1970.
func randomEvents(rng *rand.Rand, n int) []ev {
	now := int64(rng.IntN(10) - 5)
	var all []ev
	for i := range n {
		all = append(all, ev{ID: i, Kind: string("abcd"[rng.IntN(4)]), N: rng.IntN(4), At: now})
		now += int64(rng.IntN(4))
	}
	return all
}
