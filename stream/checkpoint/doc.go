// Package checkpoint says where the checkpoints of a pipeline are kept, and what is in
// them: consistent cuts of all its state and of how far its sources have been read, from
// which a run that was killed goes on.
//
// A [Store] is where the files are: [Dir] is a directory on disk, and [Memory] is for tests. A run
// writes into it, and begins with the newest checkpoint in it that is whole:
//
//	p.Run(ctx, stream.Checkpoints(checkpoint.Dir("checkpoints"), time.Second))
//
// [Inspect] reads what checkpoints there are, each as a [Manifest]; [Remove] removes a savepoint
// that is no longer wanted.
//
// Every file begins with a header of its format, its version, its length and a checksum, so that
// one which was torn, cut short or changed is found out. The order of writing makes a crash harmless:
// first the state, each file synced, renamed to its name and its folder synced; then, in the same
// way, the manifest; and only then is anything removed that no manifest names any more. So a Store of
// one's own has to keep no more than what its methods say.
package checkpoint
