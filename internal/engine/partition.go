package engine

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A Partition is what the runtime keeps for a reader.
type Partition struct {
	Name   string
	Source string
	Reader reader
	Waits  bool                        // its Read may wait for the outside world
	Locate func(position int64) string // names a place; nil for "partition event 7"
	Keys   bool                        // places and offsets have keys of records in them
	redact func(string) string         // what is done with these where they are shown; nil for nothing

	place    int          // in the queue, from 1 on; 0 if it is not in it
	index    int          // in the run; seqs carry it
	begins   string       // its offset when it was handed out to another engine; see door.Partition
	Local    int          // in the task
	Count    uint64       // events read
	Front    Time         // its watermark, as far as an operator of the stage has told
	remote   atomic.Int64 // its watermark, as an operator of another stage has told; 0 for none
	Promised Time         // its watermark, as the reader told: see Promise
	Beat     Time         // promised in this run
	said     Time         // the highest that the reader has promised in this run, also in the Read under way
	fell     bool         // it has promised a lower one after that, which is to be logged
	Timed    bool         // it has given events with event times
	Done     bool
	Idle     bool // it is not waited for
	Silenced bool // EventTime does not wait for it
	SaysIdle bool // its reader says so
	Resumed  bool // it goes on from the checkpoint
	telling  bool // its reader is asked for its offset

	heard   time.Duration // Asked, when it last gave something
	Asked   time.Duration // for how long Read has been waited for, by the run's clock
	nothing time.Time     // when Read last said ErrNothing; zero if it has given something since
	passed  int64         // the step in which Read said so
	Resting bool          // it had ended in the run that the checkpoint is of, and has given nothing since

	roaming // of one that comes and goes while the run lasts
	seen    seen
}

// NewPartition returns the partition of a source that a reader reads.
func NewPartition(source string, r reader) *Partition {
	return &Partition{Name: r.Partition(), Source: source, Reader: r, Front: MinTime, Promised: MinTime, Beat: MinTime, said: MinTime}
}

// Promise notes that the reader promises a watermark. One that is lower than one before says nothing new, and a watermark never goes
// back: it is passed over, as Flink does.
func (p *Partition) Promise(watermark Time) {
	if watermark < p.said {
		p.fell = true
	}
	p.said, p.Promised = max(p.said, watermark), max(p.Promised, watermark)
}

// Reached notes how far the partition has come, as an operator of another task sees it.
func (p *Partition) Reached(watermark Time) { p.remote.Store(int64(watermark)) }

// hear notes what other tasks have told.
func (p *Partition) hear() {
	if at := p.remote.Load(); at != 0 {
		p.Front = max(p.Front, Time(at))
	}
}

// Silent returns since when the partition has had nothing, if it is not asked again
// before its source says so.
func (p *Partition) Silent() (since time.Time, silent bool) {
	return p.nothing, p.silent && !p.Done
}

// SeqBits are the bits of a seq that hold the place inside the partition.
const SeqBits = 48

func (p *Partition) Seq() uint64 { return uint64(p.index+1) << SeqBits }

// locate names the place that a seq stands for.
func (r *Run) locate(seq uint64) string {
	p := r.numbers.of(int(seq>>SeqBits) - 1)
	if p == nil {
		return ""
	}
	return p.At(int64(seq & (1<<SeqBits - 1)))
}

// At names a place, without a key where that must not be shown.
func (p *Partition) At(position int64) string {
	if p.Locate != nil && p.redact == nil {
		return p.Locate(position)
	}
	return p.Name + " event " + strconv.FormatInt(position, 10)
}

// shown is an offset as people see it.
func (p *Partition) shown(offset string) string {
	offset = keeper.Shown(offset)
	if p.redact != nil && offset != "" {
		return redacted(p.redact, offset)
	}
	return offset
}

// A partitionWatcher is told what a watermark has to take into account.
type partitionWatcher interface {
	// PartitionChanged says that a partition of its stage has ended, has sent a
	// heartbeat, or where the task heeds silence has been asked in vain.
	PartitionChanged() error
	// PartitionAdded says that the task has one more, the last of them, and
	// PartitionRemoved that it has one less: the last one has its place now. What
	// follows from it is for PartitionChanged, which is called next.
	PartitionAdded(*Partition)
	PartitionRemoved(*Partition)
}

// An openSource opens a source when a run begins.
type openSource func(*Run) (Opened, error)

// Opened is a source that has been opened.
type Opened struct {
	Partitions []*Partition
	Watch      func(context.Context, *Assignment) error // nil where none come and go
	Fixed      bool                                     // it does with these, and several processes may open it, where it is told so
	Unfixed    string                                   // why not, as far as it says so
}

// Begins returns where the partitions of a source were when they were handed out to another engine, as far as that is known.
func (r *Run) Begins(n *Node) map[string]string {
	if r.foreign == nil || r.foreign.plan == nil {
		return nil
	}
	at := map[string]string{}
	for _, p := range r.foreign.plan.Stage(n.ID).Partitions {
		if p.Begins != "" {
			at[p.Name] = p.Begins
		}
	}
	return at
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
