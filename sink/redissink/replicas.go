package redissink

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
)

// confirmScript returns 1 if ARGV[2] commands of checkpoint ARGV[1] are done, and writes something, for WAIT to wait for.
var confirmScript = redis.NewScript(`
local m = redis.call('HMGET', KEYS[1], 'at', 'done')
if m[1] ~= ARGV[1] or m[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'confirmed', ARGV[1])
return 1`)

// waitReplicas is how long one WAIT waits. It has to be shorter than the client's ReadTimeout.
const waitReplicas = 500 * time.Millisecond

// replicated reports whether the server that is the master now has so many commands of a checkpoint, and its replicas have
// them. The script and WAIT are sent over one connection: WAIT is about what that has written.
func (m *committer) replicated(ctx context.Context, id int64, commands int) (done bool, err error) {
	var confirmed, replicas int64
	err = m.retrying(ctx, "WAIT", m.root, func() error {
		pipe := m.client.Pipeline()
		has := confirmScript.Eval(ctx, pipe, []string{m.root}, id, commands)
		have := pipe.Do(ctx, "WAIT", m.replicas, waitReplicas.Milliseconds())
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		confirmed, _ = has.Int64()
		replicas, _ = have.Int64()
		return nil
	})
	if err != nil {
		return false, err // and the numbers may still be written to, where ctx has ended
	}
	return confirmed == 1 && replicas >= int64(m.replicas), nil
}

// confirm commits until replicas have it: a master that is demoted meanwhile takes with it what they did not have.
func (m *committer) confirm(ctx context.Context, id int64, prepared [][]byte, how manner) ([]*part, error) {
	for start := time.Now(); ; {
		parts, err := m.commit(ctx, id, prepared, how)
		if err != nil || m.replicas == 0 || len(parts) == 0 {
			return parts, err
		}
		done, err := m.replicated(ctx, id, len(parts[0].list)) // it is not for clusters, so there is one part
		if err != nil || done {
			return parts, err
		}
		if since := time.Since(start); since > m.retry {
			return nil, &WriteError{Sink: m.sender.name, Command: "WAIT", Key: m.root, Err: fmt.Errorf("tried for %v: fewer than %d replicas have it: see Replicas", since.Round(time.Millisecond), m.replicas)}
		}
		if !redisio.Sleep(ctx, 20*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
}
