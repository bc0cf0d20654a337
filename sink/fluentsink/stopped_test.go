package fluentsink_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/stream"
)

type told []func()

func (v told) MarshalText() ([]byte, error) {
	v[0]()
	return []byte("x"), nil
}

// When StopTimeout has passed, the methods of fields are not called for the rest of a batch.
func TestStoppedInsideOfBatch(t *testing.T) {
	type note struct {
		Text told `fluent:"text"`
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	w, err := fluentsink.New[note]("127.0.0.1:1", "t").Open(&stream.SinkContext{Context: t.Context(), Count: 1})
	require.NoError(t, err)
	b := stream.NewIntake[note](3)
	for range 3 {
		b.Append(note{told{func() { calls++; cancel() }}})
	}
	require.ErrorIs(t, w.Write(ctx, b.Batch()), context.Canceled)
	require.Equal(t, 1, calls)
	_ = w.Close()
}
