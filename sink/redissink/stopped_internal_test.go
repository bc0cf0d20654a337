package redissink

import (
	"context"
	"errors"
	"testing"

	"github.com/freshet-go/freshet/stream"
)

// When StopTimeout has passed, the function that makes commands is not called for the rest of a batch.
func TestStoppedInsideOfBatch(t *testing.T) {
	for _, name := range []string{"at least once", "exactly once"} {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		e := encoder[int]{encode: func(*commands, int) error {
			calls++
			cancel()
			return nil
		}}
		b := stream.NewIntake[int](3)
		for i := range 3 {
			b.Append(i)
		}
		var w stream.Writer[int] = &writer[int]{encoder: e, sender: sender{batch: 10}}
		if name == "exactly once" {
			w = &preparer[int]{encoder: e}
		}
		if err := w.Write(ctx, b.Batch()); !errors.Is(err, context.Canceled) || calls != 1 {
			t.Errorf("%s: %d calls, and the error is %v", name, calls, err)
		}
	}
}
