package kafkasource

import (
	"fmt"
	"maps"
	"time"

	"github.com/freshet-go/freshet/internal/option"
)

// An Option says how topics are read.
type Option func(*config)

type config struct {
	group, commitTo string
	start           start
	countLoss       bool
	allowMissing    bool
	bounded         bool
	timestamps      bool
	disorder        time.Duration
	refresh         time.Duration
	retry           time.Duration
	buffer          int
}

// A start is where a partition is begun of which no earlier run knows a place.
type start struct {
	kind    startKind
	at      time.Time
	offsets map[string]map[int32]int64
	group   string
}

type startKind int

const (
	atBeginning startKind = iota
	atEnd
	atTime
	atOffsets
	atCommitted
)

func configOf(opts []Option) config {
	c := config{refresh: 5 * time.Second, retry: time.Minute, buffer: 10000}
	option.Apply("kafkasource", &c, opts)
	return c
}

// Group has the members of a consumer group share the partitions: those who read with the same group, be it instances of this pipeline,
// each with a checkpoint store of its own, or other programs. A partition may come and go at any time.
//
// What a run commits to the group lies behind its checkpoints. A member that gets a partition goes on from its own checkpoint, if nobody else has
// committed since, and else from what was committed. So each record is read exactly once as long as partitions move in an orderly way, as then
// the one who gives a partition away takes a checkpoint and commits first: it has the client's kgo.RebalanceTimeout for that, one minute by default, in which a commit that fails is tried again. A checkpoint that comes
// later commits nothing of such a partition. A member that stops tries its last commit for 10 seconds, and as long as the group is being balanced anew. What a
// member had in its last checkpoint and could not commit, as it was killed, is read again by who takes over (Stats.Repeated, when it comes back).
//
// The default is to read all partitions. It panics if group is empty.
func Group(group string) Option {
	named("Group", group)
	return func(c *config) { c.group = group }
}

// CommitTo has the offsets of checkpoints that are durable be committed to a consumer group, for others to see how far the run is. The group
// must have no members. Without Group, nothing is ever read from there, but by FromCommitted. It panics if group is empty.
func CommitTo(group string) Option {
	named("CommitTo", group)
	return func(c *config) { c.commitTo = group }
}

// FromEnd makes a run that begins read what comes after that. In a group it is the first member that begins: where it does is committed at once, for whoever takes over. Partitions that are made later are read from their beginning. The default is to read all that is there.
//
// On Flink the end is where it was when the job was submitted.
func FromEnd() Option { return func(c *config) { c.start = start{kind: atEnd} } }

// FromTime has partitions be read from the first record whose timestamp is at or after t.
func FromTime(t time.Time) Option { return func(c *config) { c.start = start{kind: atTime, at: t} } }

// FromOffsets has partitions be read from these offsets, and those that are not named from their beginning. It panics if an offset is negative.
func FromOffsets(offsets map[string]map[int32]int64) Option {
	copied := map[string]map[int32]int64{}
	for topic, parts := range offsets {
		for number, offset := range parts {
			if number < 0 || offset < 0 {
				panic(fmt.Sprintf("kafkasource: FromOffsets: offset %d of %s", offset, nameOf(topic, number)))
			}
		}
		copied[topic] = maps.Clone(parts)
	}
	return func(c *config) { c.start = start{kind: atOffsets, offsets: copied} }
}

// FromCommitted has partitions be read from where a consumer group has come to, and from their beginning where it has committed nothing: for whoever takes
// the place of a program that was a member. It panics if group is empty.
func FromCommitted(group string) Option {
	named("FromCommitted", group)
	return func(c *config) { c.start = start{kind: atCommitted, group: group} }
}

// Bounded ends the source where the partitions end when the run begins, for a batch of what is there. Of transactions, those that are
// open then are beyond the end. The default is to wait for more.
func Bounded() Option { return func(c *config) { c.bounded = true } }

// Timestamps gives events the timestamps of their records as event times, and each partition a watermark that is disorder behind the latest of them.
// A record without a timestamp is rejected. The default is events without times, for EventTime. See stream.Idle, an option of From, for partitions to which nobody
// writes. It panics if disorder is negative.
func Timestamps(disorder time.Duration) Option {
	if disorder < 0 {
		panic(fmt.Sprintf("kafkasource: Timestamps(%v): negative", disorder))
	}
	return func(c *config) { c.timestamps, c.disorder = true, disorder }
}

// CountLoss makes a run go on where records are gone that it should have read: deleted by retention before they were read, cut off by an unclean election
// of a leader, or deleted with their topic, also if one of its name has been made again, which is then read from its beginning. They are counted in
// Stats.Lost, as far as their number is known, and logged. The default is to end the run with a *LostError.
//
// On Flink the partitions of a topic that is deleted end. One that has been made again of its name is read when the job is restarted.
func CountLoss() Option { return func(c *config) { c.countLoss = true } }

// AllowMissing accepts that topics are not there yet: they are read once they are. Without it they are an error of Open. A topic that is deleted later is a loss, see CountLoss.
//
// On Flink a topic that is not there when the job begins is read by nobody, and a source without any partition is refused.
func AllowMissing() Option { return func(c *config) { c.allowMissing = true } }

// Refresh sets how often it is asked which topics and partitions there are. The default is 5 seconds. It panics if d is not positive.
func Refresh(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("kafkasource: Refresh(%v): not positive", d))
	}
	return func(c *config) { c.refresh = d }
}

// RetryFor sets for how long it is asked in vain, as no broker answers, until the run ends. The default is a minute. It panics if d is negative.
func RetryFor(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("kafkasource: RetryFor(%v): negative", d))
	}
	return func(c *config) { c.retry = d }
}

// Buffer sets how many records of a partition wait for the pipeline before no more of it are fetched. The default is 10,000. There may be one fetch more of each
// partition (kgo.FetchMaxPartitionBytes, 1 MiB by default), and of each broker (kgo.FetchMaxBytes, 50 MiB); records are decompressed. No more than 8 fetches wait, however small they
// are. It panics if records is not positive.
func Buffer(records int) Option {
	if records <= 0 {
		panic(fmt.Sprintf("kafkasource: Buffer(%d): not positive", records))
	}
	return func(c *config) { c.buffer = records }
}

func named(option, group string) {
	if group == "" {
		panic("kafkasource: " + option + ": the group needs a name")
	}
}
