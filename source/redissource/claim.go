package redissource

import (
	"context"
	"time"

	"github.com/freshet-go/freshet/internal/redisio"
)

// A pendingEntry is what XPENDING says of one.
type pendingEntry struct {
	id       redisio.ID
	consumer string
}

// pendingOf is XPENDING from one id to another, of one consumer or of all.
func (m *member) pendingOf(ctx context.Context, from, to, consumer string, idle time.Duration) (list []pendingEntry, err error) {
	args := []any{"XPENDING", m.key, m.group}
	if idle > 0 {
		args = append(args, "IDLE", idle.Milliseconds())
	}
	args = append(args, from, to, m.count)
	if consumer != "" {
		args = append(args, consumer)
	}
	r, err := redisio.Call(ctx, m.client, args...)
	if err != nil {
		return nil, err
	}
	n, err := r.Array()
	for ; n > 0 && err == nil; n-- {
		if _, err = r.Array(); err != nil {
			break
		}
		var id, name []byte
		if id, err = r.String(); err != nil {
			break
		}
		if name, err = r.String(); err != nil {
			break
		}
		p := pendingEntry{consumer: string(name)}
		if p.id, err = redisio.ParseID(id); err == nil {
			list = append(list, p)
			err = r.Skip(2)
		}
	}
	return list, err
}

// claim takes over entries of consumers that are dead. It is XPENDING and XCLAIM, and not XAUTOCLAIM, which would
// take from this consumer, too, what waits long for a checkpoint.
func (m *member) claim(ctx context.Context) (list []entry, lost int64, err error) {
	from := "-"
	for {
		page, err := m.pendingOf(ctx, from, "+", "", m.claimAfter)
		if err != nil || len(page) == 0 {
			return nil, 0, err
		}
		var ids []redisio.ID
		for _, p := range page {
			if p.consumer != m.consumer && p.consumer != m.claimer() {
				ids = append(ids, p.id)
			}
		}
		if len(ids) > 0 {
			return m.claimIDs(ctx, ids)
		}
		if len(page) < m.count {
			return nil, 0, nil
		}
		from = "(" + page[len(page)-1].id.String()
	}
}

// claimIDs is XCLAIM. What the server does not return is somebody else's by now, or gone.
func (m *member) claimIDs(ctx context.Context, ids []redisio.ID) (list []entry, lost int64, err error) {
	args := []any{"XCLAIM", m.key, m.group, m.claimer(), m.claimAfter.Milliseconds()}
	for _, id := range ids {
		args = append(args, id.String())
	}
	r, err := redisio.Call(ctx, m.client, args...)
	if err != nil {
		return nil, 0, err
	}
	if list, err = entryList(r); err != nil {
		return nil, 0, err
	}
	m.claims.last = time.Time{} // there may be more
	got := map[redisio.ID]bool{}
	for _, e := range list {
		got[e.id] = true
		delete(m.known, e.id) // somebody else had it meanwhile, and now it is ours again
	}
	for _, id := range ids {
		if got[id] {
			continue
		}
		gone, err := m.gone(ctx, id)
		if err != nil {
			return nil, 0, err
		}
		if gone {
			lost++
			if err := m.ack(ctx, []redisio.ID{id}); err != nil {
				return nil, 0, err
			}
		}
	}
	m.stats.claimed.Add(int64(len(list)))
	if n := len(list); n > 0 {
		m.logger().Warn("entries of consumers that are dead are taken over", "key", m.key, "group", m.group, "entries", n)
	}
	return list, lost, nil
}

// gone reports whether the stream has an entry no more.
func (m *member) gone(ctx context.Context, id redisio.ID) (bool, error) {
	r, err := redisio.Call(ctx, m.client, "XRANGE", m.key, id.String(), id.String())
	if err != nil {
		return false, err
	}
	n, err := r.Array()
	return n == 0, err
}
