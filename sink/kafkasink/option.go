package kafkasink

import (
	"fmt"
	"time"
)

// An Option says how records are written.
type Option func(*config)

type config struct {
	retry   time.Duration
	timeout time.Duration
	commits string
	member  string
}

func configOf(opts []Option) config {
	c := config{retry: 2 * time.Minute, timeout: 15 * time.Minute, commits: "freshet-commits"}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("kafkasink: option %d is nil", i+1))
		}
		o(&c)
	}
	return c
}

// RetryFor sets for how long a record is sent again, and a transaction committed again, where that fails for a reason that passes, until
// the run ends. The default is 2 minutes, and at least a second. It panics if d is negative.
func RetryFor(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("kafkasink: RetryFor(%v): negative", d))
	}
	return func(c *config) { c.retry = d }
}

// TransactionTimeout sets after how long the brokers abort a transaction of [ExactlyOnce]. It has to be longer than the time from the first record
// behind a checkpoint until the next checkpoint is committed (one is asked for after a quarter of it, but not of Flink), and than a process that died may be away: what a checkpoint has promised and the brokers
// have aborted is lost, and a *LostTransactionError. The default is 15 minutes, which is the most that brokers allow by default
// (transaction.max.timeout.ms). It panics if d is less than a second.
func TransactionTimeout(d time.Duration) Option {
	if d < time.Second {
		panic(fmt.Sprintf("kafkasink: TransactionTimeout(%v): less than a second", d))
	}
	return func(c *config) { c.timeout = d }
}

// CommitTopic names the topic in which [ExactlyOnce] notes which checkpoints are committed. The default is freshet-commits. It is made if it is not there, with
// one partition, compacted; one with more partitions is refused. All pipelines may share it. It panics if topic is empty.
func CommitTopic(topic string) Option {
	if topic == "" {
		panic("kafkasink: CommitTopic: the topic needs a name")
	}
	return func(c *config) { c.commits = topic }
}

// Member tells pipelines of one name apart that run at the same time, each with checkpoints of its own, as members of a group do. Each needs a name that it
// has again when it is restarted. The default is none: a second run takes over from the first.
func Member(name string) Option { return func(c *config) { c.member = name } }
