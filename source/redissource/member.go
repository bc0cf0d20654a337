package redissource

import (
	"context"
	"strings"
	"time"

	"github.com/freshet-go/freshet/internal/redisio"
)

// A member is how a consumer asks for entries of one stream: first for those that it was given in vain, then
// for new ones, and now and then for those of dead consumers. It is used by one call at a time.
type member struct {
	*opened
	group, consumer, key string
	unacked              *unacked

	from     string // where a group that is made begins
	doing    doing
	settled  redisio.ID              // what is pending up to here is in the checkpoint that the run began with
	high     redisio.ID              // of what was delivered as new
	known    map[redisio.ID]struct{} // what was taken over and is in the checkpoint, or was fetched
	claimsAt redisio.ID              // how far the second consumer's were asked for
	claims   claiming
	trim     groupTrimming
}

// doing is what comes next. After an error it begins again: a reply may have been lost, and with
// it entries that count as delivered.
type doing int

const (
	making   doing = iota // the group
	settling              // acknowledge what is in the checkpoint
	pending               // what was delivered to this consumer
	holding               // what the second consumer has taken over
	reading               // new ones
)

// A groupReply is what a call has brought.
type groupReply struct {
	list    []entry
	claimed bool
	retold  bool
	lost    int64
	told    int64 // see groupTrimming
	end     bool  // there is nothing more
}

// begin goes on from a checkpoint.
func (m *member) begin() {
	m.settled, m.high, m.trim.told = m.unacked.high, m.unacked.high, m.unacked.told
	for _, c := range m.unacked.claimed {
		m.known[c.id] = struct{}{}
	}
}

// claimer is the name of the second consumer. It is one of its own as the entries of the first have an order,
// which says what the checkpoint holds.
func (m *member) claimer() string { return m.consumer + ":claimed" }

// next is a call.
func (m *member) next(ctx context.Context) (reply groupReply, err error) {
	for _, id := range m.unacked.forgotten() {
		delete(m.known, id)
	}
	reply, err = m.step(ctx)
	if reply.told = m.trim.told; err != nil {
		m.doing = min(m.doing, pending)
		m.claimsAt = redisio.ID{}
		if strings.HasPrefix(err.Error(), "NOGROUP") {
			m.logger().Warn("the group or its stream was deleted, and is made anew", "key", m.key, "group", m.group)
			m.doing, m.from = making, "0-0"
			err = nil
		}
	}
	return reply, err
}

func (m *member) step(ctx context.Context) (reply groupReply, err error) {
	switch m.doing {
	case making:
		_, err := redisio.Call(ctx, m.client, "XGROUP", "CREATE", m.key, m.group, m.from, "MKSTREAM")
		if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
			return reply, err
		}
		if err == nil {
			m.trim.told = 0 // that was of a group of before
		}
		m.doing = settling
	case settling:
		if err := m.settle(ctx); err != nil {
			return reply, err
		}
		m.doing = pending
	case pending:
		reply.retold = true
		reply.list, err = m.read(ctx, m.consumer, m.high.String())
		if n := len(reply.list); n > 0 {
			m.high = reply.list[n-1].id
		} else if err == nil {
			m.doing = holding
		}
	case holding:
		reply.claimed, reply.retold = true, true
		list, err := m.read(ctx, m.claimer(), m.claimsAt.String())
		if err != nil {
			return reply, err
		}
		if len(list) == 0 {
			m.doing = reading
			break
		}
		m.claimsAt = list[len(list)-1].id
		reply.list = m.unknown(list)
	case reading:
		return m.fresh(ctx)
	}
	return reply, err
}

// fresh fetches new entries, or takes some over.
func (m *member) fresh(ctx context.Context) (reply groupReply, err error) {
	if reply.lost, err = m.trim.check(ctx, m); err != nil || reply.lost > 0 {
		return reply, err
	}
	if m.claims.due(m.claimAfter) {
		list, lost, err := m.claim(ctx)
		if err != nil || len(list) > 0 || lost > 0 {
			return groupReply{list: m.unknown(list), claimed: true, retold: true, lost: lost}, err
		}
	}
	reply.list, err = m.read(ctx, m.consumer, ">")
	if n := len(reply.list); n > 0 {
		m.high = reply.list[n-1].id
	}
	if reply.end = err == nil && len(reply.list) == 0; reply.end && m.bounded {
		m.trim.checked = time.Time{} // the last look
		reply.lost, err = m.trim.check(ctx, m)
	}
	return reply, err
}

// read is XREADGROUP. It waits only for new entries.
func (m *member) read(ctx context.Context, consumer, id string) ([]entry, error) {
	args := make([]any, 0, 11)
	args = append(args, "XREADGROUP", "GROUP", m.group, consumer, "COUNT", m.count)
	if id == ">" && !m.bounded {
		args = append(args, "BLOCK", m.block.Milliseconds())
	}
	raw, err := redisio.Call(ctx, m.client, append(args, "STREAMS", m.key, id)...)
	if err != nil {
		return nil, err
	}
	return entriesOf(raw)
}

// unknown leaves out the entries that were fetched before, and knows the others from now on.
func (m *member) unknown(list []entry) []entry {
	var fresh []entry
	for _, e := range list {
		if _, ok := m.known[e.id]; !ok {
			m.known[e.id] = struct{}{}
			fresh = append(fresh, e)
		}
	}
	return fresh
}

// settle acknowledges what is pending and in the checkpoint.
func (m *member) settle(ctx context.Context) error {
	var ids []redisio.ID
	for id := range m.known {
		ids = append(ids, id)
	}
	for from := "-"; m.settled != (redisio.ID{}); {
		list, err := m.pendingOf(ctx, from, m.settled.String(), m.consumer, 0)
		if err != nil {
			return err
		}
		for _, p := range list {
			ids = append(ids, p.id)
		}
		if len(list) < m.count {
			break
		}
		from = "(" + list[len(list)-1].id.String()
	}
	for len(ids) > 0 {
		n := min(len(ids), m.count)
		if err := m.ack(ctx, ids[:n]); err != nil {
			return err
		}
		m.stats.skipped.Add(int64(n))
		ids = ids[n:]
	}
	m.settled = redisio.ID{}
	return nil
}

// longestAck bounds how long an acknowledgement is tried again, which holds up the next checkpoint; that acknowledges the
// same.
const longestAck = 5 * time.Second

// ack is XACK.
func (m *member) ack(ctx context.Context, ids []redisio.ID) error {
	text := make([]byte, 0, 20*len(ids))
	ends := make([]int, len(ids))
	for i, id := range ids {
		text = id.Append(text)
		ends[i] = len(text)
	}
	all := string(text)
	parts := make([]string, len(ids))
	args := make([]any, 3, 3+len(ids))
	args[0], args[1], args[2] = "XACK", m.key, m.group
	from := 0
	for i, end := range ends {
		parts[i] = all[from:end]
		args = append(args, &parts[i]) // a pointer is not boxed
		from = end
	}
	return redisio.Retry(ctx, min(m.retry, longestAck), nil, func() error {
		_, err := redisio.Call(ctx, m.client, args...)
		return err
	})
}

// A claiming is when entries are taken over next.
type claiming struct{ last time.Time }

// due reports whether it is time. Consumers are looked at four times in the time that makes them dead.
func (c *claiming) due(after time.Duration) bool {
	if after == 0 || time.Since(c.last) < max(after/4, 10*time.Millisecond) {
		return false
	}
	c.last = time.Now()
	return true
}
