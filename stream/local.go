package stream

// Local is what a Source or a Sink may have that is of one process: a channel, a slice in memory,
// the terminal. A run in the process that built the pipeline takes no notice of it. In another process there is another one, or
// none: so package flink refuses to run it elsewhere, unless the caller allows it by the operator's name.
type Local interface {
	// Local says why, as the end of a sentence: "what it collects is in the memory of one process".
	Local() string
}

// LocalCommits is what a [TransactionalSink] may have for jobs with checkpoints, where it is asked instead of Local: its writers are in
// several processes there, and its Committer in another one. Nothing of it is shared between these but what Prepare has returned.
type LocalCommits interface {
	// LocalCommits says why that cannot be, as the end of a sentence, or "" if it can.
	LocalCommits() string
}

// BatchCommits is what a [TransactionalSink] may have for jobs that package spark runs. There writers have ended when the Committer is opened, and some have been run
// several times, of which one counts.
type BatchCommits interface {
	// BatchCommits says why that cannot be, as the end of a sentence, or "" if it can.
	BatchCommits() string
}

// Endless is what a Source may have that never comes to an end by itself, though it never waits for the outside world. What
// runs a pipeline in batch refuses it, as it refuses those that wait.
type Endless interface {
	// Endless reports whether this one never ends.
	Endless() bool
}

// Fixed is what a Source may have that calls [Discover], or whose readers wait for the outside world, and that can do with the partitions that its Open
// returns: another engine hands these out to several processes before anything is read. Each of them opens the source, also when it is started again, and closes the readers of
// others unread. It may do so while another process, which was taken for dead, still reads the same partition, and acknowledges nothing any more.
//
// What calls Discover and is not Fixed cannot be run by another engine, and package flink refuses what waits and is not Fixed.
type Fixed interface {
	// FixedPartitions returns "" if this one heeds SourceContext.Fixed, and else why it cannot and what to do instead, as the end of a sentence.
	FixedPartitions() (refusal string)
}

// fixed reports whether a source is Fixed, and why not as far as it says so.
func fixed(source any) (ok bool, why string) {
	f, ok := source.(Fixed)
	if ok {
		why = f.FixedPartitions()
	}
	return ok && why == "", why
}

func endless(source any) bool {
	e, ok := source.(Endless)
	return ok && e.Endless()
}

// localCommitsOf returns why a transactional sink is of one process where it commits, or "" if it is not.
func localCommitsOf(v any) string {
	if l, ok := v.(LocalCommits); ok {
		return l.LocalCommits()
	}
	return localOf(v)
}

// batchCommitsOf returns why the committer of a transactional sink cannot be opened behind its writers' end, or "" if it can.
func batchCommitsOf(v any) string {
	if b, ok := v.(BatchCommits); ok {
		return b.BatchCommits()
	}
	return ""
}

// localOf returns why a source or a sink is of one process, or "" if it is not.
func localOf(v any) string {
	if l, ok := v.(Local); ok {
		return l.Local()
	}
	return ""
}
