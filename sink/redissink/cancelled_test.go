package redissink_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A slow server answers a command with 7, a second after the run was cancelled.
type slow struct{ asked chan struct{} }

func (s slow) DialHook(redis.DialHook) redis.DialHook {
	return func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("there is no server") }
}

func (s slow) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		close(s.asked)
		<-ctx.Done()
		time.Sleep(time.Second) // in the bubble: nothing else says that the caller is gone, or the detector would see no race
		cmd.(*redis.StringCmd).SetVal("7")
		return nil
	}
}

func (s slow) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// An answer that comes behind a cancel is written where nobody reads: under the race detector this is what fails.
func TestCancelledQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
		defer c.Close()
		s := slow{make(chan struct{})}
		c.AddHook(s)
		ctx, cancel := context.WithCancel(context.Background())
		sink := redissink.ExactlyOnce(redissink.Strings(c, func(string) string { return "k" }, codec.JSON[string]()))
		committer, err := sink.OpenCommitter(&stream.SinkContext{Context: ctx, Pipeline: "p", Name: "s", Count: 1, Transactional: true})
		if err != nil {
			t.Fatal(err)
		}
		go func() { <-s.asked; cancel() }()
		if id, err := committer.Committed(ctx); !errors.Is(err, context.Canceled) || id != 0 {
			t.Errorf("%d, %v", id, err)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
	})
}
