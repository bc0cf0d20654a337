package pushsource_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// A pipeline that stands still has clients wait, whatever it is that they wait for, and fails none of them:
// those that ask for no acknowledgements would lose what they have sent.
func TestStalledPipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const frameTimeout, messages = time.Minute, 40
		var given atomic.Int64
		l, src, end := pipedTo(pushsource.Server{Memory: 256 << 10, FrameTimeout: frameTimeout}, sink.Func(func(context.Context, stream.Event[string]) error {
			if given.Add(1) == 1 {
				time.Sleep(5 * frameTimeout)
			}
			return nil
		}))
		c := l.dial()
		acknowledged, written := make(chan int), make(chan error)
		go func() {
			n := 0
			for lines := bufio.NewScanner(c); n < messages && lines.Scan(); {
				if strings.HasPrefix(lines.Text(), "ok") {
					n++
				}
			}
			acknowledged <- n
		}()
		const words = 1000 // of 100 bytes: there is memory for some messages, and less than the queue takes
		go func() {
			for i := range messages {
				if _, err := io.WriteString(c, fmt.Sprint("id-", i, strings.Repeat(" "+strings.Repeat("w", 99), words), "\n")); err != nil {
					written <- err
					return
				}
			}
			written <- nil
		}()
		require.NoError(t, <-written)
		require.Equal(t, messages, <-acknowledged)
		require.EqualValues(t, messages*words, given.Load())
		require.Zero(t, src.Stats().Failed)
		require.NoError(t, c.Close())
		require.ErrorIs(t, end(), context.Canceled)
	})
}

// A client whose message waits for memory that another has hears that it is to be patient, though nothing
// of it waits to be acknowledged.
func TestWaitingForMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, end := piped(pushsource.Server{MaxMessage: 200 << 10, Memory: 160 << 10})
		begin := "id " + strings.Repeat("x", 128<<10-len("id ")) // four times what is read at once: there is memory for one of them
		first, second := l.dial(), l.dial()
		_, err := io.WriteString(first, begin)
		require.NoError(t, err)
		synctest.Wait() // the server has all of it
		written := make(chan error, 1)
		go func() {
			_, err := io.WriteString(second, begin+"\n")
			written <- err
		}()
		answers := bufio.NewReader(second)
		answer, err := answers.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "wait \n", answer)
		require.NoError(t, first.Close())
		for strings.HasPrefix(answer, "wait") {
			answer, err = answers.ReadString('\n')
			require.NoError(t, err)
		}
		require.Equal(t, "ok id 1\n", answer)
		require.NoError(t, <-written)
		require.NoError(t, second.Close())
		require.ErrorIs(t, end(), context.Canceled)
	})
}
