// Package redissink writes to Redis: streams, hashes, strings, JSON documents, sorted sets, lists and pub/sub.
//
// # The model
//
// The caller brings a client of github.com/redis/go-redis, for one server, Sentinel or a cluster, with its own
// TLS, passwords and pool; it is never closed here. A [Sink] makes commands of events, for keys that a function of the caller's
// gives. They are sent in pipelines of 500 (see [Batch]).
//
//	totals.To(redissink.Hashes(client, Total.Key, redissink.Tags[Total]()))
//	boards.To(redissink.Boards(client, Board.Key, Board.Members, redissink.Expire(time.Hour)))
//	carts.To(redissink.Changes(redissink.Strings(client, Cart.Key, codec.JSON[Cart]())))
//
// # What is guaranteed
//
// A flush returns when the server has taken all commands, so each event is written at least once: after a failure,
// those since the last checkpoint perhaps twice. Hashes, Strings and Boards write by key, and to do so twice changes nothing. For
// Streams, Lists and [Commands] there is [ExactlyOnce], which writes each event once, when a checkpoint holds it.
//
// Events of one instance are written in their order. In a cluster that is so for each key.
//
// What fails for a reason which passes (a lost connection, a server that loads, fails over or moves slots) is sent again for 30 seconds, with
// growing pauses, see [RetryFor]: the command that failed, and those behind it for the same key. go-redis itself sends a pipeline again
// when its connection is lost, up to MaxRetries of the client. Anything else (WRONGTYPE, OOM, NOAUTH) ends the run with a [*WriteError] that names the
// operator, the command, the key, the cause and a way out.
//
// # Exactly once
//
// What was prepared is part of the checkpoint. Once that is durable, scripts execute the commands, and note in the same step how many
// of which checkpoint are done: in a hash "freshet:{pipeline/operator}", and in a cluster in one more hash for each slot, which moves with the
// slot when the cluster is resharded. A commit that is made again goes on where the note says. A run that begins takes a token, and an earlier one that is
// still alive can begin no further commit. Delete the hash, and the checkpoints, to begin anew.
//
// # Limits
//
//   - ExactlyOnce holds what is written between two checkpoints in memory, and asks for a checkpoint at 16 MB.
//   - A script blocks the server while it runs: 500 commands take some milliseconds.
//   - ExactlyOnce takes commands of at most 7000 arguments.
//   - ExactlyOnce does not work with redis.Ring.
//   - A command that the server refuses ends the run; SkipFailures and Divert leave it out with ExactlyOnce only. A
//     value that cannot be encoded they leave out with all sinks.
//
// # The server
//
// In redis.conf, for results that must not be lost:
//
//	appendonly yes
//	appendfsync always           # everysec loses up to a second of what was acknowledged
//	maxmemory-policy noeviction  # or the notes of ExactlyOnce are evicted
//	min-replicas-to-write 1      # with Sentinel: a master that is cut off stops taking writes
//
// For a file that is written once, redis-cli --pipe is faster. Where readers need a query over many rows, write to a database, with sink.SQL.
package redissink
