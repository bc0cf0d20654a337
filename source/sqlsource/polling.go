package sqlsource

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"
)

// errFull ends a look in which too many rows are not settled.
var errFull = errors.New("too many rows are not settled")

// mostSeen bounds the rows that may be read again.
const mostSeen = 500_000

// A pollFetch reads a table again and again. One look has two parts:
//
//   - Rows up to the settled key: the highest of all that were visible Overlap ago. All rows that far can be
//     seen by now. They are read for the last time, and the next look begins behind them.
//   - Rows behind it. They are read again in the next look, in which those are new that are not known.
type pollFetch[T any] struct {
	*keyed[T]
	logger *slog.Logger
	now    func() time.Time

	low  []any             // keys up to which nothing is read again; nil at first
	seen map[uint64]uint64 // rows behind low that have been sent, and the look that has found them last
	most int
	look uint64
	tops []top // the oldest first

	spare *page[T]
	pages *pages[T]
}

// A top is the highest key that was visible at a time.
type top struct {
	at    time.Time
	keys  []any
	texts []string
}

func (f *pollFetch[T]) run(ctx context.Context, pages *pages[T]) {
	f.pages, f.spare = pages, new(page[T])
	for ctx.Err() == nil {
		full, err := f.lookOnce(ctx)
		if err != nil {
			if p := pages.next(ctx); p != nil {
				p.failed(err)
				pages.send(p)
			}
			return
		}
		wait := f.every
		if full && len(f.tops) > 0 { // nothing new can be read before something is settled
			wait = max(f.tops[0].at.Add(f.overlap).Sub(f.now()), 0)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// lookOnce is one look. It reports whether it had to end as too many rows are not settled.
func (f *pollFetch[T]) lookOnce(ctx context.Context) (full bool, err error) {
	f.look++
	if settled, ok := f.settle(); ok {
		err = f.each(ctx, settled.keys, func(found, p *page[T]) error {
			return f.last(found, p, settled.texts)
		})
		if err != nil || ctx.Err() != nil {
			return false, err
		}
		f.low = settled.keys
	}
	if err := f.findTop(ctx); err != nil {
		return false, err
	}
	err = f.each(ctx, nil, func(found, p *page[T]) error {
		p.keep = true
		f.take(found, p, func(h uint64) { f.seen[h] = f.look })
		if full = len(f.seen) >= f.most; full {
			return errFull
		}
		return nil
	})
	if err == errFull {
		return true, nil
	}
	if err == nil && ctx.Err() == nil {
		f.forget(ctx)
	}
	return false, err
}

// settle returns the highest key that is settled, if there is a new one.
func (f *pollFetch[T]) settle() (settled top, ok bool) {
	for len(f.tops) > 0 && f.now().Sub(f.tops[0].at) >= f.overlap {
		settled, ok = f.tops[0], true
		f.tops = f.tops[1:]
	}
	return settled, ok
}

// findTop notes the highest key that can be seen.
func (f *pollFetch[T]) findTop(ctx context.Context) error {
	err := f.again(ctx, f.logger, func() error {
		f.spare.reset()
		return f.query(ctx, f.spare, span{after: f.low, down: true}, 1, false)
	})
	if err != nil || len(f.spare.rows) == 0 {
		return err
	}
	v := &f.spare.rows[0]
	keys, err := f.keysOf(v)
	if err != nil {
		return err
	}
	texts := f.texts(v)
	if n := len(f.tops); n > 0 && slices.Equal(f.tops[n-1].texts, texts) {
		return nil // it was visible earlier
	}
	f.tops = append(f.tops, top{f.now(), keys, texts}) // it was visible at the latest now
	return nil
}

// each reads the rows from low up to some keys, page for page. Deal moves what is to be sent from found to p.
func (f *pollFetch[T]) each(ctx context.Context, upto []any, deal func(found, p *page[T]) error) error {
	after := f.low
	for {
		found := f.spare
		err := f.again(ctx, f.logger, func() error {
			found.reset()
			return f.query(ctx, found, span{after: after, upto: upto}, f.config.page, true)
		})
		if err != nil {
			return err
		}
		p := f.pages.next(ctx)
		if p == nil {
			return nil
		}
		if n := len(found.rows); n > 0 {
			if after, err = f.keysOf(&found.rows[n-1]); err != nil {
				return err
			}
		}
		whole := len(found.rows) == f.config.page
		found.end = !whole
		err = deal(found, p)
		f.pages.send(p)
		if err != nil || !whole {
			return err
		}
	}
}

// last deals with rows that are read for the last time: low moves up to them, at the end to the settled
// key.
func (f *pollFetch[T]) last(found, p *page[T], settled []string) error {
	p.low = settled
	if n := len(found.rows); !found.end {
		p.low = f.texts(&found.rows[n-1])
		var err error
		if f.low, err = f.keysOf(&found.rows[n-1]); err != nil {
			return err
		}
	}
	for _, h := range found.hashes {
		if _, ok := f.seen[h]; ok {
			p.forget = append(p.forget, h)
		}
	}
	f.take(found, p, func(uint64) {})
	for _, h := range p.forget {
		delete(f.seen, h)
	}
	return nil
}

// take moves the rows that are not known to p. Of all it tells note.
func (f *pollFetch[T]) take(found, p *page[T], note func(hash uint64)) {
	bad := found.bad
	for i, h := range found.hashes {
		var wrong *badRow
		if len(bad) > 0 && bad[0].at == i {
			wrong, bad = &bad[0], bad[1:]
		}
		_, known := f.seen[h]
		note(h)
		if known {
			continue
		}
		if wrong != nil {
			p.bad = append(p.bad, badRow{len(p.rows), wrong.record, wrong.err})
		}
		p.rows, p.hashes = append(p.rows, found.rows[i]), append(p.hashes, h)
	}
}

// forget forgets the rows that are not there any more, as they were.
func (f *pollFetch[T]) forget(ctx context.Context) {
	var gone []uint64
	for h, look := range f.seen {
		if look != f.look {
			gone = append(gone, h)
		}
	}
	if len(gone) == 0 {
		return
	}
	if p := f.pages.next(ctx); p != nil {
		for _, h := range gone {
			delete(f.seen, h)
		}
		p.forget = append(p.forget, gone...)
		f.pages.send(p)
	}
}
