package stream_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// twoWays has what a plan can have: two sources, a join, a side output, and a
// name with quotes.
func twoWays() *stream.Pipeline {
	p := stream.New(`two "ways"`)
	left := p.From(source.Slice([]tick{}), stream.Name("left")).EventTime(tickTime).KeyBy(tickKey, stream.Name("left key"))
	right := p.From(source.Slice([]tick{}), stream.Name(`the "right"`)).EventTime(tickTime).KeyBy(tickKey, stream.Name("right key"))
	sums := left.WindowJoin(right, window.Tumbling(time.Minute), stream.Inner, tickMatch, stream.Name("join"))
	sums.To(sink.Discard[stream.Pane[int, string]](), stream.Name("out"))
	return p
}

func TestPlanDOT(t *testing.T) {
	require.Equal(t, strings.TrimLeft(`
digraph "two \"ways\"" {
	rankdir=LR;
	n0 [label="left (source): 0 in 1 slices"];
	n1 [label="eventtime: disorder 0s"];
	n0 -> n1;
	n2 [label="left key (keyby)"];
	n1 -> n2;
	n3 [label="the \"right\" (source): 0 in 1 slices"];
	n4 [label="eventtime-2: disorder 0s"];
	n3 -> n4;
	n5 [label="right key (keyby)"];
	n4 -> n5;
	n6 [label="join (windowjoin): inner, tumbling 1m0s"];
	n2 -> n6 [style=bold];
	n5 -> n6 [style=bold];
	n7 [label="out (sink)"];
	n6 -> n7;
}
`, "\n"), twoWays().Plan().DOT())
}

func TestKeyByNeedsFunction(t *testing.T) {
	require.PanicsWithValue(t, "stream: KeyBy: the function key is nil", func() {
		stream.New("p").From(source.Slice([]tick{})).KeyBy[int](nil)
	})
}

// The plan is the same before, while and after it runs.
func TestPlanIsStable(t *testing.T) {
	p := twoWays()
	before := p.Plan()
	require.NoError(t, p.Run(t.Context()))
	require.Equal(t, before, p.Plan())
	require.Equal(t, before, twoWays().Plan())
}

// A plan is a value: it says what flows, what operators are set to, and which
// output of an operator another one consumes.
func TestPlanIsAValue(t *testing.T) {
	p := stream.New("value")
	small, large := p.From(source.Slice([]tick{})).
		EventTime(tickTime, stream.Disorder(time.Second), stream.MaxDrift(0)).
		Split(func(tick) bool { return true })
	minutes := small.KeyBy(tickKey).Window(window.Tumbling(time.Minute))
	minutes.Late().To(sink.Discard[tick]())
	minutes.Count().To(sink.Discard[stream.Pane[int, int64]]())
	large.KeyBy(tickKey).
		IntervalJoin(small.KeyBy(tickKey), -time.Second, stream.Unbounded, stream.LeftOuter, tickMatch).
		To(sink.Discard[string]())
	plan := p.Plan()

	node := func(name string) (at int, n stream.PlanNode) {
		at = slices.IndexFunc(plan.Nodes, func(n stream.PlanNode) bool { return n.Name == name })
		require.GreaterOrEqual(t, at, 0, name)
		return at, plan.Nodes[at]
	}
	into := func(name string) (edges []stream.PlanEdge) {
		at, _ := node(name)
		for _, e := range plan.Edges {
			if e.To == at {
				edges = append(edges, e)
			}
		}
		return edges
	}
	_, times := node("eventtime")
	require.Equal(t, stream.TimeParams{Disorder: time.Second, HasMaxDrift: true}, times.Params)
	_, windows := node("window")
	require.Equal(t, window.Tumbling(time.Minute), windows.Params)
	_, join := node("intervaljoin")
	require.Equal(t, stream.JoinParams{Kind: stream.LeftOuter, Lower: -time.Second, Upper: stream.Unbounded}, join.Params)
	require.Equal(t, reflect.TypeFor[string](), join.Out[0].Type)

	split, parts := node("split")
	require.Equal(t, "rest", parts.Out[1].Label)
	require.Equal(t, []stream.PlanEdge{{From: split, Output: 1, To: into("keyby-2")[0].To}}, into("keyby-2"))
	_, key := node("keyby")
	require.Equal(t, reflect.TypeFor[int](), key.Out[0].Key)
	require.Len(t, into("intervaljoin"), 2)
	for _, e := range into("intervaljoin") {
		require.True(t, e.Exchange)
	}
	late := slices.IndexFunc(windows.Out, func(o stream.PlanOutput) bool { return o.Label == "late" })
	require.Equal(t, late, into("sink")[0].Output)

	text, err := plan.JSON()
	require.NoError(t, err)
	var back struct {
		Nodes []struct {
			Kind, Name, Detail string
			Out                []struct{ Label, Type, Key string }
		}
		Edges []struct{ From, Output, To int }
	}
	require.NoError(t, json.Unmarshal(text, &back))
	require.Len(t, back.Nodes, len(plan.Nodes))
	require.Len(t, back.Edges, len(plan.Edges))
	require.Equal(t, "stream_test.tick", back.Nodes[split].Out[0].Type)
}

