package binlogsource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A running is a snapshot that is being read.
type running struct {
	stop   context.CancelFunc
	done   chan struct{}
	chunks chan *chunk
}

// beginReads has the tables read that are not known whole. It reports whether there are any.
func (r *reader[U]) beginReads() bool {
	if r.reads != nil {
		return true
	}
	var tables []reading
	for _, t := range r.tables {
		state := t.table()
		if p := r.at.of(state.name); !p.Done {
			tables = append(tables, reading{state.name, state.fields, t.gather, *p})
		}
	}
	if len(tables) == 0 {
		return false
	}
	ctx, stop := context.WithCancel(r.ctx)
	r.reads = &running{stop, make(chan struct{}), make(chan *chunk)}
	s := &snapshotter{db: r.server.DB, facts: r.facts, rows: r.config.chunk, window: r.config.window, chunks: r.reads.chunks, past: r.at.pos.clone()}
	delay := backoff(r.readTries)
	go func(done chan struct{}) { // stopReads waits for it
		defer close(done)
		select {
		case <-time.After(delay):
			s.run(ctx, tables)
		case <-ctx.Done():
		}
	}(r.reads.done)
	return true
}

// stopReads ends the snapshot; it goes on where the place says when it is begun again.
func (r *reader[U]) stopReads() {
	r.chunk = nil
	if r.reads == nil {
		return
	}
	r.reads.stop()
	<-r.reads.done
	r.reads = nil
}

func (r *reader[U]) nextChunk(ctx context.Context, wait bool) error {
	if !wait {
		select {
		case r.chunk = <-r.reads.chunks:
			return nil
		default:
			return errIdle
		}
	}
	select {
	case r.chunk = <-r.reads.chunks:
		return nil
	case <-r.reads.done:
		r.stopReads() // all is known, or the run ends
		return r.ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// giveChunk gives the next row of the chunk. The stream has been read up to it.
func (r *reader[U]) giveChunk(in *stream.Intake[U]) error {
	c := r.chunk
	t := r.byName[c.table]
	p := r.at.of(c.table)
	if c.err != nil {
		r.stopReads()
		switch {
		case errors.Is(c.err, errKeyChanged):
			p.Again = true
			return nil
		case errors.Is(c.err, ErrSetup) || isColumn(c.err):
			return c.err
		}
		return r.readFailed(fmt.Errorf("table %s: %w", c.table, c.err))
	}
	r.readFailing, r.readTries = time.Time{}, 0
	c.settle(c.columns)
	if c.given < c.count() {
		i := c.row(c.given)
		if err := c.bad[i]; err != nil {
			in.Reject(c.rows.text(i), r.events, &RowError{c.table, c.high.String(), int64(c.given), err})
		} else {
			t.giveRead(in, c.rows, i, Tx{ID: c.high.String()})
		}
		r.events++
		c.given++
		if len(c.keys) > 0 {
			p.After, p.Key = c.key(i), keyOf(c.columns)
		} else {
			p.Begun = true
		}
		return nil
	}
	if c.last {
		r.at.tables[c.table] = &progress{Done: true}
	} else if c.to != nil {
		p.After, p.Key = c.to, keyOf(c.columns)
	}
	t.recycle(c.rows)
	r.chunk = nil
	return nil
}

// readFailed returns nil if the snapshot is worth another try.
func (r *reader[U]) readFailed(err error) error {
	if r.readFailing.IsZero() {
		r.readFailing = time.Now()
	}
	if time.Since(r.readFailing) >= r.config.retry {
		return err
	}
	r.readTries++
	r.logger.Warn("binlogsource: the snapshot is tried again", "err", err.Error(), "tries", r.readTries)
	return nil
}

// filter decides about a change of a table that is not known whole. It reports whether the change is to
// be given: those of rows that have been given are. What becomes of others is in a chunk that comes.
func (r *reader[U]) filter(t rows[U], h held, p *progress, before, after []keyPart, wrong error) bool {
	order := t.table().order
	if len(order) == 0 || t.table().plan.keys == 0 {
		return false
	}
	known := func(key []keyPart) bool { return len(p.After) > 0 && compareKeys(order, key, p.After) <= 0 }
	was, is := *h.hasBefore && known(before), *h.change != stream.Delete && known(after)
	if c := r.chunk; c != nil && c.err == nil && c.table == t.table().name && slices.Equal(keyOf(c.columns), keyOf(order)) && !c.low.has(r.tx.id) {
		if *h.hasBefore && c.has(order, before, p.After) {
			c.put(before, nil, nil)
		}
		if *h.change != stream.Delete && c.has(order, after, p.After) {
			c.put(append([]keyPart(nil), after...), h.after, wrong)
		}
	}
	switch {
	case *h.change != stream.Update:
	case was && !is: // the row has another key now, and comes with a chunk
		*h.change = stream.Delete
		t.clearAfter()
	case is && !was: // it comes from where no chunk has been
		*h.change, *h.hasBefore = stream.Insert, false
		t.clearBefore()
	}
	return was || is
}
