// Package sqlsink writes the values of a stream to tables of a database that database/sql
// knows.
//
// # The model
//
// There are three sinks. [Upsert] has a table hold the last value of each key, by the tags of a struct;
// [Changes] has it follow a stream of [stream.Change]; [Statement] executes a statement of the caller's for
// each value. The caller opens the [database/sql.DB], with a driver of their own, and closes it behind Run; passwords, TLS and
// pools are theirs. Upsert and Changes speak the dialects [MySQL] (which is MariaDB's too), [PostgreSQL] and [SQLite].
//
//	type Revenue struct {
//		Shop   string  `sql:"shop,key"`
//		Amount float64 `sql:"amount"`
//	}
//
//	revenue.To(sqlsink.Upsert[Revenue](db, "revenue", sqlsink.PostgreSQL))
//
// # What is guaranteed
//
//   - Delivery: in a run with checkpoints exactly once. The rows of a checkpoint and its id are one transaction, and can
//     be seen when that has committed. In a run without, at least once; with Upsert and
//     Changes, and with statements that say what becomes of a row that is there, that is as good.
//   - Order: rows of one instance are executed in their order, so that the last of a key is what stays. Between instances there is
//     none: behind a KeyBy each key has one instance.
//   - One run at a time: a run takes an epoch when it begins, and each transaction checks it. A process that was
//     paused while another took over ends with a [*FencedError] and writes nothing any more.
//   - Failure: what passes (a lock, a deadlock, a serialization failure, a lost connection, a restart of the server) is tried again for
//     [Retry]; then, and where nobody can tell what an error means, the run ends with a [*sink.WriteError], which
//     [stream.Restarts] takes up. Of a checkpoint the row is named on which it has failed. A row that the database refuses is a failure of its event, with [stream.SkipFailures]
//     and [stream.Divert], and a [*RefusedError] has its values; see [Faults].
//
// # Limits
//
// The rows between two checkpoints are in memory, in the checkpoint, and in one transaction: see [MaxRows]. A transaction that another
// process has left open, paused in the middle of a commit, say, holds its locks until the server gives it up: have
// PostgreSQL's idle_in_transaction_session_timeout or MySQL's wait_timeout be short, or a run that takes over waits
// for that. MySQL's tables have to be transactional.
//
// MySQL does best with interpolateParams=true in the DSN: a statement is one round trip then. A DATETIME, a DATE or a text has no zone: a
// field's tag zone:"Europe/Berlin" says by which clock [Upsert] and [Changes] write it, as it says for packages sqlsource and binlogsource how to read
// it; without, the driver's loc does, UTC by default. A TIMESTAMP is written rightly where time_zone=%27%2B00%3A00%27 is in the DSN, and no loc; where
// it is not, a warning is logged.
// Other databases have columns with a zone, and the tag counts for nothing.
//
// After a fail-over a connection to the server that was the first is not used again once that refuses to write.
//
// # Options
//
//	RowsPerStatement   1,000 rows a statement of Upsert and Changes
//	MaxRows            1,000,000 rows an instance between two checkpoints
//	Retry              30 s for what passes
//	Faults             who else says what an error means
//	CommitTable        freshet_commits, where ids and epochs are noted
//	Dollars            Statement on PostgreSQL
//
// # When not to use it
//
// For a database that only takes what is appended, and for hundreds of thousands of rows a second, a file that it loads
// ([sink.Files]) is faster. Increments (n = n + ?) are safe with checkpoints only: write totals.
package sqlsink
