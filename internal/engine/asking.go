package engine

import (
	"context"
	"errors"
	"time"
)

// ask calls Read of a partition, and counts for how long it waited.
func (l *reading) ask(part *Partition) (events, rejected int, err error) {
	t, r := l.task, l.task.rt
	l.op.Enter()
	t.reads = part
	if t.heeds {
		if t.readAt = r.Now(); !part.nothing.IsZero() { // it has been silent since
			t.readAt = part.nothing
		}
	}
	ctx := l.readContext()
	t.idle.begin(r)
	began := t.idle.since.Load()
	events, rejected, err = l.entry.Fill(ctx, part)
	if waited(r.elapsed()-time.Duration(began), events, r.Batch, l.waits) {
		t.idle.end(r)
	} else {
		t.idle.cancel()
	}
	l.starved = events+rejected < r.Batch && ctx.Err() != nil
	t.reads = nil
	part.nothing = time.Time{}
	if errors.Is(err, ErrNothing) {
		part.nothing, part.passed = r.Now(), l.steps
	}
	if t.heeds {
		part.Asked += max(0, r.Now().Sub(t.readAt))
	}
	return events, rejected, err
}

// unheard is for how long a Read is left alone after one that was interrupted before it gave a batch: those who always have something else to ask
// would have nothing read. A Read that waits longer than that for what the outside world has to give, and gives it up when its context ends, gives nothing as long as
// they ask.
const unheard = time.Millisecond

// readContext returns the context for Read. It ends when the source has to
// stop, and when a ticker of the stage is due.
func (l *reading) readContext() context.Context {
	if l.drains {
		return l.ctx
	}
	at, ok := l.task.nextDue()
	if l.ctx != nil && at.Equal(l.wake) && l.ctx.Err() == nil {
		return l.ctx
	}
	until := l.task.rt.Stopping
	if l.epoch != nil {
		until = l.epoch.ctx
	}
	if l.cancel != nil {
		l.cancel()
	}
	if l.wake = at; ok {
		// The timeout is of the real clock, and the ticker's time of the run's.
		l.ctx, l.cancel = context.WithTimeout(until, at.Sub(l.task.rt.Now()))
	} else {
		l.ctx, l.cancel = context.WithCancel(until)
	}
	if l.starved {
		l.task.mail.interruptibleIn(unheard, l.cancel)
	} else {
		l.task.mail.interruptible(l.cancel)
	}
	return l.ctx
}
