package kafkasink

import (
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/freshet-go/freshet/stream"
)

// ExactlyOnce returns a sink that writes what s does, each event exactly once for those who read what is committed (isolation.level=read_committed, as
// package kafkasource does), in runs with checkpoints. In runs without it is s.
//
// Each instance writes into a transaction. A checkpoint flushes it and keeps it open; it is committed when the checkpoint is durable, by whichever process
// does that: the checkpoint has the transaction's id, and the producer's id and epoch, by which a later run commits what an earlier one has written,
// as long as the brokers have not aborted it. So [TransactionTimeout] has to be longer than a process may be away. A transaction that a process has left open holds up those who read what is
// committed until the next run begins, or the timeout.
//
// The ids of transactions begin with "freshet/", and the names of the pipeline, of the Member and of the operator. Three of each instance
// are used in turn. A run that begins takes new epochs of all of them, so that nothing of an earlier run can be written or
// committed any more: that one ends with a *FencedError. Which checkpoints are committed is noted in a topic, see [CommitTopic]: with the beginning of the
// next commit, and when a run ends or has committed nothing for a quarter of TransactionTimeout. The brokers forget transactions that are done
// (transactional.id.expiration.ms, 7 days by default): a run may be quiet or away for longer, but one that was
// killed before it could note its last commit, and is begun again only behind that time, says that its transactions are lost.
//
// A checkpoint asks the brokers whether the transaction is open still, and whether its topics are those that were written to. If they have aborted it, as
// it was open for longer than TransactionTimeout, or a topic was deleted and made again meanwhile, the run fails, and the next one writes the records
// again. What a checkpoint has promised before goes with a topic that is deleted, as all that is in it.
//
// The value may be given to several To.
//
// On Flink it works so in jobs that save. Instances are in several processes there, and one more commits. Ids have a random part besides, and each start of a job takes new ones. The job cannot be asked for a checkpoint, so TransactionTimeout has to be
// much longer than the time from one to the next. An instance reads the topic of commits when it begins and when it needs an id.
//
// Brokers have to be of Kafka 3.0 or later. The user needs Describe and Write for these transactional ids, and Read, Write and Create for the topic of commits.
func ExactlyOnce[T any](s *Sink[T]) stream.TransactionalSink[T] {
	if s == nil {
		panic("kafkasink: ExactlyOnce: the Sink is nil")
	}
	return &exactly[T]{sink: s}
}

type exactly[T any] struct {
	sink *Sink[T]
	runs runs
}

// runs are the committers that are open, by what the ids of their transactions begin with. Of two runs of one
// pipeline it is that which has begun last.
type runs struct {
	mu   sync.Mutex
	open map[string]*committer
}

// BatchCommits is stream.BatchCommits's.
func (s *exactly[T]) BatchCommits() string {
	return "its committer begins with aborting the transactions of earlier runs, and would abort those of the writers that have ended before it is opened. Give To the sink without ExactlyOnce"
}

func (r *runs) begin(m *committer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil {
		r.open = map[string]*committer{}
	}
	r.open[m.prefix] = m
}

func (r *runs) end(m *committer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[m.prefix] == m {
		delete(r.open, m.prefix)
	}
}

// of returns the committer of a prefix, or nil.
func (r *runs) of(prefix string) *committer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[prefix]
}

// idle are the transactional ids that may be used again, as it is noted that their last transaction is committed.
type idle struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (i *idle) add(ids []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, id := range ids {
		i.ids[id] = true
	}
}

// take reports whether an id may be used again, which from then on it may not.
func (i *idle) take(id string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	was := i.ids[id]
	delete(i.ids, id)
	return was
}

func (s *exactly[T]) String() string { return s.sink.String() + " exactly once" }

// prefix is what the ids of an operator's transactions begin with.
func prefix(c *stream.SinkContext, config config) string {
	escaped := strings.NewReplacer("%", "%25", "/", "%2F")
	return "freshet/" + escaped.Replace(c.Pipeline) + "/" + escaped.Replace(config.member) + "/" + escaped.Replace(c.Name) + "/"
}

// Open makes a writer that writes into transactions.
func (s *exactly[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	if !c.Transactional {
		return s.sink.Open(c)
	}
	probe, err := newClient(s.sink.client) // to see whether the options are right
	if err != nil {
		return nil, &WriteError{c.Name, err}
	}
	defer probe.Close()
	run, calls, ids, err := s.openRun(c)
	if err != nil {
		return nil, err
	}
	p := &preparer[T]{
		maker: s.sink.maker(c, probe), client: s.sink.client, config: s.sink.config, run: run, calls: calls, prefix: ids, checkpoint: c.Checkpoint,
	}
	p.topics = written{calls: calls, ids: map[string]kadm.TopicID{}, now: map[string]bool{}}
	p.meet = p.topics.meet
	return p, nil
}
