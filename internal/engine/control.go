package engine

import "time"

// A Control travels in the stream, in order with the data. Sources send them (barriers: cut of reading.go; watermarks, idleness and the end: telling.go; what becomes of
// partitions: teller.go), and so does who derives watermarks of its own. Each operator hands on what it was handed, by Instance.Pass.
type Control struct {
	Kind      controlKind
	Watermark Time  // of Watermark and Came
	Born      int64 // when that was read which moves the watermark, in nanoseconds of the run's clock; 0 if unknown
	id        int64 // of Barrier: the checkpoint's
	News      *News // of Told
}

type controlKind uint8

const (
	Watermark controlKind = iota // no event before watermark follows
	Idle                         // nothing comes for now: do not wait for this input's watermark
	End                          // nothing follows at all
	Barrier                      // what comes before belongs to the checkpoint, what follows does not
	Told                         // something has become of a partition, for an EventTime behind lanes: see News
	AllTold                      // all partitions have been told of that are there when the run begins
	Came                         // on lanes, in front of the last of all watermarks: how far the input had come, which now holds nothing back

	controlKinds // how many there are: a new one stands before it
)

// News is what has become of a partition, as its task says in the stream. Only
// sources tell that have an EventTime behind a Merge: see track. Nobody changes it.
type News struct {
	Of      *Partition
	Awake   int           // 1 if it has to be waited for from now on, -1 if no more, 0 if that is as before
	Asked   time.Duration // for how long it has been asked in all
	Silent  time.Duration // for how long of it, up to now, its reader has given nothing at all
	Beat    Time          // promised in this run
	Timed   bool          // it has given events with event times
	Resting bool          // it had ended in the run that the checkpoint is of, and has given nothing since
	Gone    bool          // it has been removed
}
