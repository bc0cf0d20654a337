package edges_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// ways are how a function fails. The third is what t.FailNow does in a function
// of the caller's: no operator can go on behind it.
var ways = []string{"panic", "error", "goexit"}

// functionsOf returns the functions and values of the caller's that an
// operator is given, and whether they can fail with an error.
func functionsOf(t *testing.T, o operator) map[string]bool {
	all := map[string]bool{}
	for name, param := range paramsOf(t, o) {
		switch roleOf(param) {
		case roleFunction:
			all[name] = len(param) > 6 && param[len(param)-6:] == "error)" || len(param) > 5 && param[len(param)-5:] == "error"
		case roleValue:
			all[name] = name == "op" || name == "sink"
		}
	}
	delete(all, "src")
	return all
}

// Whatever function of whatever operator fails, and however it does: the run
// ends with an error that names the operator, and for a panic the line of the
// function; or it goes on, where the operator is told to.
func TestEachFunctionFails(t *testing.T) {
	for _, o := range operators {
		for function, errs := range functionsOf(t, o) {
			for _, how := range ways {
				if how == "error" && !errs {
					continue
				}
				for _, skip := range []bool{false, true} {
					if skip && !slices.Contains(o.takes, failures) {
						continue
					}
					what := fmt.Sprintf("%s, %s of %s, skip %v", o.name, how, function, skip)
					c, left, right := newCall()
					c.failing, c.how = function, how
					c.opts = []stream.Option{stream.Name("it")}
					if skip {
						c.opts = append(c.opts, stream.SkipFailures())
					}
					c.withTimes()
					streamtest.Collect(o.add(c))
					d := streamtest.Start(t, c.p)
					right.Push(rows...)
					left.Push(rows...)
					c.src.End()
					left.End()
					right.End()
					err := d.Try()
					skips := skip && how != "goexit" && !slices.Contains(o.forgets, function) && function != "sink"
					if skips {
						require.NoError(t, err, what)
						stats, ok := c.p.Stats().Operator("it")
						require.True(t, ok)
						require.NotZero(t, stats.Failed, what)
						continue
					}
					var of *stream.OperatorError
					require.ErrorAs(t, err, &of, what)
					require.Equal(t, "it", strings.TrimSuffix(of.Operator, "-keys"), what)
					if how == "goexit" {
						var cause *stream.GoexitError
						require.ErrorAs(t, err, &cause, what)
						continue
					}
					require.ErrorIs(t, err, errBroken, what)
					if how == "panic" {
						var cause *stream.PanicError
						require.ErrorAs(t, err, &cause, what)
						require.Regexp(t, `/internal/edges/(operators|pattern)_test\.go:\d+$`, cause.Where, what)
						require.ErrorContains(t, err, "panic: broken ("+cause.Where+")", what)
					}
				}
			}
		}
	}
}

// The line is that of the program's own function, also where the panic comes
// from the standard library, or from an aggregator of this one's.
func TestWhereAPanicIs(t *testing.T) {
	for name, f := range map[string]func(row) int{
		"map":    func(row) int { count(nil); return 0 },
		"divide": func(r row) int { return 1 / len(r.Key[1:]) },
		"slices": func(row) int { return slices.Repeat([]int{1}, -1)[0] },
	} {
		c, left, _ := newCall()
		sum := c.left.EventTime(row.when).KeyBy(row.key).Window(window.Tumbling(time.Minute)).Aggregate(window.Sum(f))
		streamtest.Collect(sum)
		d := streamtest.Start(t, c.p)
		left.Push(rows...)
		require.ErrorContains(t, d.Try(), "internal/edges/failing_test.go:", name)
	}
}

func count(m map[string]int) { m["a"]++ }

// What a running aggregate could not add leaves nothing behind, and what it has added counts, though its result could
// not be given.
func TestRunningFails(t *testing.T) {
	in := streamtest.NewInput[int]()
	p := stream.New("running")
	agg := brittle{}
	out := streamtest.Collect(p.From(in).KeyBy(func(i int) int { return i & 1 }).Running(agg, stream.SkipFailures(), stream.Name("it")))
	d := streamtest.Start(t, p)
	keys := func() int64 {
		d.Settle()
		stats, _ := p.Stats().Operator("it")
		return stats.Keys
	}
	in.Push(-1, -2)
	require.Zero(t, keys(), "of events that failed")
	in.Push(1, -1, 9, 5)
	require.EqualValues(t, 1, keys())
	require.Equal(t, []stream.KeyValue[int, int]{{Key: 1, Value: 1}, {Key: 1, Value: 15}}, out.Take())
	stats, _ := p.Stats().Operator("it")
	require.EqualValues(t, 4, stats.Failed)
	in.Push(-2, -4, 2)
	require.EqualValues(t, 2, keys(), "the first that does not fail makes the state")
}

// brittle adds up, but no negative numbers, and cannot say that a sum is 10.
type brittle struct{}

func (brittle) New() int { return 0 }
func (brittle) Add(sum, i int) int {
	if i < 0 {
		panic(i)
	}
	return sum + i
}
func (brittle) Merge(a, b int) int { return a + b }
func (brittle) Result(sum int) int {
	if sum == 10 {
		panic(sum)
	}
	return sum
}
