// Package engine runs plans. It knows tasks, lanes, watermarks, barriers and
// checkpoints, and nothing of the events that flow: no type in it has a type
// parameter. Package stream puts the typed operators on top.
//
// In the order in which a run meets them:
//
//	plan.go         operators and the streams between them, as data
//	config.go       how a plan is run
//	run.go          a run, from its first call to its last
//	placement.go    which operators share a task, and how many tasks there are
//	task.go         one goroutine: a chain of operators from its entry to its ends
//	instance.go     one operator in one task, and all that it may do
//	reading.go      the task that begins with a source
//	partition.go    what it knows of each partition
//	lanes.go        how batches leave a task
//	inbox.go        and how they come into the next one
//	port.go         where a stream's watermarks meet
//	frontier.go     the least watermark of those that are awake
//	control.go      what travels between events: watermarks, barriers, ends
//	coordination.go checkpoints: what is gathered behind a barrier, and written
//	transaction.go  results that appear when a checkpoint is durable
//	restoring.go    what a run begins with
//	savepoint.go, settings.go, refusal.go, restarts.go
//	line.go, waiting.go, drift.go, warnings.go, stats.go
//	driver.go       the same tasks, a step at a time, for streamtest
//	errors.go, watched.go, panicked.go
package engine
