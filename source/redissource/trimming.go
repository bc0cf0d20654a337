package redissource

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
)

// A spot is a place in a stream: behind an entry. Its position is how many entries had been added to the stream up
// to there, if that is known.
type spot struct {
	id       redisio.ID
	position int64
	known    bool
}

// String is "1692632086370-0 as 17", or without the position.
func (s spot) String() string {
	if !s.known {
		return s.id.String()
	}
	return fmt.Sprintf("%v as %d", s.id, s.position)
}

func parseSpot(offset string) (s spot, err error) {
	id, position, known := strings.Cut(offset, " as ")
	if s.id, err = redisio.ParseID(id); err == nil && known {
		s.known = true
		s.position, err = strconv.ParseInt(position, 10, 64)
	}
	return s, err
}

// trimming notices that entries were trimmed from a stream before they were read. Redis 7 counts the
// entries that were ever added: from it and the length follows how many are gone, and these are
// the oldest. Where that is more than the position, and the next entry is the first that is left, the
// difference was not read. The same is so where all has been read, and the position is less than what was added. Older servers do not count, and nothing is noticed.
type trimming struct {
	client  redis.UniversalClient
	key     string
	checked time.Time
	useless bool // the server does not tell
}

// checkTrimmed is how often it is looked for. What is trimmed in between is noticed by a later look, as positions
// add up: when all has been read at the latest.
const checkTrimmed = time.Second

// info is what XINFO STREAM says.
type info struct {
	added, length int64
	last, first   redisio.ID // first is zero if there are no entries
	counted       bool       // the server tells how many were added
}

func (i info) removed() int64 { return i.added - i.length }

// ask returns what the server knows of the stream. A stream that is not there is empty.
func (t *trimming) ask(ctx context.Context) (i info, err error) {
	r, err := redisio.Call(ctx, t.client, "XINFO", "STREAM", t.key)
	if err != nil {
		if strings.HasPrefix(err.Error(), "ERR no such key") {
			return info{}, nil
		}
		return info{}, err
	}
	n, err := r.Array()
	for ; n > 0 && err == nil; n -= 2 {
		var name, text []byte
		if name, err = r.String(); err != nil {
			return info{}, err
		}
		switch string(name) {
		case "length", "entries-added":
			if text, err = r.String(); err != nil {
				return info{}, err
			}
			k, _ := strconv.ParseInt(string(text), 10, 64)
			if i.added = k; string(name) == "length" {
				i.length, i.added = k, 0
			} else {
				i.counted = true
			}
		case "last-generated-id":
			if text, err = r.String(); err == nil {
				i.last, err = redisio.ParseID(text)
			}
		case "first-entry":
			before := r
			if two, e := r.Array(); e == nil && two > 0 {
				if text, err = r.String(); err == nil {
					i.first, err = redisio.ParseID(text)
				}
			}
			r = before
			if err == nil {
				err = r.Skip(1)
			}
		default:
			err = r.Skip(1)
		}
	}
	return i, err
}

// end returns the spot behind the last entry.
func (t *trimming) end(ctx context.Context) (spot, error) {
	i, err := t.ask(ctx)
	return spot{i.last, i.added, i.counted}, err
}

// check looks, now and then, whether entries behind at are gone, and moves the position of at over them.
func (t *trimming) check(ctx context.Context, at *spot, logger *slog.Logger) (lost int64, why string, err error) {
	if t.useless || time.Since(t.checked) < checkTrimmed {
		return 0, "", nil
	}
	i, err := t.ask(ctx)
	switch {
	case err != nil && redisio.Passes(err):
		return 0, "", err
	case err != nil || i.length > 0 && !i.counted:
		t.useless = true
		logger.Debug("the server does not tell whether entries were trimmed", "key", t.key, "cause", err)
		return 0, "", nil
	}
	t.checked = time.Now()
	switch {
	case i.last == (redisio.ID{}) && !i.counted: // there is no stream
		return 0, "", nil
	case at.id.After(i.last):
		return 0, "", &ReadError{"stream " + t.key, fmt.Errorf("%w: its last entry is %v, and %v has been read; delete the checkpoints, or read it under another name", ErrReplaced, i.last, at.id)}
	case !at.known && at.id == (redisio.ID{}): // from the start of what is there
		at.position, at.known = i.removed(), true
		return 0, "", nil
	case at.known && at.position > i.added:
		logger.Warn("the stream was deleted and made anew", "key", t.key, "read", at.String(), "added", i.added)
		at.position = i.removed()
		return 0, "", nil
	case !at.known:
		if at.id == i.last {
			at.position, at.known = i.added, true
		}
		return 0, "", nil
	}
	switch {
	case at.id == i.last: // all has been read, and so many should have been
		lost = i.added - at.position
	case i.first == (redisio.ID{}) || i.first.After(at.id):
		lost = i.removed() - at.position
	}
	if lost <= 0 {
		return 0, "", nil
	}
	at.position += lost
	return lost, fmt.Sprintf("trimmed or deleted behind %v", at.id), nil
}
