// Package audit keeps a log of what pipelines did and who ran them, which nobody changes
// unnoticed: an entry for each run, with its plan and settings, for what it began with, each
// checkpoint and savepoint, each restart, state that was dropped, rows that were refused, and how it
// ended.
//
//	log, err := audit.Open(audit.File("/var/log/orders.audit"), signer)
//	err = log.Run(ctx, p, stream.Checkpoints(store, time.Second))
//	err = log.Note(ctx, "key destroyed", "customer", "4711")
//
// # What is found out
//
// Each entry has a number, the SHA-256 of the one before, and an Ed25519 signature (RFC 8032) of all of it. [Verify] finds an
// entry that was changed, removed, added or moved, by anyone who has not the private key. What no chain can
// tell by itself is that its end was cut off: that is what a [Head] is for. It names the last entry, is signed too, and
// is kept elsewhere: [Heads] has each handed to a function, which sends it to another machine or
// prints it. The program examples/auditlog verifies a file.
//
// Who has the private key can write another log from the beginning. What they cannot do is to make it agree with
// a Head that was sent before.
//
// # Failure
//
// An entry is durable when the call that makes it has returned. A run of [Log.Run] does not begin where its first entry
// cannot be written, and is told to stop where a later one cannot. A crash may leave an entry unfinished;
// it is removed when the log is opened again, and an entry says so.
//
// # Cost
//
// An entry takes 300 to 500 bytes and a sync of the disk. Nothing is written for events. Entries of ordinary
// checkpoints can be made less often by [CheckpointsEvery].
//
// A log is no place for personal data: errors may hold values that functions have put there. [Redact] is asked
// before any text is written.
package audit
