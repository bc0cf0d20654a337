package kafkasink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

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
// committed any more: that one ends with a *FencedError. Which checkpoints are committed is noted in a topic, see [CommitTopic]. A run that ends
// notes that its last one is: the brokers forget transactions that are done (transactional.id.expiration.ms, 7 days by default), and a run that was
// killed before it could note that, and is begun again only behind that time, says that they are lost.
//
// The value may be given to several To.
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
	ids := prefix(c, s.sink.config)
	p := &preparer[T]{
		maker: s.sink.maker(c, probe), client: s.sink.client, config: s.sink.config, run: s.runs.of(ids),
		prefix: fmt.Sprintf("%s%d/", ids, c.Instance), checkpoint: c.Checkpoint,
	}
	if p.run == nil {
		return nil, &WriteError{c.Name, errors.New("it was opened without its committer, or that is closed")}
	}
	return p, nil
}

// A preparer writes into one transaction at a time.
type preparer[T any] struct {
	maker[T]
	client     []kgo.Opt
	config     config
	run        *committer
	prefix     string
	checkpoint func()

	slots []*slot
	now   *slot // that is written to; nil if nothing was written since Prepare
	asked bool
}

// A slot is a transactional id, whose transactions follow one another.
type slot struct {
	id     string
	client *kgo.Client
	sent   *sent
	begun  time.Time
}

// prepared is what a checkpoint holds of a transaction.
type prepared struct {
	ID       string `json:"id"`
	Producer int64  `json:"producer"`
	Epoch    int16  `json:"epoch"`
}

// Write hands records to the client, which sends them soon.
func (p *preparer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	if p.now == nil {
		if err := p.begin(ctx); err != nil {
			return err
		}
	}
	if !p.asked && p.checkpoint != nil && time.Since(p.now.begun) > p.config.timeout/4 {
		p.asked = true
		p.checkpoint()
	}
	return p.told(ctx, p.produce(ctx, p.now.client, p.now.sent, b))
}

// begin begins a transaction: of an id that has none which anybody may want to commit.
func (p *preparer[T]) begin(ctx context.Context) error {
	var s *slot
	for _, known := range p.slots {
		if p.run.idle.take(known.id) {
			s = known
			break
		}
	}
	if s == nil {
		s = &slot{id: fmt.Sprint(p.prefix, len(p.slots))}
		p.slots = append(p.slots, s)
	}
	if s.client != nil {
		// It has been committed by the committer. Saying so again tells the client, and is nothing new to the brokers.
		if err := s.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
			s.client.Close()
			s.client = nil
		}
	}
	if s.client == nil {
		if err := p.connect(ctx, s); err != nil {
			return err
		}
	}
	if err := s.client.BeginTransaction(); err != nil {
		return p.told(ctx, &WriteError{p.name, fmt.Errorf("begin transaction %s: %w", s.id, err)})
	}
	s.sent.end()
	s.sent, s.begun, p.now, p.asked = newSent(s.client, p.config.retry), time.Now(), s, false
	return nil
}

// connect makes the client of a slot, which takes a new epoch of its id: that aborts whatever is open by it. A run that was held up, and taken over from,
// would so abort a transaction of the other one, which may have promised it. So it asks first whether it is still the last one, and takes the epoch at once and not with
// the first record: between the two requests no more can be done, as a client takes no epoch on a condition.
func (p *preparer[T]) connect(ctx context.Context, s *slot) error {
	if err := p.run.notes.own(ctx); err != nil {
		return err
	}
	c, err := newClient(p.client, kgo.TransactionalID(s.id), kgo.TransactionTimeout(p.config.timeout))
	if err != nil {
		return &WriteError{p.name, err}
	}
	s.client = c
	soon, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, _, _ = c.ProducerID(soon) // what keeps it from that is told with the first record
	return nil
}

// told returns why something failed: where another run has taken over, that.
func (p *preparer[T]) told(ctx context.Context, err error) error {
	if isFenced(err) {
		if fenced, ok := errors.AsType[*FencedError](p.run.notes.own(ctx)); ok {
			return fenced
		}
	}
	return err
}

// Flush returns when all records are acknowledged. Nobody sees them yet.
func (p *preparer[T]) Flush(ctx context.Context) error {
	if p.now == nil {
		return nil
	}
	return p.told(ctx, flush(ctx, p.name, p.now.client, p.now.sent))
}

// Prepare leaves the transaction open, and returns who it is.
func (p *preparer[T]) Prepare(ctx context.Context) ([]byte, error) {
	if p.now == nil || p.now.sent.count == 0 {
		return nil, nil // a transaction without records is none to the brokers, and goes on
	}
	if err := p.Flush(ctx); err != nil {
		return nil, err
	}
	producer, epoch, err := p.now.client.ProducerID(ctx)
	if err != nil {
		return nil, p.told(ctx, &WriteError{p.name, fmt.Errorf("prepare transaction %s: %w", p.now.id, err)})
	}
	data, err := json.Marshal(prepared{p.now.id, producer, epoch})
	p.now = nil
	return data, err
}

// longestAbort bounds how long Close waits for a transaction to be aborted. If it is not, the next run aborts it.
const longestAbort = 2 * time.Second

// Close ends the clients, and what is in no checkpoint.
func (p *preparer[T]) Close() error {
	if p.now != nil {
		ctx, cancel := context.WithTimeout(context.Background(), longestAbort)
		defer cancel()
		if p.now.client.AbortBufferedRecords(ctx) == nil {
			_ = p.now.client.EndTransaction(ctx, kgo.TryAbort) // it is aborted later, if not now
		}
	}
	for _, s := range p.slots {
		s.sent.end()
		if s.client != nil {
			s.client.Close()
		}
	}
	return nil
}
