package kafkasink

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream"
)

// A preparer writes into one transaction at a time.
type preparer[T any] struct {
	maker[T]
	client     []kgo.Opt
	config     config
	run        run
	calls      *caller
	prefix     string
	checkpoint func()

	slots    []*slot
	topics   written
	now      *slot       // that is written to; nil if nothing was written since Prepare
	timer    *time.Timer // asks for a checkpoint, long before the brokers abort the transaction; nil where there is none
	question *question   // about now; nil without
	next     *turn       // of the slot that is written to next; nil if begin has to find one
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
	err := p.told(ctx, p.produce(ctx, p.now.client, p.now.sent, b))
	if p.timer == nil && p.checkpoint != nil && p.now.sent.count > 0 {
		p.timer = time.AfterFunc(p.config.timeout/4, p.checkpoint)
	}
	return err
}

// begin begins a transaction: of an id that has none which anybody may want to commit.
func (p *preparer[T]) begin(ctx context.Context) error {
	p.getReady(ctx)
	s, err := (*slot)(nil), errUnused
	if p.next != nil {
		s, err = p.ready(ctx)
	}
	if s == nil {
		s = &slot{id: fmt.Sprint(p.prefix, len(p.slots))}
		p.slots = append(p.slots, s)
	}
	if err != nil {
		if s.client != nil {
			s.client.Close()
			s.client = nil
		}
		if err := p.connect(ctx, s); err != nil {
			return err
		}
		if err := s.client.BeginTransaction(); err != nil {
			return p.told(ctx, &WriteError{p.name, fmt.Errorf("begin transaction %s: %w", s.id, err)})
		}
	}
	s.sent.end()
	clear(p.topics.now)
	p.last = ""
	s.sent, p.now = newSent(s.client, p.config.retry), s
	return nil
}

// connect makes the client of a slot, which takes a new epoch of its id: that aborts whatever is open by it. A run that was held up, and taken over from,
// would so abort a transaction of the other one, which may have promised it. So it asks first whether it is still the last one, and takes the epoch at once and not with
// the first record: between the two requests no more can be done, as a client takes no epoch on a condition. Where ids are nobody else's, it asks behind it; see away.
func (p *preparer[T]) connect(ctx context.Context, s *slot) error {
	if !p.run.apart() {
		if err := p.run.own(ctx); err != nil {
			return err
		}
	}
	var unmade error
	err := p.calls.retrying(ctx, "take transaction "+s.id, func(ctx context.Context) error {
		c, err := newClient(p.client, kgo.TransactionalID(s.id), kgo.TransactionTimeout(p.config.timeout))
		if err != nil {
			unmade = &WriteError{p.name, err}
			return nil
		}
		_, _, err = c.ProducerID(ctx)
		if hangsUp(err) || err != nil && p.run.apart() { // from the former the client does not recover
			c.Close()
			return tooLong(err, p.config)
		}
		s.client = c // what else keeps it from that is told with the first record
		return nil
	})
	if err == nil && unmade == nil && p.run.apart() {
		err = p.run.own(ctx)
	}
	return cmp.Or(err, unmade)
}

// told returns why something failed: where another run has taken over, that.
func (p *preparer[T]) told(ctx context.Context, err error) error {
	if isFenced(err) {
		if fenced, ok := errors.AsType[*FencedError](p.run.own(ctx)); ok {
			return fenced
		}
	}
	return err
}

// Flush returns when all records are acknowledged. Nobody sees them yet. As Prepare follows, what that has to ask is asked meanwhile, and the next
// transaction begun.
func (p *preparer[T]) Flush(ctx context.Context) error {
	if p.now == nil {
		return nil
	}
	p.ask(ctx)
	p.getReady(ctx)
	return p.flushed(ctx)
}

func (p *preparer[T]) flushed(ctx context.Context) error {
	return p.told(ctx, flush(ctx, p.name, p.now.client, p.now.sent))
}

// Prepare leaves the transaction open, and returns who it is. It fails if the brokers have aborted it.
func (p *preparer[T]) Prepare(ctx context.Context) ([]byte, error) {
	if p.now == nil || p.now.sent.count == 0 {
		return nil, nil // a transaction without records is none to the brokers, and goes on
	}
	if err := p.flushed(ctx); err != nil {
		return nil, err
	}
	what, err := p.now.transaction(ctx)
	if err != nil {
		return nil, p.told(ctx, &WriteError{p.name, fmt.Errorf("prepare transaction %s: %w", p.now.id, err)})
	}
	if !p.answered(ctx, what) {
		if err := p.holds(ctx, what); err != nil {
			return nil, err
		}
		if err := p.topics.kept(ctx, what.ID); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(what)
	p.now.promised = true
	p.forget()
	return data, err
}

// holds returns an error unless a transaction is open and its producer's. One that the brokers have aborted does not show otherwise before it
// is committed, when it is too late: to flush asks them for nothing if all is acknowledged, and the client knows its epoch by itself.
func (p *preparer[T]) holds(ctx context.Context, what prepared) error {
	open := false
	err := p.calls.retrying(ctx, "ask for transaction "+what.ID, func(ctx context.Context) (err error) {
		open, err = p.calls.isOpen(ctx, what)
		return err
	})
	if err != nil || open {
		return err
	}
	if err := p.run.own(ctx); err != nil {
		return err // it was fenced
	}
	return &WriteError{p.name, fmt.Errorf("prepare transaction %s: the brokers have aborted it, as it was open for longer than TransactionTimeout, which is %v: "+
		"no checkpoint holds its records, and a run that begins with the last one writes them again", what.ID, p.config.timeout)}
}

// forget ends the turn of the slot.
func (p *preparer[T]) forget() {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.now, p.timer = nil, nil
}

// longestAbort bounds how long Close waits for a transaction to be aborted. If it is not, the next run aborts it.
const longestAbort = 2 * time.Second

// Close ends the clients, and what is in no checkpoint.
func (p *preparer[T]) Close() error {
	p.forgetQuestion()
	if p.next != nil {
		p.next.cancel()
		<-p.next.done
	}
	if p.now != nil {
		ctx, cancel := context.WithTimeout(context.Background(), longestAbort)
		defer cancel()
		if p.now.client.AbortBufferedRecords(ctx) == nil {
			_ = p.now.client.EndTransaction(ctx, kgo.TryAbort) // it is aborted later, if not now
		}
	}
	p.forget()
	for _, s := range p.slots {
		s.sent.end()
		if s.client != nil {
			s.client.Close()
		}
	}
	p.run.close()
	return nil
}
