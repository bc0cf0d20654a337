// Package redissource reads from Redis: streams, lists, pub/sub, and hashes as they change.
//
// # The model
//
// The caller brings a client of github.com/redis/go-redis, for one server, Sentinel or a cluster, with its own
// TLS, passwords and pool; it is never closed here. A [Source] reads keys, each a partition, and a [Decoding] makes values of fields:
//
//	orders := redissource.Group(client, "sales", "worker-1", []string{"orders"}, redissource.Tags[Order]())
//	p.From(orders).To(...)
//
// # What is guaranteed
//
//	Streams    exactly once: the checkpoint has the id
//	Group      exactly once as long as a consumer comes back under its name; what
//	           others take over from it, at least once, counted in Stats
//	Lists      exactly once under the same name; each element to one consumer
//	Channels   at most once; what the queue has no room for is counted
//	Patterns   the same
//	Hashes     exactly once, what has changed from one image to the next: the checkpoint has the image
//
// "Exactly once" is for runs with checkpoints and a server that keeps its data; results are exact with a sink that is a
// [stream.TransactionalSink]. Without checkpoints a source acknowledges what the sinks have flushed: at least once.
//
// Entries that are trimmed from a stream (MAXLEN, XDEL) before they are read are noticed on Redis 7, counted in Stats and
// logged, and end the run with [FailOnLoss]. A stream that is deleted and made anew with smaller ids is [ErrReplaced].
//
// A value that cannot be decoded is rejected with its place, "orders entry 1692632086370-0", and the pipeline says what becomes of
// it. A call that fails as the server restarts, fails over, moves slots or does not answer is made again for a minute: see [RetryFor].
//
// # Time and order
//
// Entries of one stream come in their order; of several streams there is none. Events have no times of their own: use
// EventTime with a field, or with a field that has the tag "@time", which is when the entry was added.
//
// A Read that waits ends at once when it is interrupted: calls to the server are made in a goroutine, and wait for
// 250ms there at most (see [Block]). Close waits for the call, up to a second.
//
// # Limits
//
//   - A reader of a stream or list occupies a connection while it waits. PoolSize of the client has to be larger
//     than the number of keys.
//   - ReadTimeout of the client has to be longer than [Block].
//   - Group keeps the ids that are not acknowledged in memory, 24 bytes each: at 100,000 entries a second and a checkpoint every ten
//     seconds, 24 MB.
//   - Redis 6.2 is the oldest that will do. On Redis 6 trimmed entries are not noticed.
//   - redis.Ring is not tested.
//
// # The server
//
// In redis.conf, for streams and lists that must not be lost:
//
//	appendonly yes
//	appendfsync everysec          # always, if not even a second may be lost
//	maxmemory-policy noeviction   # an evicted stream is gone
//	notify-keyspace-events Kghxe  # for Notified
//
// With Sentinel and clusters a fail-over loses what the replica did not have yet; min-replicas-to-write bounds that. A reader that has read more
// than the new master has gets ErrReplaced if its stream went back, and may repeat or miss entries that were written meanwhile.
//
// Do not use it to move a database once: redis-cli --pipe does that. Pub/sub is not for what must not be lost: use a stream.
package redissource
