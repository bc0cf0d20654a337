package engine

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
)

// A checker is of state that can be saved, or cannot.
type checker struct{ err error }

func (c checker) Check() error      { return c.err }
func (checker) Types() reflect.Type { return nil }

// What operators ask of the run that they are in.
func TestAsked(t *testing.T) {
	r, n, other := testRun(t), &Node{Name: "n"}, &Node{Name: "other"}
	r.addStage(n, 1)
	op := r.stages[n][0].Instance(n)
	require.False(t, op.Roams())
	r.assigned = []*Assignment{{node: n, run: r}}
	require.True(t, op.Roams())
	require.Nil(t, r.assignmentOf(other))

	require.False(t, op.Redacts())
	r.Redact = func(string) string { return "" }
	require.True(t, op.Redacts())

	broken := errors.New("broken")
	require.NoError(t, op.Savable(checker{}))
	require.ErrorIs(t, op.Savable(checker{broken}), broken)

	require.NoError(t, r.complete())
	r.Follow = true
	require.ErrorContains(t, r.complete(), "SampleBatches, which means nothing without Observe")
	r.observers = &observers{}
	require.NoError(t, r.complete())

	require.Nil(t, r.Begins(n))
	r.foreign = &foreign{}
	require.Nil(t, r.Begins(n))
	r.foreign.plan = &door.Plan{Stages: []door.Stage{{ID: n.ID, Partitions: []door.Partition{{Name: "a", Begins: "7"}, {Name: "b"}}}}}
	require.Equal(t, map[string]string{"a": "7"}, r.Begins(n))

	x := &Node{Name: "x", Kind: "map"}
	r.Plan = &Plan{Name: "asked", Nodes: []*Node{x}}
	r.tracking.passes = map[*Node]bool{x: true}
	r.foreign.refused = nil
	_ = r.cannot()
	require.Empty(t, r.foreign.refused)
	x.Kind = "eventtime"
	_ = r.cannot()
	require.ErrorContains(t, errors.Join(r.foreign.refused...), "it stands behind a Merge")
}

// A partition that comes is waited for by the groups that are told of it.
func TestExpected(t *testing.T) {
	source, told, deaf := &Node{Name: "s"}, &Node{Name: "a"}, &Node{Name: "b"}
	g := &DriftGroup{coming: map[*Partition]bool{}}
	x := tracking{times: map[*Node][]*Node{source: {deaf, told}}, groups: map[*Node]*DriftGroup{told: g}}
	p := &Partition{}
	x.expect(source, p)
	require.True(t, g.coming[p])
}

// A contextual handler notes the context that it is given.
type contextual struct {
	slog.Handler
	got *context.Context
}

func (h contextual) Handle(ctx context.Context, _ slog.Record) error { *h.got = ctx; return nil }

// What is logged without a context has that of the run, and else its own.
func TestLogsHaveAContext(t *testing.T) {
	type key struct{}
	run, own := context.WithValue(t.Context(), key{}, 1), context.WithValue(t.Context(), key{}, 2)
	var got context.Context
	l := slog.New(runLog{contextual{slog.DiscardHandler, &got}, run})
	h := l.Handler()
	require.NoError(t, h.Handle(context.Background(), slog.Record{}))
	require.Equal(t, run, got)
	require.NoError(t, h.Handle(own, slog.Record{}))
	require.Equal(t, own, got)
}

// A type that cannot be stored is described by its name, and keys are described where there are any.
func TestLayoutsInLines(t *testing.T) {
	require.Equal(t, "chan int", layoutOf(reflect.TypeFor[chan int]()))
	require.Equal(t, "string", layoutOf(reflect.TypeFor[string]()))
	j := &abroad{t: t, to: newTarget(), topics: []*topic{driven("a", 1)}, cfg: testConfig()}
	require.Contains(t, strings.Join(j.tallying().plan.lines(), "\n"), " by string")
}

// A reader that has promised the end of time is not how far the furthest has come.
func TestEndOfTimeIsNoReach(t *testing.T) {
	l, _, _ := telling(t, driven("a"), driven("b"))
	l.task.parts[0].Promised, l.task.parts[1].Promised = MaxTime, 7
	require.NoError(t, l.promise())
	require.Equal(t, Time(7), l.furthest)
}

// What a task fails with that is told of a partition is an error, whoever of them has found it.
func TestTellingFails(t *testing.T) {
	broken := errors.New("broken")
	l, p, _ := telling(t, driven("a"))
	for _, gone := range []bool{false, true} {
		x := &teller{l: l, last: map[*Partition]News{}}
		if gone {
			x.gone = []*Partition{{}}
		}
		p.fails = func(c Control) error {
			if c.Kind == Told && c.News.Gone == gone {
				return broken
			}
			return nil
		}
		require.ErrorIs(t, x.begin(), broken)
	}
	l.task.parts[0].Idle, l.task.parts[0].Promised, l.furthest = true, 5, 9
	p.fails = func(c Control) error {
		if c.Kind == Watermark {
			return broken
		}
		return nil
	}
	require.ErrorIs(t, l.promise(), broken)
	p.fails = func(Control) error { return nil }
}
