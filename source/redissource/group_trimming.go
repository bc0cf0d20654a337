package redissource

import (
	"context"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/internal/redisio"
)

// groupTrimming notices that entries were trimmed before they were delivered to any consumer of a group. Redis 7
// counts what the group has read: where more entries are gone from the stream, and the first that is left is
// behind the last that was delivered, the difference was delivered to nobody. The same is so where all was
// delivered, and that is less than was added.
type groupTrimming struct {
	trimming
	told int64 // of the difference, by which the server's count stays behind; also by runs before, from the offset
}

func (t *groupTrimming) check(ctx context.Context, m *member) (lost int64, err error) {
	if t.useless || time.Since(t.checked) < checkTrimmed {
		return 0, nil
	}
	t.client, t.key = m.client, m.key
	delivered, read, err := t.group(ctx, m.group)
	if err != nil {
		return 0, err
	}
	i, err := t.ask(ctx)
	if err != nil {
		return 0, err
	}
	t.checked = time.Now()
	if read < 0 || !i.counted {
		return 0, nil
	}
	var behind int64
	switch {
	case delivered == i.last: // all was delivered, and so many should have been
		behind = i.added - read
	case i.first.After(delivered):
		behind = i.removed() - read
	default:
		return 0, nil
	}
	behind = max(behind, 0)
	lost = max(behind-t.told, 0)
	t.told = behind // less than before where the server has counted anew, or the group was made anew
	return lost, nil
}

// group returns the last id that was delivered and how many were, or -1 if the server does not
// tell: it does not know after the group was made in the midst of a stream.
func (t *groupTrimming) group(ctx context.Context, group string) (delivered redisio.ID, read int64, err error) {
	r, err := redisio.Call(ctx, t.client, "XINFO", "GROUPS", t.key)
	if err != nil {
		return delivered, -1, err
	}
	groups, err := r.Array()
	for ; groups > 0 && err == nil; groups-- {
		var pairs []redisio.Pair
		if pairs, _, err = r.Pairs(nil); err != nil {
			break
		}
		this := false
		read = -1
		for _, p := range pairs {
			switch string(p.Name) {
			case "name":
				this = string(p.Value) == group
			case "last-delivered-id":
				if delivered, err = redisio.ParseID(p.Value); err != nil {
					return delivered, -1, err
				}
			case "entries-read":
				if n, e := strconv.ParseInt(string(p.Value), 10, 64); e == nil {
					read = n
				}
			}
		}
		if this {
			return delivered, read, nil
		}
	}
	return redisio.ID{}, -1, err
}
