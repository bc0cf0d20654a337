// Package spark runs a pipeline as a batch on Apache Spark: one that reads what there is, to its end, when one machine is no longer enough.
//
//	p := stream.New("sales")
//	...
//	if *master == "" {
//		err = p.Run(ctx)
//	} else {
//		err = spark.Run(ctx, p, spark.Master(*master))
//	}
//
// Spark schedules, exchanges, and runs tasks again that are lost or slow. Its tasks drive Freshet's own stages, so results and state are what they are in one
// process. For pipelines that go on and on there is package flink.
//
// # How it works
//
// [Run] describes the pipeline and starts spark-submit, as a user of Spark does by hand: the driver runs beside it. Each task of the job
// starts the running program with the same arguments, which builds the same pipeline, comes to Run, and is a worker there: Run does not return in it.
// So what stands in front of Run is done in each worker, too. It has to build the
// same pipeline each time, and should do nothing else. A pipeline that differs is an error, as fingerprints of both are compared.
//
// A stage is an RDD of frames, which are batches of events and the watermarks between them. Behind each stage there is one shuffle, for all that it sends to others: by key, each frame goes to the
// instance that has its key groups. A stage runs when those before it have ended, so that all results are there at the end, or none.
//
// # Time
//
// Each source task reads the partitions that it has by their event times, as in one process, and an event is late by its own partition alone. A stage behind an
// exchange takes what several tasks have sent by their watermarks: the frame of the sender whose watermark is furthest behind comes first. So windows close, timers fire and state is
// forgotten in the order of event time, and no more is held than in a stream. For data that is on time all rows are those of [stream.Pipeline.Run]. Late events are found to be late as there; whether one is too late for its
// window depends there on which partition was read faster, and here on watermarks alone, so here it is the same each time.
// Without event times a stage takes all of one task, then all of the next one.
//
// There is no processing time: nothing happens by the clock. An Idle of an EventTime means nothing.
//
// # Tasks that run twice
//
// Spark runs a task again when its machine is lost, or beside one that is slow (speculation). What sinks write appears only when all tasks have ended: the driver commits what the attempts have
// prepared that count, once, sink by sink: sink.Files and parquetsink by names, sqlsink and redissink in a transaction. What other attempts have written is removed. A job that is run again adds its results
// to those that are there.
//
// What a worker sends depends on what it was given alone, so a task may be repeated when others have used what it has sent. Functions of the pipeline have to be so, too: no chance, and no time of day.
//
// # What runs there, and what does not
//
// Run refuses what cannot run on Spark, with the operator's name and why, before anything starts:
//
//   - sources that wait for the outside world (Kafka, Redis, servers), that never end, or whose partitions come and go;
//   - sources and sinks of one process: channels, slices, Collect, the terminal (see [stream.Local] and [Allow]);
//   - sinks that do not commit (see [Allow]), those whose committer has to be open while they write (kafkasink.ExactlyOnce, see [stream.BatchCommits]), SkipFailures and Divert of one that commits;
//   - EventTime behind an exchange (Rebalance, a key): the events of one task would come behind those of another. It stands in front of that;
//   - early panes (window.EarlyEvery) and a [stream.Ticker], which go by the clock;
//   - types without a codec between shards, Expose, MaxDrift, Idle of an EventTime behind an exchange.
//
// An operator of the caller's own that is made when a task starts, and is a Ticker, fails that task. So does a call of SetClockTimer or Timers.SetClock, which fails its event.
//
// # What it costs, and what there has to be
//
// Spark 3.5 or 4, with its spark-submit on this machine, and executors of the platform that the program was built for (see [Program]). They reach this machine, as in all of Spark's client mode, and find
// files, servers and folders under the same names. Each task has a worker beside the executor, whose memory Spark does not count. Rows of sqlsink and
// redissink go through the driver and are in its memory, and in the worker's that commits them, all at once; of one instance no more than 64 MiB between two times that the sink asks for a commit.
//
// Several sinks commit one after another. If the driver dies in between, [JobError] says that some results may be there.
package spark
