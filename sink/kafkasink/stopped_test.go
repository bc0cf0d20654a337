package kafkasink_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/stream"
)

// When StopTimeout has passed, the function that fills records is not called for the rest of a batch.
func TestStoppedInsideOfBatch(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	w, err := kafkasink.Topic(client, "orders", kafkasink.Func(func(v string, r *kgo.Record) error {
		calls++
		cancel()
		r.Value = []byte(v)
		return nil
	})).Open(&stream.SinkContext{Context: t.Context(), Name: "store", Count: 1, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	b := stream.NewIntake[string](3)
	for _, v := range []string{"a", "b", "c"} {
		b.Append(v)
	}
	require.ErrorIs(t, w.Write(ctx, b.Batch()), context.Canceled)
	require.Equal(t, 1, calls)
	_ = w.Close()
}
