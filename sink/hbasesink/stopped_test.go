package hbasesink_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/stream"
)

// When StopTimeout has passed, the function that makes keys is not called for the rest of a batch.
func TestStoppedInsideOfBatch(t *testing.T) {
	g := started(t)
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	w, err := hbasesink.Puts(g.Client(), g.URL, "t", func(i item) string {
		calls++
		cancel()
		return i.Key
	}).Open(&stream.SinkContext{Context: t.Context(), Count: 1})
	require.NoError(t, err)
	b := stream.NewIntake[item](3)
	for _, key := range []string{"a", "b", "c"} {
		b.AppendAt(item{Key: key}, 5_000_000)
	}
	require.ErrorIs(t, w.Write(ctx, b.Batch()), context.Canceled)
	require.Equal(t, 1, calls)
	require.NoError(t, w.Close())
}
