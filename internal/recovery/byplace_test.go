package recovery_test

import (
	"archive/zip"
	"errors"
	"maps"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A seen is an operator that saves three parts: how often each key has come and what
// with, by key, and the highest number.
type seen struct {
	counts map[int64]int64
	last   map[int64]string
	high   []int64
	reads  bool
}

func (s *seen) Process(in *stream.KeyedBatch[int64, int64], _ *stream.Emitter[string]) error {
	for row := range in.All() {
		s.counts[in.Key(row)]++
	}
	return nil
}

func (s *seen) Finish(out *stream.Emitter[string]) error { return nil }

func (s *seen) Save(w *stream.StateWriter) error {
	return errors.Join(w.PutKeyed("counts", maps.All(s.counts)), w.Put("high", s.high...), w.PutKeyed("last", maps.All(s.last)))
}

func (s *seen) Restore(r *stream.StateReader) (err error) {
	if !s.reads {
		return nil
	}
	counts, err := r.Keyed[int64, int64]("counts")
	if err != nil {
		return err
	}
	for _, c := range counts {
		s.counts[c.Key] = c.Value
	}
	if s.high, err = r.Get[int64]("high"); err != nil {
		return err
	}
	last, err := r.Keyed[int64, string]("last")
	for _, l := range last {
		s.last[l.Key] = l.Value
	}
	return err
}

// A checkpoint of a version in which the parts of an operator's state had no names is
// gone on from, in the order in which they were put; the next one has names. Numbers 0 to 39 of
// seven keys had been read.
func TestStateByPlace(t *testing.T) {
	left, err := zip.OpenReader("testdata/own/by-place.zip")
	require.NoError(t, err)
	defer left.Close()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, left))
	run := func(op stream.KeyedOperator[int64, int64, string], shards int, n int64) error {
		p := stream.New("by place")
		p.From(source.Generate(n, func(i int64) int64 { return i }), stream.Name("numbers")).
			KeyBy(func(i int64) int64 { return i % 7 }).
			Apply(op, stream.Name("seen")).
			To(sink.Discard[string](), stream.Name("out"))
		return p.Run(t.Context(), stream.Shards(shards), stream.Checkpoints(checkpoint.Dir(dir), time.Hour))
	}
	held := func(c *stream.OperatorContext) (stream.KeyedProcessor[int64, int64, string], error) {
		c.KeyedState[int64, int64]("counts")
		return &deafTo{}, nil
	}
	err = run(held, 1, 40)
	require.ErrorContains(t, err, "stream: seen: restore the state of checkpoint 1 in state-")
	require.ErrorContains(t, err, `it is of a version in which state had no names, and the operator reads none of it in Restore: state that KeyedState and State hold is found by name`)
	require.ErrorContains(t, err, `DropState("seen")`)

	for life, n := range []int64{40, 47} {
		all := &seen{counts: map[int64]int64{}, last: map[int64]string{}, reads: true}
		require.NoError(t, run(func(*stream.OperatorContext) (stream.KeyedProcessor[int64, int64, string], error) { return all, nil }, 1, n))
		want := map[int64]int64{0: 6, 1: 6, 2: 6, 3: 6, 4: 6, 5: 5, 6: 5}
		for k := range want {
			want[k] += int64(life)
		}
		require.Equal(t, want, all.counts)
		require.Equal(t, map[int64]string{0: "v35", 1: "v36", 2: "v37", 3: "v38", 4: "v39", 5: "v33", 6: "v34"}, all.last)
		require.ElementsMatch(t, []int64{39, 35}, all.high, "of both instances")
	}
	require.ErrorContains(t, run(held, 1, 47), `it has the part "high", a value, and the part "last", state by key, and the operator asks for none of that name`)
}

type deafTo struct{ stream.Stateless }

func (*deafTo) Process(*stream.KeyedBatch[int64, int64], *stream.Emitter[string]) error { return nil }