func TestStats(t *testing.T) {
	p := stream.New("test")
	in := streamtest.NewInput[tick]()
	streamtest.Collect(p.From(in, stream.Name("ticks")).
		EventTime(tickTime, stream.Name("time")).KeyBy(tickKey).
		Window(window.Tumbling(10*time.Second)).Count(stream.Name("count")), stream.Name("out"))
	require.Empty(t, p.Stats().Operators, "nothing has run yet")
	d := streamtest.Start(t, p, streamtest.At(time.Unix(100, 0)))
	in.Push(tick{Key: 1, At: 5}, tick{Key: 2, At: 6}, tick{Key: 1, At: 25}, tick{Key: 2, At: 7})
	d.Settle()

	s := p.Stats()
	require.Equal(t, "test", s.Pipeline)
	of := func(name string) stream.InstanceStats {
		o, ok := s.Operator(name)
		require.True(t, ok, name)
		return o
	}
	require.Equal(t, int64(4), of("ticks").Out)
	require.Equal(t, int64(4), of("count").In)
	require.Equal(t, int64(1), of("count").TooLate, "the one at 7 is late")
	require.Equal(t, int64(2), of("count").Out)
	require.Equal(t, int64(1), of("count").Keys)
	require.Equal(t, int64(2), of("out").In)
	require.Equal(t, time.Unix(25, 0).UTC(), of("count").Watermark.UTC())
	require.Equal(t, 75*time.Second, of("count").Lag)
	_, ok := s.Operator("nobody")
	require.False(t, ok)
}

// Not on a terminal, a line every ten seconds says how far the run has come.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		input := make(chan tick)
		var shown bytes.Buffer
		p := stream.New("test")
		p.From(source.Chan(input)).EventTime(tickTime).To(sink.Discard[tick]())
		go func() {
			defer close(input)
			time.Sleep(time.Second / 2) // not at the moment of a line
			for i := range 25 {
				input <- tick{At: int64(i)}
				time.Sleep(time.Second)
			}
		}()
		require.NoError(t, p.Run(t.Context(), stream.Progress(&shown)))
		lines := strings.Split(strings.TrimSpace(shown.String()), "\n")
		require.Len(t, lines, 2)
		require.Contains(t, lines[0], "10 events")
		require.Contains(t, lines[1], "20 events")
	})
}

// Names are written into checkpoints, as text.
func TestNamesAreText(t *testing.T) {
	require.PanicsWithValue(t, `stream: New: the name "a\xff" is not UTF-8`, func() { stream.New("a\xff") })
	require.PanicsWithValue(t, `stream: Name: the name "\xe4" is not UTF-8`, func() { stream.Name("\xe4") })
	_, err := stream.New("\x00").Savepoint(t.Context(), "before \xff")
	require.EqualError(t, err, `stream: the name "before \xff" of a savepoint is not UTF-8`)
}
