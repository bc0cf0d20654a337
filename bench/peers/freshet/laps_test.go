package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/peers/contest"
	"github.com/freshet-go/freshet/stream"
)

// drained reads a reader to its end, so many events at a time, and notes the
// offset before each read.
func drained(t *testing.T, r stream.Reader[contest.Sale], room int) (all []contest.Sale, offsets map[string]int) {
	offsets = map[string]int{}
	for {
		in := stream.NewIntake[contest.Sale](room)
		offsets[r.Offset()] = len(all)
		err := r.Read(t.Context(), in)
		for _, s := range in.Batch().All() {
			all = append(all, s)
		}
		if err == io.EOF {
			return all, offsets
		}
		require.NoError(t, err)
	}
}

// Each lap is the one before, a span later, and a run goes on from any offset.
func TestLaps(t *testing.T) {
	l := &laps{parts: contest.Sales(1000, 3), span: contest.Span(1000), laps: 3}
	readers, err := l.Open(&stream.SourceContext{})
	require.NoError(t, err)
	require.Len(t, readers, 3)
	for i, r := range readers {
		all, offsets := drained(t, r, 70)
		require.Len(t, all, 3*len(l.parts[i]))
		for j, s := range all {
			want := l.parts[i][j%len(l.parts[i])]
			want.At += int64(j/len(l.parts[i])) * l.span
			require.Equal(t, want, s)
		}
		for offset, read := range offsets {
			again, err := l.Open(&stream.SourceContext{Offsets: map[string]string{r.Partition(): offset}})
			require.NoError(t, err)
			rest, _ := drained(t, again[i], 64)
			require.Equal(t, append([]contest.Sale{}, all[read:]...), append([]contest.Sale{}, rest...))
		}
	}
	_, err = l.Open(&stream.SourceContext{Offsets: map[string]string{"part 1": "-1"}})
	require.Error(t, err)
	none, err := (&laps{parts: [][]contest.Sale{nil}, laps: 3}).Open(&stream.SourceContext{})
	require.NoError(t, err)
	require.ErrorIs(t, none[0].Read(t.Context(), stream.NewIntake[contest.Sale](1)), io.EOF)
}
