package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
)

// What comes from another process is held against the plan.
func TestPlansOfOthers(t *testing.T) {
	j := newAbroad(t, 2, false, door.From{}, driven("a", 1))
	p := j.tallying().plan
	require.NoError(t, p.holds(j.plan))
	many := *j.plan
	many.Stages = slices.Clone(many.Stages)
	many.Stages[0].Instances = 1 << 16
	require.NoError(t, p.holds(&many))
	for name, change := range map[string]func(*door.Plan){
		"twice":              func(d *door.Plan) { d.Stages = append(d.Stages, d.Stages[1]) },
		"no node":            func(d *door.Plan) { d.Stages[1].ID = 3 },
		"negative":           func(d *door.Plan) { d.Stages[1].ID = -1 },
		"no instance":        func(d *door.Plan) { d.Stages[0].Instances = 0 },
		"too many":           func(d *door.Plan) { d.Stages[0].Instances = 1<<16 + 1 },
		"a source is none":   func(d *door.Plan) { d.Stages[0].Kind = door.Operator },
		"an operator is one": func(d *door.Plan) { d.Stages[1].Kind = door.Source },
		"more than shards":   func(d *door.Plan) { d.Stages[1].Instances = 3 },
		"two commits":        func(d *door.Plan) { d.Stages[2].Instances = 2 },
		"commits for none":   func(d *door.Plan) { d.Stages[2].ID = 4 },
		"no source":          func(d *door.Plan) { d.Stages = d.Stages[1:]; d.Edges = d.Edges[1:] },
		"from nowhere":       func(d *door.Plan) { d.Edges[0].From = 2 },
		"to nowhere":         func(d *door.Plan) { d.Edges[0].To = 2 },
		"to a source":        func(d *door.Plan) { d.Edges[0].To = 0 },
		"from a commit":      func(d *door.Plan) { d.Edges[1].From = 5 },
		"input of a commit":  func(d *door.Plan) { d.Edges[1].Input = 0 },
		"no input":           func(d *door.Plan) { d.Edges[0].Input = -1 },
		"one input too many": func(d *door.Plan) { d.Edges[0].Input = 1 },
	} {
		d := *j.plan
		d.Stages, d.Edges = slices.Clone(d.Stages), slices.Clone(d.Edges)
		change(&d)
		require.ErrorContains(t, p.holds(&d), "are not of pipeline", name)
		o := j.opening(&j.plan.Stages[0], 0, nil)
		o.Plan = &d
		_, err := p.OpenForeign(j.cfg, o)
		require.Error(t, err, name)
	}
	for _, at := range []spot{{0, 1}, {0, 2}, {0, -1}, {7, 0}} {
		o := j.opening(&j.plan.Stages[0], at.index, nil)
		o.Stage = at.stage
		_, err := p.OpenForeign(j.cfg, o)
		require.ErrorContains(t, err, "has no instance", "%v", at)
	}
	for _, change := range []func(*door.Edge){func(e *door.Edge) { e.From = 1 }, func(e *door.Edge) { e.All = false }} {
		d := *j.plan
		d.Edges = slices.Clone(d.Edges)
		change(&d.Edges[0])
		o := j.opening(&j.plan.Stages[1], 0, nil)
		o.Plan = &d
		_, err := j.tallying().plan.OpenForeign(j.cfg, o)
		require.ErrorContains(t, err, "the edges of the job's plan are not those")
	}
}

// What instances have saved is whole, or an error.
func TestStatesOfOthers(t *testing.T) {
	x := func(change func(*rest)) []byte {
		r := rest{Version: foreignVersion, Checkpoint: 4, Stage: "tally", Index: 1, Count: 2}
		change(&r)
		b, err := pack(&r)
		require.NoError(t, err)
		return b
	}
	zero, one := x(func(r *rest) { r.Index = 0 }), x(func(*rest) {})
	all, err := unpackRests([][]byte{one, zero})
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, []int{all[0].Index, all[1].Index})
	for message, saved := range map[string][][]byte{
		"is of version 1, and this program reads 2":  {zero, x(func(r *rest) { r.Version = 1 })},
		"is mixed with that of checkpoint 5":         {zero, x(func(r *rest) { r.Checkpoint = 5 })},
		"is mixed with that of checkpoint 4 of join": {zero, x(func(r *rest) { r.Stage = "join" })},
		"is of 2 instances, and 1 are there":         {zero},
		"is of 3 instances":                          {x(func(r *rest) { r.Index, r.Count = 0, 3 }), x(func(r *rest) { r.Count = 3 })},
		"is of 2 instances, and 2 are there":         {zero, zero},
		"bytes behind the value":                     {append(slices.Clone(zero), one...), one},
	} {
		_, err := unpackRests(saved)
		require.ErrorContains(t, err, message)
	}
	_, err = unpackRests([][]byte{{200}})
	require.Error(t, err)
	j := newAbroad(t, 2, false, door.From{}, driven("a", 1))
	for _, s := range j.plan.Stages {
		_, err := j.tallying().plan.OpenForeign(j.cfg, j.opening(&s, 0, map[int][]*door.State{s.ID: {{Rest: zero}, {Rest: x(func(r *rest) { r.Stage = "other" })}}}))
		require.Error(t, err, s.Name)
		_, err = j.tallying().plan.OpenForeign(j.cfg, j.opening(&s, 0, map[int][]*door.State{s.ID: {
			{Rest: x(func(r *rest) { r.Stage, r.Index = "other", 0 })}, {Rest: x(func(r *rest) { r.Stage = "other" })}}}))
		require.ErrorContains(t, err, "the state of other was handed to "+strings.TrimSuffix(s.Name, " commit"))
	}
	for _, number := range []int{-1, mostNumbers} {
		rest := x(func(r *rest) {
			r.Stage, r.Index, r.Count, r.Partitions = "count", 0, 1, []restPartition{{Source: "count", Name: "a", Number: number}}
		})
		_, err := j.tallying().plan.OpenForeign(j.cfg, j.opening(&j.plan.Stages[0], 0, map[int][]*door.State{j.plan.Stages[0].ID: {{Rest: rest}}}))
		require.ErrorContains(t, err, fmt.Sprint(`partition "a" of it has number `, number))
	}
}

