package redissource

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
)

// A list is how elements come from a list to that of a consumer, and go from there. Elements are
// known by how many were removed before them, in all runs: so a call whose reply is lost can be made again.
type list struct {
	*opened
	key, processing, count string
	given                  int64 // what was fetched; -1 until it is known
	empty                  bool  // the last call has found nothing: the next one waits
}

type listReply struct {
	values [][]byte
	from   int64 // the number of the first of them
	lost   int64
}

func newList(o *opened, key, consumer string) *list {
	l := &list{opened: o, key: key}
	l.processing = tagged(key) + ":processing:" + consumer
	l.count = l.processing + ":count"
	return l
}

// tagged returns the beginning of names that are in the hash slot of a key.
func tagged(key string) string {
	if open := strings.IndexByte(key, '{'); open >= 0 {
		if end := strings.IndexByte(key[open:], '}'); end > 1 {
			return key
		}
	}
	return "{" + key + "}"
}

// fetchScript returns what the consumer's list holds behind ARGV[1], and moves more there, so that there
// are ARGV[2]. It returns the number of the first, and where that is not ARGV[1], nothing else.
var fetchScript = redis.NewScript(`
local removed = tonumber(redis.call('GET', KEYS[3]) or '0')
local held = redis.call('LLEN', KEYS[2])
local given, most = tonumber(ARGV[1]), tonumber(ARGV[2])
if given < 0 then given = removed end
if given < removed then return {removed, {}} end
if given > removed + held then return {removed + held, {}} end
local out = redis.call('LRANGE', KEYS[2], given - removed, given - removed + most - 1)
for i = #out + 1, most do
  local v = redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT')
  if not v then break end
  out[i] = v
end
return {given, out}`)

// removeScript removes elements from the head of the consumer's list until ARGV[1] are removed.
var removeScript = redis.NewScript(`
local removed = tonumber(redis.call('GET', KEYS[2]) or '0')
local n = math.min(tonumber(ARGV[1]) - removed, redis.call('LLEN', KEYS[1]))
if n > 0 then
  redis.call('LTRIM', KEYS[1], n, -1)
  redis.call('SET', KEYS[2], string.format('%.0f', removed + n))
end
return n`)

// next is a call: it fetches the elements behind those that were fetched.
func (l *list) next(ctx context.Context) (reply listReply, err error) {
	if l.empty && !l.bounded {
		// What it moves is found by the script.
		if _, err := redisio.Call(ctx, l.client, "BLMOVE", l.key, l.processing, "LEFT", "RIGHT", fmt.Sprintf("%.3f", l.block.Seconds())); err != nil {
			return reply, err
		}
	}
	raw, err := eval(ctx, l.client, fetchScript, []string{l.key, l.processing, l.count}, l.given, l.opened.config.count)
	if err != nil {
		return reply, err
	}
	if _, err = raw.Array(); err != nil {
		return reply, err
	}
	from, err := raw.Next()
	if err != nil {
		return reply, err
	}
	n, err := raw.Array()
	for ; n > 0 && err == nil; n-- {
		var v []byte
		v, err = raw.String()
		reply.values = append(reply.values, v)
	}
	if err != nil {
		return reply, err
	}
	reply.from = int64(from.N)
	if l.given >= 0 && reply.from > l.given {
		reply.lost = reply.from - l.given
	} else if reply.from < l.given {
		l.logger().Error("the consumer's list holds less than was read: it was deleted, or the server has lost it", "key", l.processing, "read", l.given, "held", reply.from)
	}
	l.empty = reply.from == l.given && len(reply.values) == 0
	l.given = reply.from + int64(len(reply.values))
	return reply, nil
}

// remove is told how many elements are in a durable checkpoint.
func (l *list) remove(ctx context.Context, n int64) error {
	return redisio.Retry(ctx, min(l.retry, longestAck), nil, func() error {
		_, err := eval(ctx, l.client, removeScript, []string{l.processing, l.count}, n)
		return err
	})
}

// eval runs a script, and loads it where the server does not have it.
func eval(ctx context.Context, c redis.UniversalClient, script *redis.Script, keys []string, args ...any) (redisio.Reply, error) {
	all := []any{"EVALSHA", script.Hash(), len(keys)}
	for _, k := range keys {
		all = append(all, k)
	}
	all = append(all, args...)
	r, err := redisio.Call(ctx, c, all...)
	if err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") {
		if err := script.Load(ctx, c).Err(); err != nil {
			return r, err
		}
		return redisio.Call(ctx, c, all...)
	}
	return r, err
}
