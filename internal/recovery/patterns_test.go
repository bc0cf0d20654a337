package recovery_test

import (
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/pattern"
	"github.com/freshet-go/freshet/stream/streamtest"
)

func (t tick) low() bool  { return t.Val < 5 }
func (t tick) high() bool { return !t.low() }
func (t tick) top() bool  { return t.Val == 9 }

// A pattern goes on with its partial matches, what skip holds back, its timers, and what it knows of late events.
func TestPatterns(t *testing.T) {
	t.Parallel()
	low := pattern.Begin("low", tick.low)
	rising := low.OneOrMore().AllowCombinations().FollowedBy("high", tick.high).Where(func(m *pattern.SoFar[tick], v tick) bool {
		last, _ := m.Last("low")
		return v.Val > last.Val+1
	})
	for name, p := range map[string]pattern.Pattern[tick]{
		"without end":        low.FollowedBy("high", tick.high).Next("top", tick.high),
		"within":             rising.Within(40 * time.Second),
		"skip past the last": rising.Within(40 * time.Second).Skip(pattern.SkipPastLast()),
		"held to the end":    low.FollowedBy("top", tick.top).Optional().Skip(pattern.SkipToNext()),
		"not at the end":     low.NotFollowedBy(tick.top).Within(30 * time.Second),
		"not between":        low.NotNext(tick.top).FollowedByAny("high", tick.high).Within(time.Minute),
		"until":              low.OneOrMore().Greedy().Until(tick.top).Within(time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			law(t, func(left, _ stream.Stream[tick]) []streamtest.Drained {
				var late stream.Side[tick]
				var lost stream.Side[pattern.Matched[int, tick]]
				opts := []stream.Option{pattern.Late(&late)}
				all := []streamtest.Drained{}
				if name != "without end" && name != "held to the end" && name != "within" {
					opts = append(opts, pattern.TimedOut(&lost))
				}
				all = append(all, streamtest.Collect(pattern.Match(left.KeyBy(tick.key), p, opts...)), streamtest.Collect(late.Stream()))
				if len(opts) > 1 {
					all = append(all, streamtest.Collect(lost.Stream()))
				}
				return all
			})
		})
	}
}
