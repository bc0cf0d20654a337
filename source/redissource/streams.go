package redissource

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
)

// Streams reads streams by the ids of their entries, each a partition. Where it goes on is in
// the checkpoint: every entry is read exactly once, as long as the stream keeps those that are not read. Nothing is written to
// the server. Each stream occupies a connection of the client.
//
// It panics if client is nil, there is no key, or one is given twice.
func Streams[T any](client redis.UniversalClient, keys []string, as Decoding[T], opts ...Option) *Source[T] {
	keys = given("Streams", keys)
	return newSource(client, "streams "+strings.Join(keys, ", "), opts, func(o *opened) (readers []stream.Reader[T], err error) {
		for _, key := range keys {
			r, err := newStreamReader(o, key, as)
			if err != nil {
				return nil, err
			}
			readers = append(readers, r)
		}
		return readers, nil
	})
}

// given checks and copies the names that a source is to read.
func given(what string, names []string) []string {
	if len(names) == 0 {
		panic("redissource: " + what + ": there is nothing to read")
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			panic("redissource: " + what + ": " + name + " is given twice")
		}
		seen[name] = true
	}
	return append([]string(nil), names...)
}

// A streamReader reads one stream by ids.
type streamReader[T any] struct {
	*opened
	intaker[T]
	at      spot // behind what was given
	list    []entry
	fetch   *fetch[streamReply]
	fetched spot // behind what was fetched; used by the call that is under way
	trim    trimming
	patient patience
	end     bool
}

type streamReply struct {
	list []entry
	lost int64 // before the first of them
	spot spot  // before the first of them
	why  string
}

func newStreamReader[T any](o *opened, key string, as Decoding[T]) (*streamReader[T], error) {
	r := &streamReader[T]{opened: o, intaker: intaker[T]{key: key, dec: as.newDecoder(), counts: o.stats}}
	r.patient = patience{opened: o, what: "stream " + key}
	r.trim = trimming{client: o.client, key: key}
	var err error
	if offset, ok := o.Offsets[key]; ok {
		r.at, err = parseSpot(offset)
	} else if begins, ok := o.Begins[key]; ok && o.start == "$" {
		r.at, err = parseSpot(begins)
	} else if o.start == "$" {
		err = redisio.Retry(o.Context, o.retry, nil, func() (err error) {
			r.at, err = r.trim.end(o.Context)
			return err
		})
	} else {
		r.at, err = parseSpot(o.start)
	}
	if err != nil {
		return nil, &ReadError{"stream " + key, err}
	}
	r.fetched = r.at
	r.fetch = newFetch[streamReply](o.Context)
	return r, nil
}

func (r *streamReader[T]) Partition() string { return r.key }
func (r *streamReader[T]) Offset() string    { return r.at.String() }
func (r *streamReader[T]) Waits() bool       { return true }
func (r *streamReader[T]) Locate(position int64) string {
	return r.places.locate(r.key, "entry", position)
}

// Read gives entries that are there, and waits for some if none are.
func (r *streamReader[T]) Read(ctx context.Context, in *stream.Intake[T]) error {
	for len(r.list) == 0 {
		if r.end {
			return io.EOF
		}
		if !r.patient.wait(ctx) {
			return ctx.Err()
		}
		r.fetch.start(r.next)
		reply, err := r.fetch.wait(ctx)
		if err := r.patient.judge(ctx, err); err != nil {
			return err
		}
		if err != nil {
			continue
		}
		if reply.spot.known {
			r.at.position, r.at.known = reply.spot.position+reply.lost, true
		}
		if err := r.lose(reply.lost, r.key, reply.why); err != nil {
			return err
		}
		r.list = reply.list
		r.end = r.bounded && len(r.list) == 0
	}
	if !r.end {
		r.fetch.start(r.next) // while these are decoded
	}
	taken, _, err := r.take(in, r.list, func(id redisio.ID) {
		r.at.id = id
		r.at.position++
	})
	r.list = r.list[taken:]
	return err
}

// next is a call: it fetches the entries behind those that were fetched.
func (r *streamReader[T]) next(ctx context.Context) (reply streamReply, err error) {
	if reply.lost, reply.why, err = r.trim.check(ctx, &r.fetched, r.logger()); err != nil {
		return reply, err
	}
	reply.spot = r.fetched
	reply.spot.position -= reply.lost
	args := []any{"XREAD", "COUNT", r.count, "BLOCK", r.block.Milliseconds(), "STREAMS", r.key, r.fetched.id.String()}
	if r.bounded {
		args = append(args[:3], args[5:]...)
	}
	raw, err := redisio.Call(ctx, r.client, args...)
	if err == nil {
		reply.list, err = entriesOf(raw)
	}
	if err == nil && len(reply.list) == 0 && r.bounded {
		var lost int64
		r.trim.checked = time.Time{} // the last look
		if lost, reply.why, err = r.trim.check(ctx, &r.fetched, r.logger()); lost > 0 {
			reply.lost += lost
		}
	}
	if err != nil {
		r.fetched.position -= reply.lost // the next call finds it again
		r.trim.checked = time.Time{}
		return streamReply{}, err
	}
	if n := len(reply.list); n > 0 {
		r.fetched.id = reply.list[n-1].id
		r.fetched.position += int64(n)
	}
	return reply, nil
}

// Close waits for the call that is under way.
func (r *streamReader[T]) Close() error {
	r.fetch.close()
	return nil
}