// A frame says what it is, and none that is damaged is taken for another.
func TestFrames(t *testing.T) {
	head := func(edge, sender int, more ...byte) []byte { return append(appendFrame(nil, edge, sender), more...) }
	eight := []byte{8, 7, 6, 5, 4, 3, 2, 1}
	for _, test := range []struct {
		frame []byte
		want  *frame
	}{
		{head(1, 300, frameIdle), &frame{1, 300, frameIdle, []byte{}}},
		{head(0, 1<<30, frameEnd), &frame{0, 1 << 30, frameEnd, []byte{}}},
		{head(0, 1<<30+1, frameEnd), nil},
		{head(2, 0, frameEnd), nil},
		{head(1, 0, append([]byte{frameWatermark}, eight...)...), &frame{1, 0, frameWatermark, eight}},
		{head(1, 0, append([]byte{frameWatermark}, eight[:7]...)...), nil},
		{head(1, 0, frameWatermark), nil},
		{head(1, 0, frameIdle, 0), nil},
		{head(1, 0, frameEnd, 0), nil},
		{head(1, 0, frameBatch), &frame{1, 0, frameBatch, []byte{}}},
		{head(1, 0, framePrepared, 7), &frame{1, 0, framePrepared, []byte{7}}},
		{head(1, 0, 9), nil},
		{head(1, 0), nil},
		{[]byte{1}, nil},
		{[]byte{0x80}, nil},
		{[]byte{1, 0x80}, nil},
		{nil, nil},
	} {
		f, err := readFrame(test.frame, 2)
		if test.want == nil {
			require.Error(t, err, "%v", test.frame)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, *test.want, f)
	}
	require.Equal(t, Control{Kind: Watermark, Watermark: 0x0102030405060708}, frame{kind: frameWatermark, body: eight}.control())
	require.Equal(t, Control{Kind: Idle}, frame{kind: frameIdle}.control())
	require.Equal(t, Control{Kind: End}, frame{kind: frameEnd}.control())

	j := newAbroad(t, 2, false, door.From{}, driven("a", 1))
	for i, test := range []struct {
		frames  [][]byte
		to      spot
		message string
	}{
		{[][]byte{head(0, 1, frameIdle)}, spot{1, 0}, "to which it does not lead"}, // there is one sender
		{[][]byte{head(0, 2, frameIdle)}, spot{1, 0}, "to which it does not lead"},
		{[][]byte{head(1, 0, frameIdle)}, spot{1, 0}, "of no edge of the plan"},
		{[][]byte{head(0, 0, framePrepared)}, spot{1, 0}, "to which it does not lead"},
		{[][]byte{head(0, 0, frameBatch, 0x80)}, spot{1, 0}, "a batch from count to tally: a number is cut short"},
		{[][]byte{head(1, 0, frameIdle)}, spot{5, 0}, "has come to the committer of write"},
		{[][]byte{head(1, 2, frameEnd)}, spot{5, 0}, "has come to the committer of write"},
		{[][]byte{head(0, 0, frameEnd)}, spot{5, 0}, "has come to the committer of write"},
		{[][]byte{head(1, 1, frameEnd), head(1, 1, framePrepared, 1)}, spot{5, 0}, "instance 1 of write has prepared something behind its end"},
	} {
		j.open(nil)
		inst := j.insts[test.to]
		var err error
		for _, f := range test.frames {
			require.NoError(t, err)
			err = inst.Take(f)
		}
		require.ErrorContains(t, err, test.message, "%d", i)
		for _, inst := range j.insts {
			_ = inst.Close()
		}
	}
}
