package forwardtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

var errPower = errors.New("the power is gone")

// Restarts has send send to a server that goes away times times, each time in the middle, and
// comes again at the same port: stopped in good order, or as if killed. It returns
// what is in the files behind it, which are written exactly once.
func Restarts(t testing.TB, times int, send func(port int)) []Numbered {
	t.Helper()
	port, out, store := servertest.FreePort(t), t.TempDir(), checkpoint.Dir(t.TempDir())
	sent := make(chan struct{})
	up := make(chan struct{}, times+2)
	var came atomic.Int64 // events, in all lives
	life := func(ctx context.Context, dies *atomic.Bool) error {
		p := stream.New("forward")
		p.From(fluentsource.Listen[Numbered](pushsource.Server{
			Addr: fmt.Sprintf("127.0.0.1:%d", port), AckWithin: 10 * time.Millisecond, Bound: func(a net.Addr) { up <- struct{}{} },
		})).
			TryMap(func(_ context.Context, n Numbered) (Numbered, error) {
				came.Add(1)
				if dies.Load() {
					return n, errPower
				}
				return n, nil
			}).
			To(sink.Files(out, "events-*.jsonl", codec.JSON[Numbered]()))
		return p.Run(ctx, stream.Checkpoints(store, time.Hour))
	}
	for i := range times + 1 {
		ctx, stop := context.WithCancel(context.Background())
		dies := new(atomic.Bool)
		done := make(chan error, 1)
		go func() { done <- life(ctx, dies) }()
		listens(t, up, done)
		if i == 0 {
			go func() {
				defer close(sent)
				send(port)
			}()
		}
		if i == times {
			select {
			case <-sent:
			case err := <-done:
				t.Fatalf("the server has ended before all was sent: %v", err)
			}
			stop()
			require.ErrorIs(t, <-done, context.Canceled)
			break
		}
		for before := came.Load(); came.Load() < before+10 && !over(sent) && len(done) == 0; {
			time.Sleep(time.Millisecond)
		}
		dies.Store(i%2 == 1)
		more := 20 * time.Millisecond // and it is stopped in the midst
		if dies.Load() {
			more = 300 * time.Millisecond // or nothing comes any more that it would die of
		}
		var err error
		select {
		case err = <-done:
		case <-time.After(more):
			stop()
			err = <-done
		}
		stop()
		require.Condition(t, func() bool { return errors.Is(err, context.Canceled) || errors.Is(err, errPower) }, "%v", err)
		time.Sleep(30 * time.Millisecond)
	}
	// What a run that was stopped leaves behind, the next one finishes.
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- life(ctx, new(atomic.Bool)) }()
	listens(t, up, done)
	stop()
	require.ErrorIs(t, <-done, context.Canceled)
	return read(t, out)
}

// listens waits until a server listens.
func listens(t testing.TB, up chan struct{}, done chan error) {
	t.Helper()
	select {
	case <-up:
	case err := <-done:
		t.Fatalf("the server has ended before it listens: %v", err)
	}
}

func over(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// read reads all events of a folder.
func read(t testing.TB, dir string) (events []Numbered) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "events-*.jsonl"))
	require.NoError(t, err)
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
			var e Numbered
			require.NoError(t, json.Unmarshal(lines.Bytes(), &e))
			events = append(events, e)
		}
	}
	return events
}
