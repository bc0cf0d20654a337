package sqlsink_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

func events(n int) (all []stream.Event[string]) {
	for i := range n {
		all = append(all, stream.Event[string]{
			Value: fmt.Sprintf("event %d", i),
			Time:  stream.Time(i-n/2) * stream.Time(10*time.Second),
		})
	}
	return all
}

func open(t *testing.T, s stream.Sink[string], instance, count int) stream.Writer[string] {
	w, err := s.Open(&stream.SinkContext{Context: t.Context(), Instance: instance, Count: count})
	require.NoError(t, err)
	return w
}

func put(t *testing.T, w stream.Writer[string], all ...stream.Event[string]) {
	b := stream.NewIntake[string](len(all))
	for _, e := range all {
		b.AppendAt(e.Value, e.Time)
	}
	require.NoError(t, w.Write(t.Context(), b.Batch()))
}

type order struct {
	Shop   string
	Amount float64
}
