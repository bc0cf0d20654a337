package kafkasink

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A question is what a checkpoint has to ask the brokers, see Prepare, asked while the last records are on their way: events wait for a
// checkpoint no longer than for these then. A transaction that was aborted before is not open. One that is aborted behind the answer refuses the
// records that are on their way; if there are none any more, it is as if it were aborted behind Prepare, and the commit says that it is lost.
// Only a yes counts: where the first record of a transaction is on its way it is not open yet, so Prepare asks again.
type question struct {
	asked  moment
	of     prepared // once done is closed
	cancel context.CancelFunc
	done   chan struct{} // closed when there is an answer
	yes    bool          // once done is closed
}

// freshFor is for how long an answer is good, and is waited for.
const freshFor = time.Second

// A moment is read from both clocks: that of the wall may be set back, and the other one stands still while the machine sleeps.
type moment struct{ wall, steady time.Time }

func now() moment {
	t := time.Now()
	return moment{t.Round(0), t}
}

// within reports whether it is less than d ago.
func (m moment) within(d time.Duration) bool {
	t := now()
	wall, steady := t.wall.Sub(m.wall), t.steady.Sub(m.steady)
	return wall >= 0 && wall < d && steady < d
}

// ask begins to ask about the transaction at hand, if records of it are on their way: it costs nobody time then.
func (p *preparer[T]) ask(ctx context.Context) {
	p.forgetQuestion()
	if p.now.client.BufferedProduceRecords() == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, freshFor)
	q := &question{asked: now(), cancel: cancel, done: make(chan struct{})}
	p.question = q
	calls, s, topics, ids := p.calls, p.now, slices.Collect(maps.Keys(p.topics.now)), maps.Clone(p.topics.ids)
	same := make(chan bool, 1)
	go func() {
		list, err := calls.topics(ctx, topics...)
		same <- err == nil && !slices.ContainsFunc(topics, func(t string) bool { return list[t] != ids[t] || ids[t] == kadm.TopicID{} })
	}()
	go func() {
		defer close(q.done)
		what, err := s.transaction(ctx)
		open := false
		if err == nil {
			open, err = calls.isOpen(ctx, what)
		}
		q.of, q.yes = what, <-same && open && err == nil
	}()
}

// answered reports whether the answer about a transaction is yes. A question is good for one Prepare.
func (p *preparer[T]) answered(ctx context.Context, what prepared) bool {
	q := p.question
	if q == nil {
		return false
	}
	defer context.AfterFunc(ctx, q.cancel)()
	<-q.done
	p.forgetQuestion()
	return q.yes && q.of == what && q.asked.within(freshFor)
}

// forgetQuestion returns when nobody asks any more.
func (p *preparer[T]) forgetQuestion() {
	if q := p.question; q != nil {
		q.cancel()
		<-q.done
		p.question = nil
	}
}

// A turn is that of the slot which is written to next. Its client is told that its last transaction is committed while the records of
// the one at hand are on their way.
type turn struct {
	begun  moment
	cancel context.CancelFunc
	done   chan struct{} // closed when the slot has begun, or not
	slot   *slot         // once done is closed; nil if no id was free
	err    error         // once done is closed
}

// inVain reports whether no id was free, and that is long ago.
func (n *turn) inVain() bool {
	select {
	case <-n.done:
		return n.slot == nil && !n.begun.within(freshFor)
	default:
		return false
	}
}

// getReady begins to begin the next transaction, if an id is free that this run has used before. One that it has not is for begin.
func (p *preparer[T]) getReady(ctx context.Context) {
	if p.next != nil && !p.next.inVain() {
		return
	}
	find := p.run.free(slices.DeleteFunc(slices.Clone(p.slots), func(s *slot) bool { return s == p.now }))
	if find == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	n := &turn{begun: now(), cancel: cancel, done: make(chan struct{})}
	p.next = n
	go func() {
		defer close(n.done)
		if n.slot = find(ctx); n.slot == nil {
			cancel()
			return
		}
		n.err = n.slot.again(ctx)
	}()
}

// ready returns the slot of getReady, once it has begun or not. One that began long ago has to begin anew: the brokers may have forgotten the id
// since, and refuse its records.
func (p *preparer[T]) ready(ctx context.Context) (s *slot, err error) {
	n := p.next
	defer context.AfterFunc(ctx, n.cancel)()
	<-n.done
	n.cancel()
	p.next = nil
	switch {
	case n.slot == nil:
		return nil, errUnused
	case n.err == nil && !n.begun.within(p.config.timeout):
		return n.slot, errOld
	}
	return n.slot, n.err
}

// A slot is a transactional id, whose transactions follow one another.
type slot struct {
	id     string
	client *kgo.Client
	sent   *sent

	promised bool  // its last transaction was prepared, and nobody has seen that it is done; see away
	begun    int64 // the checkpoint that has to be done for that; 0 as long as it is not known
}

// transaction returns who the transaction is.
func (s *slot) transaction(ctx context.Context) (prepared, error) {
	producer, epoch, err := s.client.ProducerID(ctx)
	return prepared{s.id, producer, epoch}, err
}

var (
	errUnused = errors.New("the id has no client")
	errOld    = errors.New("the id was begun long ago")
)

// again begins another transaction of the id. The last one has been committed by the committer. Saying so again tells the client, and is
// nothing new to the brokers.
func (s *slot) again(ctx context.Context) error {
	if s.client == nil {
		return errUnused
	}
	if err := s.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return err
	}
	return s.client.BeginTransaction()
}
