package kafkasink

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A broker that hangs up at the first request of a connection wants TLS, or none, or is just ending: the latter, if one has answered this run before.
func TestHangsUp(t *testing.T) {
	m := &committer{name: "out", config: config{retry: time.Minute}}
	calls := 0
	ask := func(context.Context) error {
		if calls++; calls == 1 {
			return new(kgo.ErrFirstReadEOF)
		}
		return nil
	}
	require.ErrorContains(t, m.retrying(t.Context(), "ask", ask), "ask: broker closed the connection immediately")
	require.NoError(t, m.retrying(t.Context(), "ask", ask), "it answers")
	calls = 0
	require.NoError(t, m.retrying(t.Context(), "ask", ask), "it is tried again")
	require.Equal(t, 2, calls)
}
