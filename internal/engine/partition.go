package engine

import (
	"strconv"
	"time"
)

// A Partition is what the runtime keeps for a reader.
type Partition struct {
	index    int // in the run; seqs carry it
	Local    int // in the task
	Name     string
	Source   string
	Locate   func(position int64) string // names a place; nil for "partition event 7"
	Count    uint64                      // events read
	Front    Time                        // its watermark, as far as an operator of the stage has told
	Promised Time                        // its watermark, as the reader told
	Beat     Time                        // promised in this run
	Timed    bool                        // it has given events with event times
	Done     bool

	Asked   time.Duration // for how long Read has been waited for, by the run's clock
	nothing time.Time     // when Read last said ErrNothing; zero if it has given something since
	passed  int64         // the step in which Read said so
	Resting bool          // it had ended in the run that the checkpoint is of, and has given nothing since
}

// SeqBits are the bits of a seq that hold the place inside the partition.
const SeqBits = 48

func (p *Partition) Seq() uint64 { return uint64(p.index+1) << SeqBits }

// locate names the place that a seq stands for.
func (r *Run) locate(seq uint64) string {
	i := int(seq>>SeqBits) - 1
	if i < 0 || i >= len(r.partitions) {
		return ""
	}
	if r.partitions[i] == nil {
		return ""
	}
	return r.partitions[i].At(int64(seq & (1<<SeqBits - 1)))
}

func (p *Partition) At(position int64) string {
	if p.Locate != nil {
		return p.Locate(position)
	}
	return p.Name + " event " + strconv.FormatInt(position, 10)
}

// A partitionWatcher is told when a partition of its stage has ended, has sent a
// heartbeat, or where the task heeds silence has been asked in vain: what a
// watermark has to take into account.
type partitionWatcher interface{ PartitionChanged() error }

// An openSource opens a source when a run begins.
type openSource func(*Run) ([]Opened, error)

// Opened is a partition that has been opened.
type Opened struct {
	Part   *Partition
	Reader reader
	Waits  bool // its Read may wait for the outside world
}

// Offsets returns where the partitions of a source go on.
func (r *Run) Offsets(n *Node) map[string]string {
	if r.from == nil {
		return nil
	}
	at := map[string]string{}
	for name, s := range r.from.sources[n.Name] {
		at[name] = s.Offset
	}
	return at
}
