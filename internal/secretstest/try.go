package secretstest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Try runs a pipeline that fails on something secret in each way that failures are dealt with: the run stops, skips what failed, or
// diverts it. With Hide the secret is in nothing that is written; without it is somewhere, or the test would look in the wrong places. Build
// makes the pipeline, and gives opts to the operator that fails, whose values are of type T.
func Try[T any](t testing.TB, what string, checkpoints bool, build func(p *stream.Pipeline, opts ...stream.Option)) {
	t.Helper()
	require.True(t, Refuses[T](t, what, checkpoints, build), "%s: the secret is not shown without Hide either", what)
}

// Refuses is Try where it is the server's to say whether its error shows the secret. It reports whether it does.
func Refuses[T any](t testing.TB, what string, checkpoints bool, build func(p *stream.Pipeline, opts ...stream.Option)) (shown bool) {
	t.Helper()
	for _, hides := range []bool{true, false} {
		for _, mode := range []string{"stop", "skip", "divert"} {
			w := &Written{}
			p := stream.New("secrets")
			switch mode {
			case "stop":
				build(p)
			case "skip":
				build(p, stream.SkipFailures())
			case "divert":
				Letters[T](w)(func(o stream.Option) { build(p, o) })
			}
			var how []stream.RunOption
			if checkpoints {
				how = append(how, stream.Checkpoints(checkpoint.Memory(), time.Hour))
			}
			if hides {
				how = append(how, Hide)
			}
			err := w.Run(t, p, how...)
			require.Equal(t, mode == "stop", err != nil, "%s, %s: %v", what, mode, err)
			if mode == "divert" {
				require.Contains(t, w.Text(), "a letter from", what)
			}
			if hides {
				w.Hidden(t, what+", "+mode)
			}
			shown = shown || !hides && strings.Contains(w.Text(), Secret)
		}
	}
	return shown
}
