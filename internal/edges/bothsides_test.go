package edges_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// picky refuses numbers below zero on either side, and the side that a test says
// panics.
type picky struct {
	stream.Stateless
	c     *stream.OperatorContext
	wrong bool // it hands Fail a batch of another type
	panic string
}

func (x picky) ProcessLeft(in *stream.KeyedBatch[string, row], out *stream.Emitter[string]) error {
	if x.panic == "left" {
		panic(errBroken)
	}
	for i, r := range in.All() {
		if x.wrong {
			return x.c.Fail(stream.NewIntake[int](1).Batch(), 0, errBroken)
		}
		if r.N < 0 {
			if err := x.c.Fail(&in.Batch, i, fmt.Errorf("%d: %w", r.N, errBroken)); err != nil {
				return err
			}
			continue
		}
		out.From(&in.Batch, i, fmt.Sprint("left ", r.N))
	}
	return nil
}

func (x picky) ProcessRight(in *stream.KeyedBatch[string, int], out *stream.Emitter[string]) error {
	if x.panic == "right" {
		panic(errBroken)
	}
	for i, n := range in.All() {
		if n < 0 {
			if err := x.c.Fail(&in.Batch, i, fmt.Errorf("%d: %w", n, errBroken)); err != nil {
				return err
			}
			continue
		}
		out.From(&in.Batch, i, fmt.Sprint("right ", n))
	}
	return nil
}

// connected adds it, and returns what fails on a run with a number on each side.
func connected(x picky, left, right int, opts ...stream.Option) (c *call, out *streamtest.Output[string], err error) {
	c, in, other := newCall()
	numbers := c.right.Map(func(r row) int { return r.N }).KeyBy(func(int) string { return "a" })
	out = streamtest.Collect(c.left.KeyBy(row.key).Connect(numbers,
		func(c *stream.OperatorContext) (stream.CoProcessor[string, row, int, string], error) {
			x.c = c
			return x, nil
		},
		append(opts, stream.Name("mine"))...))
	in.Push(row{"a", left, 0}, row{"a", 1, 0})
	other.Push(row{"a", right, 0}, row{"a", 2, 0})
	in.End()
	other.End()
	return c, out, settled(c)
}

// Failures of each input are dealt with by the operator's policy; an error names the
// operator, the side and the place.
func TestFailuresOfTwoInputs(t *testing.T) {
	_, _, err := connected(picky{}, -1, 1)
	require.EqualError(t, err, "stream: mine at left side, partition 0 event 0: -1: broken")
	require.ErrorIs(t, err, errBroken)
	_, _, err = connected(picky{}, 1, -1)
	require.EqualError(t, err, "stream: mine at right side, partition 0 event 0: -1: broken")

	c, out, err := connected(picky{}, -1, -1, stream.SkipFailures())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"left 1", "right 2"}, out.Take())
	stats, _ := c.p.Stats().Operator("mine")
	require.EqualValues(t, 2, stats.Failed)

	for _, side := range []string{"left", "right"} {
		_, _, err = connected(picky{panic: side}, 1, 1, stream.SkipFailures())
		require.ErrorContains(t, err, "stream: mine at "+side+" side: panic: broken (")
	}
	_, _, err = connected(picky{wrong: true}, 1, 1)
	require.ErrorContains(t, err, "stream: mine: Fail of a int, which is not its left input, whose events are at hand")
}

// Failures go where their type goes; those of a side that goes nowhere stop the run.
func TestFailuresOfTwoInputsAreDiverted(t *testing.T) {
	type rowsFailed = stream.Failures[row]
	type numbersFailed = stream.Failures[int]
	run := func(add func(c *call) stream.Stream[string], left, right int) (c *call, err error) {
		c, in, other := newCall()
		streamtest.Collect(add(c))
		in.Push(row{"a", left, 0})
		other.Push(row{"a", right, 0})
		in.End()
		other.End()
		return c, settled(c)
	}
	connect := func(c *call, opts ...stream.Option) stream.Stream[string] {
		numbers := c.right.Map(func(r row) int { return r.N }).KeyBy(func(int) string { return "a" })
		return c.left.KeyBy(row.key).Connect(numbers,
			func(c *stream.OperatorContext) (stream.CoProcessor[string, row, int, string], error) {
				return picky{c: c}, nil
			},
			append(opts, stream.Name("mine"))...)
	}
	var rowsBad *streamtest.Output[stream.Failed[row]]
	var numbersBad *streamtest.Output[stream.Failed[int]]
	_, err := run(func(c *call) stream.Stream[string] { // each where its type goes, in whatever order
		var left rowsFailed
		var right numbersFailed
		s := connect(c, stream.Divert(&right), stream.Divert(&left))
		rowsBad, numbersBad = streamtest.Collect(left.Stream()), streamtest.Collect(right.Stream())
		return s
	}, -1, -2)
	require.NoError(t, err)
	l, r := rowsBad.Take(), numbersBad.Take()
	require.Len(t, l, 1)
	require.Len(t, r, 1)
	require.Equal(t, -1, l[0].Value.N)
	require.Equal(t, -2, r[0].Value)
	require.Equal(t, "left side, partition 0 event 0", l[0].Position)
	require.Equal(t, "right side, partition 0 event 0", r[0].Position)

	onlyLeft := func(c *call) stream.Stream[string] {
		var left rowsFailed
		s := connect(c, stream.Divert(&left))
		rowsBad = streamtest.Collect(left.Stream())
		return s
	}
	_, err = run(onlyLeft, -1, 1)
	require.NoError(t, err)
	require.Len(t, rowsBad.Take(), 1)
	_, err = run(onlyLeft, 1, -1)
	require.EqualError(t, err, "stream: mine at right side, partition 0 event 0: -1: broken", "nobody said where they go")

	// One type on both sides: one stream of failures for both.
	c, in, other := newCall()
	var both rowsFailed
	streamtest.Collect(c.left.KeyBy(row.key).Connect(c.right.KeyBy(row.key), func(c *stream.OperatorContext) (stream.CoProcessor[string, row, row, string], error) {
		return alike{c: c}, nil
	}, stream.Divert(&both)))
	bad := streamtest.Collect(both.Stream())
	in.Push(rows...)
	other.Push(rows...)
	in.End()
	other.End()
	require.NoError(t, settled(c))
	sides := map[string]int{}
	for _, f := range bad.Take() {
		sides[f.Position[:5]]++
	}
	require.Equal(t, map[string]int{"left ": 3, "right": 3}, sides)

	// A type of neither is refused, and of two of one type the last one counts.
	c, _, _ = newCall()
	require.Equal(t, "stream: mine takes edges_test.row and int: it cannot divert to a *stream.Failures[string]",
		panics(func() { connect(c, divert[string]()) }))
	c, _, _ = newCall()
	var first, last rowsFailed
	connect(c, stream.Divert(&first), stream.Divert(&last))
	last.Stream()
	require.Panics(t, func() { first.Stream() })
}

// alike refuses all.
type alike struct {
	stream.Stateless
	c *stream.OperatorContext
}

func (x alike) ProcessLeft(in *stream.KeyedBatch[string, row], _ *stream.Emitter[string]) error {
	for i := range in.All() {
		if err := x.c.Fail(&in.Batch, i, errors.New("no")); err != nil {
			return err
		}
	}
	return nil
}

func (x alike) ProcessRight(in *stream.KeyedBatch[string, row], out *stream.Emitter[string]) error {
	return x.ProcessLeft(in, out)
}
