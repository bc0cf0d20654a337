package kafkasink

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A broker that hangs up at the first request of a connection wants TLS, or none, or is just ending: the latter, if one has answered this run before.
func TestHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &caller{name: "out", config: config{retry: time.Minute}}
		until := time.Now().Add(10 * time.Second)
		ask := func(context.Context) error {
			if time.Now().Before(until) {
				return new(kgo.ErrFirstReadEOF)
			}
			return nil
		}
		begun := time.Now()
		require.ErrorContains(t, m.retrying(t.Context(), "ask", ask), "ask: broker closed the connection immediately")
		require.Less(t, time.Since(begun), 3*time.Second)
		until = time.Now().Add(500 * time.Millisecond)
		require.NoError(t, m.retrying(t.Context(), "ask", ask), "it is back soon")
		until = time.Now().Add(10 * time.Second)
		require.NoError(t, m.retrying(t.Context(), "ask", ask), "it has answered before")
	})
}
