package fluentsink_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/stream"
)

// TestServerRestarts has the server stop, and die, in the middle: with one that knows ids again, everything
// arrives once.
func TestServerRestarts(t *testing.T) {
	const n = 300
	var events []forwardtest.Numbered
	for i := range n {
		events = append(events, forwardtest.Numbered{N: i, Text: fmt.Sprintf("event %d", i), At: time.Unix(int64(i)+1, 0)})
	}
	got := forwardtest.Restarts(t, 4, func(port int) {
		p := stream.New("forward")
		p.From(given(events)).
			Tap(func(e forwardtest.Numbered) {
				if e.N%10 == 0 {
					time.Sleep(20 * time.Millisecond)
				}
			}).
			To(fluentsink.New[forwardtest.Numbered](fmt.Sprintf("127.0.0.1:%d", port), "t", fluentsink.InFlight(3)))
		assert.NoError(t, p.Run(t.Context(), stream.BatchSize(10)))
	})
	forwardtest.Once(t, "t", n, got)
}
