package redissource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Lists reads lists from their heads, each a partition; who adds to them uses RPUSH. What is read is moved to a list
// of this consumer's, "{jobs}:processing:one" for the list jobs and the consumer one, and is removed from there when a checkpoint
// that holds it is durable; without checkpoints, when the sinks have flushed. A consumer that is restarted goes on
// with what is in its list. "{jobs}:processing:one:count" counts what was removed: so what the checkpoint
// holds is not read again, and with a transactional sink the results are exact.
//
// What a consumer has in its list waits until it comes back under its name. Consumer is a name that no other process has at
// the same time. It panics if client or format is nil, consumer is empty, the format has a header, there is
// no key, or one is given twice.
func Lists[T any](client redis.UniversalClient, consumer string, keys []string, format codec.Format[T], opts ...Option) *Source[T] {
	keys = given("Lists", keys)
	headless("Lists", format)
	if consumer == "" {
		panic("redissource: Lists: the consumer needs a name")
	}
	return newSource(client, "lists "+strings.Join(keys, ", "), opts, func(o *opened) (readers []stream.Reader[T], err error) {
		for _, key := range keys {
			r := &listReader[T]{opened: o, list: newList(o, key, consumer), dec: format.NewDecoder(), given: -1}
			if offset := o.Offsets[key]; offset != "" {
				if r.given, err = strconv.ParseInt(offset, 10, 64); err != nil {
					return nil, &ReadError{"list " + key, fmt.Errorf("%q is no offset of a list", offset)}
				}
			}
			r.patient = patience{opened: o, what: "list " + key}
			r.list.given = r.given
			r.fetch = newFetch[listReply](o.Context)
			readers = append(readers, r)
		}
		return readers, nil
	})
}

// A listReader reads one list.
type listReader[T any] struct {
	*opened
	list    *list
	dec     codec.Decoder[T]
	values  [][]byte
	given   int64 // in all runs; -1 until it is known
	fetch   *fetch[listReply]
	patient patience
	end     bool
}

func (r *listReader[T]) Partition() string { return r.list.key }
func (r *listReader[T]) Waits() bool       { return true }

func (r *listReader[T]) Offset() string {
	if r.given < 0 {
		return ""
	}
	return strconv.FormatInt(r.given, 10)
}

// Locate counts the elements that this consumer has read in all runs.
func (r *listReader[T]) Locate(position int64) string {
	return fmt.Sprintf("%s element %d", r.list.key, position)
}

// Read gives elements that are there, and waits for some if none are.
func (r *listReader[T]) Read(ctx context.Context, in *stream.Intake[T]) error {
	for len(r.values) == 0 {
		if r.end {
			return io.EOF
		}
		if !r.patient.wait(ctx) {
			return ctx.Err()
		}
		r.fetch.start(r.list.next)
		reply, err := r.fetch.wait(ctx)
		if err := r.patient.judge(ctx, err); err != nil {
			return err
		}
		if err != nil {
			continue
		}
		r.values, r.given = reply.values, reply.from
		if err := r.lose(reply.lost, r.list.key, "removed for a checkpoint later than the one that the run began with"); err != nil {
			return err
		}
		r.end = r.bounded && len(r.values) == 0
	}
	if !r.end {
		r.fetch.start(r.list.next) // while these are decoded
	}
	for ; len(r.values) > 0 && in.Room() > 0; r.values = r.values[1:] {
		switch bad := r.dec.Decode(r.values[0], in.Next()); {
		case bad == nil:
			in.Mark(r.given)
			r.stats.read.Add(1)
		case errors.Is(bad, codec.ErrSkip):
			in.Unread()
		default:
			in.Unread()
			in.Reject(r.values[0], r.given, bad)
			r.stats.rejected.Add(1)
		}
		r.given++
	}
	return nil
}

// Commit removes what was given before an offset.
func (r *listReader[T]) Commit(ctx context.Context, offset string) error {
	if offset == "" {
		return nil
	}
	n, err := strconv.ParseInt(offset, 10, 64)
	if err == nil {
		err = redisio.Within(ctx, func() error { return r.list.remove(ctx, n) })
	}
	if err != nil {
		return &ReadError{"list " + r.list.key, err}
	}
	return nil
}

// Close waits for the call that is under way.
func (r *listReader[T]) Close() error {
	r.fetch.close()
	return nil
}
