package redissource

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
)

// A scanner goes through the keys of all masters. It is used by one call at a time.
type scanner struct {
	*opened
	pattern string
	masters []redisio.Processor
	cursor  string
}

// begin begins an image.
func (s *scanner) begin() { s.masters, s.cursor = nil, "" }

// next is a call: it fetches the hashes of one step of the scan. A key may come more than once.
func (s *scanner) next(ctx context.Context) (p page, err error) {
	masters := s.masters
	if s.cursor == "" {
		if masters, err = mastersOf(ctx, s.client); err != nil {
			return p, err
		}
		s.masters, s.cursor = masters, "0"
	}
	r, err := redisio.Call(ctx, masters[0], "SCAN", s.cursor, "MATCH", s.pattern, "COUNT", s.config.count, "TYPE", "hash")
	if err != nil {
		return p, err
	}
	if _, err = r.Array(); err != nil {
		return p, err
	}
	cursor, err := r.String()
	if err != nil {
		return p, err
	}
	n, err := r.Array()
	var keys []string
	for ; n > 0 && err == nil; n-- {
		var key []byte
		key, err = r.String()
		keys = append(keys, string(key))
	}
	if err != nil {
		return p, err
	}
	p, err = s.read(ctx, keys)
	p.cursor = string(cursor)
	p.last = p.cursor == "0" && len(masters) == 1
	return p, err
}

// done is told that a page has been taken in, and goes on behind it.
func (s *scanner) done(p page) {
	if s.cursor = p.cursor; s.cursor == "0" && len(s.masters) > 1 {
		s.masters = s.masters[1:]
	}
}

// read fetches hashes by their keys.
func (s *scanner) read(ctx context.Context, keys []string) (p page, err error) {
	if len(keys) == 0 {
		return p, nil
	}
	pipe := s.client.Pipeline()
	cmds := make([]*redis.RawCmd, len(keys))
	for i, key := range keys {
		cmds[i] = redis.NewRawCmd(ctx, "HGETALL", key)
		if err := pipe.Process(ctx, cmds[i]); err != nil {
			return p, err
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return p, err
	}
	for i, cmd := range cmds {
		reply := redisio.NewReply(cmd.Val())
		first := reply
		switch _, err := first.Next(); {
		case err == nil:
			p.rows = append(p.rows, row{keys[i], reply})
		case redis.HasErrorPrefix(err, "WRONGTYPE"): // it is no hash any more
		case redisio.Moved(err):
			redisio.Reload(ctx, s.client)
			return p, err
		default:
			return p, err
		}
	}
	return p, nil
}

// mastersOf returns the clients of all masters of a cluster, and of a single server the client itself.
func mastersOf(ctx context.Context, c redis.UniversalClient) (all []redisio.Processor, err error) {
	var each func(context.Context, func(context.Context, *redis.Client) error) error
	switch c := c.(type) {
	case *redis.ClusterClient:
		each = c.ForEachMaster
	case *redis.Ring:
		each = c.ForEachShard
	default:
		return []redisio.Processor{c}, nil
	}
	var mu sync.Mutex
	err = each(ctx, func(_ context.Context, master *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, master)
		return nil
	})
	return all, err
}
