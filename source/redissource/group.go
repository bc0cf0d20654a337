package redissource

import (
	"context"
	"io"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
)

// Group reads streams as a consumer of a group, each stream a partition. Consumers of a
// group share the entries between them. The group is made if it is not there; the consumer needs a name that it has again
// when it is restarted, and that no other process has at the same time.
//
// An entry is acknowledged (XACK) when a checkpoint that holds it is durable; without checkpoints, when
// the sinks have flushed. A restarted consumer first gets what it has not acknowledged. The checkpoint
// knows what of that it holds, which is acknowledged and not read again: as long as a consumer comes back under its
// name, entries are read exactly once. Entries that others take over, as it is away for longer than ClaimAfter, are read twice if they were in its last
// checkpoint: at least once. See Stats for how many.
//
// Entries that were trimmed before any consumer had them are told by each consumer of the group once: the checkpoint knows which are
// told. Without checkpoints each run tells them.
//
// What is taken over is held by a second consumer, by the name with ":claimed" behind it.
//
// It panics if client is nil, group or consumer is empty, there is no key, or one is given twice.
func Group[T any](client redis.UniversalClient, group, consumer string, keys []string, as Decoding[T], opts ...Option) *Source[T] {
	keys = given("Group", keys)
	if group == "" || consumer == "" {
		panic("redissource: Group: the group and the consumer need names")
	}
	what := "group " + group + " of streams " + strings.Join(keys, ", ")
	s := newSource(client, what, opts, func(o *opened) (readers []stream.Reader[T], err error) {
		for _, key := range keys {
			r, err := newGroupReader(o, group, consumer, key, as)
			if err != nil {
				return nil, err
			}
			readers = append(readers, r)
		}
		return readers, nil
	})
	// What is delivered to one that was taken for dead counts as given when the one in its place goes on from a later checkpoint.
	s.alone = "its group goes by the names of consumers, and a task may be started again while the one before still reads by its name. " +
		"Read with Streams: the job has the ids, and reads each entry exactly once without a group"
	return s
}

// A groupReader is a consumer of one stream.
type groupReader[T any] struct {
	*opened
	intaker[T]
	unacked unacked
	list    []entry
	claimed bool // the list is of entries that were taken over
	retold  bool // the list is of entries that were delivered before
	fetch   *fetch[groupReply]
	member  *member
	patient patience
	end     bool
}

func newGroupReader[T any](o *opened, group, consumer, key string, as Decoding[T]) (*groupReader[T], error) {
	r := &groupReader[T]{opened: o, intaker: intaker[T]{key: key, dec: as.newDecoder(), counts: o.stats}}
	r.patient = patience{opened: o, what: "stream " + key}
	r.member = &member{opened: o, from: o.start, group: group, consumer: consumer, key: key, unacked: &r.unacked, known: map[redisio.ID]struct{}{}}
	if offset, ok := o.Offsets[key]; ok {
		if err := r.unacked.parse(offset); err != nil {
			return nil, &ReadError{"stream " + key, err}
		}
		r.member.begin()
	}
	r.fetch = newFetch[groupReply](o.Context)
	return r, nil
}

func (r *groupReader[T]) Partition() string { return r.key }
func (r *groupReader[T]) Offset() string    { return r.unacked.String() }
func (r *groupReader[T]) Waits() bool       { return true }
func (r *groupReader[T]) Locate(position int64) string {
	return r.places.locate(r.key, "entry", position)
}

// Read gives entries that were delivered, and waits for some if none are.
func (r *groupReader[T]) Read(ctx context.Context, in *stream.Intake[T]) error {
	for len(r.list) == 0 {
		if r.end {
			return io.EOF
		}
		if !r.patient.wait(ctx) {
			return ctx.Err()
		}
		r.fetch.start(r.member.next)
		reply, err := r.fetch.wait(ctx)
		if err := r.patient.judge(ctx, err); err != nil {
			return err
		}
		if err != nil {
			continue
		}
		if err := r.lose(reply.lost, r.key, "trimmed or deleted before they were delivered"); err != nil {
			return err
		}
		r.unacked.tell(reply.told)
		r.list, r.claimed, r.retold = reply.list, reply.claimed, reply.retold
		r.end = r.bounded && reply.end
	}
	if !r.end {
		r.fetch.start(r.member.next) // while these are decoded
	}
	if r.retold {
		r.stats.repeated.Add(int64(min(len(r.list), in.Room())))
	}
	r.unacked.mu.Lock()
	taken, gone, err := r.take(in, r.list, func(id redisio.ID) { r.unacked.give(id, r.claimed) })
	for _, id := range gone { // to be acknowledged with the others, for nobody gets them
		r.unacked.give(id, r.claimed)
	}
	r.unacked.mu.Unlock()
	r.list = r.list[taken:]
	if err != nil {
		return err
	}
	return r.lose(int64(len(gone)), r.key, "trimmed or deleted while they were pending")
}

// Commit acknowledges what was given before an offset.
func (r *groupReader[T]) Commit(ctx context.Context, offset string) error {
	ids, err := r.unacked.until(offset)
	if err != nil || len(ids) == 0 {
		return err
	}
	for len(ids) > 0 {
		n := min(len(ids), r.count)
		if err := redisio.Within(ctx, func() error { return r.member.ack(ctx, ids[:n]) }); err != nil {
			return &ReadError{"stream " + r.key, err}
		}
		r.unacked.acked(n)
		ids = ids[n:]
	}
	return nil
}

// Close waits for the call that is under way.
func (r *groupReader[T]) Close() error {
	r.fetch.close()
	return nil
}
