package redisio

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// once is a command that go-redis does not send again when the reply is lost: who
// has sent it has to know of that.
type once struct{ *redis.RawCmd }

func (once) NoRetry() bool { return true }

// A Processor is a client, as far as Call needs one.
type Processor interface {
	Process(ctx context.Context, cmd redis.Cmder) error
}

// Call sends a command once and returns the reply as it came.
func Call(ctx context.Context, c Processor, args ...any) (Reply, error) {
	cmd := once{redis.NewRawCmd(ctx, args...)}
	if err := c.Process(ctx, cmd); err != nil {
		return Reply{}, err
	}
	raw := cmd.Val()
	if len(raw) > 0 && raw[0] == '-' {
		r := NewReply(raw)
		_, err := r.Next()
		if Moved(err) {
			Reload(ctx, c)
		}
		return Reply{}, err
	}
	return NewReply(raw), nil
}

// Reload has a cluster client ask who has which keys. It does that by itself, but not
// for commands whose replies it does not read.
func Reload(ctx context.Context, c Processor) {
	if r, ok := c.(interface{ ReloadState(context.Context) }); ok {
		r.ReloadState(ctx)
	}
}
