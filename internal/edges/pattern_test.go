package edges_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/pattern"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// patternParams are what a pattern is made of.
var patternParams = map[string]string{
	"where": "func(T) bool", "soFar": "func(*SoFar[T], T) bool", "until": "func(T) bool", "not": "func(T) bool",
	"within": "time.Duration", "skip": "int", "times": "int", "steps": "int",
}

// tries is a pattern with all of these: any number of events of a key, and then none that not is met by.
func tries(c *call) pattern.Pattern[row] {
	p := pattern.Begin("first", arg(c, "where", func(row) bool { c.hit("where"); return true })).
		Where(arg(c, "soFar", func(*pattern.SoFar[row], row) bool { c.hit("soFar"); return true })).
		TimesOrMore(set(c, "times", 1, 2)).
		Until(arg(c, "until", func(row) bool { c.hit("until"); return false }))
	if c.changed == "steps" {
		p = p.FollowedBy("second", row.late)
	}
	return p.NotFollowedBy(arg(c, "not", func(row) bool { c.hit("not"); return false })).
		Within(set(c, "within", time.Minute, time.Hour)).
		Skip(set(c, "skip", pattern.NoSkip(), pattern.SkipPastLast()))
}

func (r row) late() bool { return r.At > 1000 }

func matched(s stream.Stream[pattern.Matched[string, row]]) stream.Stream[string] {
	return s.Map(func(m pattern.Matched[string, row]) string { return fmt.Sprint(m.Key, m.Start, m.Groups) }, stream.Name("text"))
}

// Each function of a pattern is missed by the method that it is not given to.
func TestNilFunctionsOfPatterns(t *testing.T) {
	for name, method := range map[string]string{"where": "Begin", "soFar": "Where", "until": "Until", "not": "NotFollowedBy"} {
		c, _, _ := newCall()
		c.without = name
		require.Equal(t, "pattern: "+method+": the function is nil", panics(func() { tries(c) }))
	}
	p := pattern.Begin("first", row.late)
	for method, build := range map[string]func(){
		"Begin":         func() { pattern.Begin[row]("first", nil) },
		"Next":          func() { p.Next("x", nil) },
		"FollowedBy":    func() { p.FollowedBy("x", nil) },
		"FollowedByAny": func() { p.FollowedByAny("x", nil) },
		"NotNext":       func() { p.NotNext(nil) },
	} {
		require.Equal(t, "pattern: "+method+": the function is nil", panics(build))
	}
	require.Panics(t, func() { pattern.TimedOut[string, row](nil) })
	require.Panics(t, func() { pattern.Late[row](nil) })
}

// A pattern without timers is as strict with what it is not given: it has a way of its own through the operator.
func TestPatternWithoutTimers(t *testing.T) {
	pair := func(c *call, opts ...stream.Option) stream.Stream[string] {
		p := pattern.Begin("a", func(row) bool { c.hit("a"); return true }).FollowedBy("b", func(row) bool { c.hit("b"); return true })
		return matched(pattern.Match(c.left.KeyBy(row.key), p.Within(time.Minute), append(opts, stream.Name("it"))...))
	}
	c, left, _ := newCall()
	streamtest.Collect(pair(c))
	d := streamtest.Start(t, c.p)
	left.Push(rows...)
	refused(t, d.Try(), "it", "a pattern")
	for _, function := range []string{"a", "b"} {
		for _, how := range []string{"panic", "goexit"} {
			for _, skip := range []bool{false, true} {
				what := fmt.Sprint(function, how, skip)
				c, left, right := newCall()
				c.withTimes()
				c.failing, c.how = function, how
				var opts []stream.Option
				if skip {
					opts = append(opts, stream.SkipFailures())
				}
				out := streamtest.Collect(pair(c, opts...))
				d := streamtest.Start(t, c.p)
				left.Push(rows...)
				left.End()
				right.End()
				err := d.Try()
				if skip && how == "panic" {
					require.NoError(t, err, what)
					stats, _ := c.p.Stats().Operator("it")
					// The second condition is asked of the one event that has another before it, and that begins none then.
					require.EqualValues(t, map[string]int{"a": 3, "b": 1}[function], stats.Failed, what)
					require.Empty(t, out.Take())
					continue
				}
				var of *stream.OperatorError
				require.ErrorAs(t, err, &of, what)
				require.Equal(t, "it", of.Operator, what)
			}
		}
	}
}
