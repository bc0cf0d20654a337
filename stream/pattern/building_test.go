package pattern

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A pattern that means nothing panics where it is written, and says why.
func TestPatternsThatAreNone(t *testing.T) {
	a, b := kindOf("a"), kindOf("b")
	begin := Begin("a", a)
	match := func(p Pattern[ev], opts ...stream.Option) func() {
		return func() {
			Match(stream.New("none").From(source.Slice([]ev{})).EventTime(ev.time).KeyBy(ev.key), p, opts...)
		}
	}
	var side stream.Side[Matched[int, ev]]
	var other stream.Side[Matched[string, ev]]
	for want, f := range map[string]func(){
		"pattern: Begin: the function is nil":                                                               func() { Begin[ev]("a", nil) },
		"pattern: Begin: the name of a step is empty":                                                       func() { Begin("", a) },
		"pattern: Next: the function is nil":                                                                func() { begin.Next("b", nil) },
		"pattern: NotNext: the function is nil":                                                             func() { begin.NotNext(nil) },
		"pattern: Where: the function is nil":                                                               func() { begin.Where(nil) },
		"pattern: Until: the function is nil":                                                               func() { begin.OneOrMore().Until(nil) },
		`pattern: two steps are named "a"`:                                                                  func() { begin.FollowedBy("a", b) },
		"pattern: Next of a Pattern that Begin has not made":                                                func() { Pattern[ev]{}.Next("b", b) },
		"pattern: Match of a Pattern that Begin has not made":                                               match(Pattern[ev]{}),
		"pattern: Times(0): not positive: see Optional for none":                                            func() { begin.Times(0) },
		"pattern: TimesBetween(3, 2): the most is less than the least":                                      func() { begin.TimesBetween(3, 2) },
		`pattern: Times: it is said twice how many events "a" takes`:                                        func() { begin.OneOrMore().Times(2) },
		`pattern: Greedy of "a", which takes one event: say first how many`:                                 func() { begin.Greedy() },
		"pattern: Greedy with AllowCombinations":                                                            func() { begin.OneOrMore().AllowCombinations().Greedy() },
		"pattern: AllowCombinations of a step that is Greedy":                                               func() { begin.OneOrMore().Greedy().AllowCombinations() },
		`pattern: Until of "a", which is not OneOrMore or TimesOrMore`:                                      func() { begin.Times(2).Until(b) },
		"pattern: Optional of what must not come":                                                           func() { begin.NotNext(b).Optional() },
		"pattern: Within(0s): not positive":                                                                 func() { begin.Within(0) },
		"pattern: Limit(0): not positive":                                                                   func() { begin.Limit(0) },
		"pattern: SkipToLast: the name of the step is empty":                                                func() { SkipToLast("") },
		"pattern: SkipToFirst(b): no step has this name":                                                    match(begin.Skip(SkipToFirst("b"))),
		"pattern: all steps are optional: no event would begin a match":                                     match(begin.Optional()),
		"pattern: NotNext behind steps that are all optional: it needs an event to come after":              func() { begin.Optional().NotNext(b) },
		"pattern: all steps behind a not are optional: whether it holds to the end is not said":             match(begin.NotNext(b).Next("b", b).Optional()),
		"pattern: NotFollowedBy at the end needs Within: else it is never known that no such event follows": match(begin.NotFollowedBy(b)),
		"pattern: TimedOut of a pattern without Within: nothing times out":                                  match(begin, TimedOut(&side)),
		"pattern: Match: SideOutput means nothing to it: Late and TimedOut are its further outputs, and Process or SplitBy behind it parts what has matched": match(begin, stream.SideOutput(&side)),
		"stream: SideOutput: the Side is nil": func() { TimedOut[int, ev](nil) },
		"pattern: TimedOut of a Side of another type than what is matched: pattern.timedOut[string,github.com/freshet-go/freshet/stream/pattern.ev]": match(begin.Within(time.Second), TimedOut(&other)),
	} {
		require.PanicsWithValue(t, want, f)
	}
}

// A Pattern is a value: what is made of one does not change it, nor others that are made of it.
func TestPatternsAreValues(t *testing.T) {
	a := Begin("a", kindOf("a")).FollowedBy("b", kindOf("b"))
	text := a.String()
	one, other := a.OneOrMore().Greedy().Next("c", kindOf("c")), a.Optional().FollowedByAny("d", kindOf("d")).NotNext(kindOf("a"))
	require.Equal(t, text, a.String())
	require.Equal(t, `Begin("a").FollowedBy("b").TimesOrMore(1).Greedy().Next("c")`, one.String())
	require.Equal(t, `Begin("a").FollowedBy("b").Optional().FollowedByAny("d").NotNext`, other.String())
	require.Equal(t, `Begin("a").TimesBetween(2, 4).Consecutive().Next("b").TimesOrMore(3).AllowCombinations().Until.NotFollowedBy.Within(1s).Skip(SkipToLast(a))`,
		Begin("a", kindOf("a")).TimesBetween(2, 4).Consecutive().Next("b", kindOf("b")).TimesOrMore(3).AllowCombinations().Until(kindOf("c")).
			NotFollowedBy(kindOf("a")).Within(time.Second).Skip(SkipToLast("a")).String())
}

// A condition that asks for a step which is none fails on the event.
func TestSoFarOfNoStep(t *testing.T) {
	x := newPlayer(Begin("a", kindOf("a")).Next("b", kindOf("b")).Where(func(m *SoFar[ev], _ ev) bool { return m.Len("z") > 0 }))
	x.event(ev{Kind: "a"})
	require.PanicsWithValue(t, "pattern: no step is named z", func() { x.event(ev{Kind: "b"}) })
}
