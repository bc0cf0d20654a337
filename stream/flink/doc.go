// Package flink runs a pipeline on a cluster of Apache Flink, when one machine is no longer enough.
//
//	p := stream.New("sales")
//	...
//	if *cluster == "" {
//		err = p.Run(ctx)
//	} else {
//		err = flink.Run(ctx, p, flink.Cluster(*cluster), flink.Checkpoints(10*time.Second))
//	}
//
// Flink schedules, exchanges, takes checkpoints, restarts and rescales. Its tasks drive Freshet's own stages, so results, state and late
// data are what they are in one process.
//
// # How it works
//
// [Run] describes the pipeline, packs the description and the running program into a jar with a small piece of Java, and submits that by
// Flink's REST interface. Each task of the job starts the same program with the same arguments, which builds the same pipeline, comes to
// Run, and is a worker there: Run does not return in it. So what stands in front of Run is done in each worker, too. It has to build the
// same pipeline each time, and should do nothing else. A program has one Run of this package, as a worker does not come to a second one, and
// [stream.Pipeline.Run] is an error in a worker. A pipeline that differs is an error, as fingerprints of both are compared. What is behind
// Run is done in the first process alone.
//
// # What runs there, and what does not
//
// Run refuses what cannot run on Flink, with the operator's name and why, before anything starts:
//
//   - sources and sinks of one process: channels, slices, Collect, the terminal (see [stream.Local] and [Allow]);
//   - sinks whose writers and committer have to be in one process, in a job that saves (see [stream.LocalCommits]), and SkipFailures and Divert of
//     any that commits; sink.Files in a job that does not;
//   - sources that one process has to read: servers, logs that are followed, groups of Redis and of Kafka (see [stream.Fixed]);
//   - types without a codec between shards or in state, Expose, MaxDrift, Idle of an EventTime behind an exchange.
//
// A [stream.TransactionalSink] shows each result once in a job that saves, which is one with [Checkpoints], [StopWithSavepoint], [Restore] or [From]: when a
// checkpoint is complete that holds it, or a savepoint that stops the job. Another sink may write rows again after a restart. Sinks that upsert by a key give each result once all the same.
//
// # Checkpoints and the end of sources
//
// Tasks of a source that has ended stay until those of all sources of the job have, and checkpoints go on meanwhile. With sinks that commit they stay until a last checkpoint is
// committed, which the job takes by itself. Then tasks finish, one after another, and
// from the first one on there are no more checkpoints: a failure goes back to the last one, and [StopWithSavepoint] fails. A job without
// Checkpoints, StopWithSavepoint, Restore and From cannot be asked for a savepoint: it would fail.
//
// A pipeline that has run in one process with checkpoints goes on from the last of them on the cluster: see [From].
//
// # What the cluster has to have
//
// Its scheduler has to be the default one. The adaptive scheduler, and with it reactive mode, may run another number of tasks than the job asks for: that is an error.
//
// Flink 1.19, 1.20, or 2.0 to 2.3, and task managers of the platform that the program was built for (see [Program]). Workers find files, servers and folders
// under the same names as the first process does. Each worker is a process beside the task manager, and its memory is not
// counted by Flink. A source that waits for the outside world has a task for each of its partitions, whatever the [Parallelism]: so many slots have to be there.
//
// It is not for clusters that others use, too, without their consent: whoever may submit jobs runs programs on them.
package flink
