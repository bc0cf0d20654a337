package sqlsink_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/stream"
)

// When StopTimeout has passed, the function that makes arguments is not called for the rest of a batch.
func TestStoppedInsideOfBatch(t *testing.T) {
	for name, c := range map[string]*stream.SinkContext{
		"checkpoints": committing(t), "none": {Context: t.Context(), Count: 1},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			w, err := sqlsink.Statement(database(t, "CREATE TABLE t (v TEXT)"), "INSERT INTO t VALUES (?)", func(s string) []any {
				calls++
				cancel()
				return []any{s}
			}).Open(c)
			require.NoError(t, err)
			b := stream.NewIntake[string](3)
			for _, v := range []string{"a", "b", "c"} {
				b.Append(v)
			}
			require.ErrorIs(t, w.Write(ctx, b.Batch()), context.Canceled)
			require.Equal(t, 1, calls)
			require.NoError(t, w.Close())
		})
	}
}
