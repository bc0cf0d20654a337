// Package engine runs plans. It knows tasks, lanes, watermarks, barriers and
// checkpoints, and nothing of the events that flow: no type in it has a type
// parameter. Package stream puts the typed operators on top.
//
// A stage is a chain of operators that call each other; a task is one instance of a
// stage, with a goroutine. Events go from task to task over lanes: those of one
// sender to all tasks of a stage are an exchange.
//
// What is run, and where:
//
//	plan.go       operators and the streams between them, as data
//	config.go     how a plan is run
//	run.go        a run, from its first call to its last
//	opening.go    sources are opened, tasks and instances made
//	placement.go  which operators share a task, and how many tasks there are
//	task.go       what a task does, from its first event to its last
//	instance.go   one operator in one task, and all that it may do: the door
//
// How events come in, and go from task to task:
//
//	partition.go  what is kept for each partition of a source
//	numbers.go    their places in the order of partitions
//	numbering.go  those in a job of another engine
//	entry.go      what the engine asks of the typed side that reads them
//	reading.go    the task that begins with a source: which partition is next
//	queue.go      those that may be read, the furthest behind first
//	telling.go    what it tells its stage: watermarks, idleness, the end
//	asking.go     how a reader is called, and how long it waited
//	silent.go     partitions that are not waited for, as they give nothing
//	tracking.go   which EventTimes are told of partitions that other tasks read
//	teller.go     and what those tasks tell them
//	assignment.go partitions that come and go while the run lasts
//	roaming.go    what is asked of those
//	admitting.go  what their task does about it
//	mailbox.go    how other goroutines have a task do something
//	lanes.go      how batches leave a task
//	inbox.go      and how they come into the next one
//	port.go       where a stream's watermarks meet
//	control.go    what travels between events: watermarks, idleness, barriers, ends
//	frontier.go   what several inputs say together: the least watermark, all barriers
//
// How a run stops and goes on:
//
//	stop.go       a run that was told to end, or has to at once
//	draining.go   what its readers have taken in is read to the end
//	line.go       how far firing goes in one that was told to
//	restarts.go   whether it begins again
//
// Checkpoints, in their order:
//
//	coordination.go  when one is taken, and what comes of it
//	collecting.go    waits for the state of all tasks
//	saving.go        a task saves behind a barrier
//	holding.go       an instance's parts that have state
//	encoding.go      it is made bytes, on several processors
//	writing.go       what has changed is written into the store
//	transaction.go   results that appear when a checkpoint is durable
//	refusal.go       rows that a sink's place refuses then
//	acknowledge.go   sources are told what is durable
//	savepoint.go     one that somebody asks for
//	rounds.go        what a run has instead that takes none
//	restoring.go     what a run begins with
//	settings.go      whether it fits the plan
//	asof.go          what one has of an operator, read without a run
//
// Where another engine runs the stages, see package door:
//
//	describing.go    what the plan consists of, and why it cannot be run so
//	foreign.go       a run that makes one instance of one stage
//	crossing.go      exchanges between processes: frames
//	guestopening.go  how the instance is opened
//	guest.go         and driven by the other engine
//	handing.go       what it saves, and begins with
//	committing.go    what has results appear that sinks have prepared
//	outgrowing.go    a job that goes on from a checkpoint of one process
//
// Beside them: waiting.go (time that was waited), time.go, drift.go (bounds between
// partitions), warnings.go, stats.go, reads.go, owing.go (long offsets), edges.go and histogram.go (what is seen of a run), observing.go and following.go
// (who is told what it does, and where batches of a sample go), driver.go (the same
// tasks, a step at a time, for streamtest), errors.go, redact.go (what errors and logs must not show), watched.go
// (what becomes of panics and of functions that end their goroutine).
package engine
