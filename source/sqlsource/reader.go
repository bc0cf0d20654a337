package sqlsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A reader reads a partition. A goroutine asks the database, and the reader hands on what
// that has found.
type reader[T any] struct {
	partition string
	source    string // for errors
	fetch     func(ctx context.Context, pages *pages[T])
	place     place[T]

	pages  pages[T]
	cancel context.CancelFunc
	goes   sync.WaitGroup

	page *page[T] // that is handed on
	at   int      // in its rows
	bad  int      // in its bad rows
	err  error    // it stays
}

// A place knows the offset. The reader tells it what has been handed on.
type place[T any] interface {
	// done says that a page is handed on whole. Next says that rows up to at are.
	done(p *page[T])
	// offset is behind row at-1 of a page; p is nil between two pages.
	offset(p *page[T], at int) string
	// row numbers the first row of the page that comes next.
	row() int64
}

// pages go to the reader and come back.
type pages[T any] struct {
	full, empty chan *page[T]
}

// next returns a page to be filled, or nil when it is time to end.
func (x *pages[T]) next(ctx context.Context) *page[T] {
	select {
	case p := <-x.empty:
		p.reset()
		return p
	case <-ctx.Done():
		return nil
	}
}

// send hands a page to the reader. There is room for all.
func (x *pages[T]) send(p *page[T]) { x.full <- p }

const pagesEach = 2 // one is read from the database while the other is handed on

func (r *reader[T]) start(ctx context.Context) {
	ctx, r.cancel = context.WithCancel(ctx)
	r.pages = pages[T]{make(chan *page[T], pagesEach), make(chan *page[T], pagesEach)}
	for range pagesEach {
		r.pages.empty <- new(page[T])
	}
	r.goes.Go(func() { r.fetch(ctx, &r.pages) })
}

// Partition names the partition.
func (r *reader[T]) Partition() string { return r.partition }

// Waits reports true: the database may take its time.
func (r *reader[T]) Waits() bool { return true }

// Locate names a row by its number.
func (r *reader[T]) Locate(position int64) string {
	return fmt.Sprintf("%s row %d", r.partition, position)
}

// RevealsKeys reports true: offsets have the keys of rows.
func (r *reader[T]) RevealsKeys() bool { return true }

// Offset returns where to go on.
func (r *reader[T]) Offset() string { return r.place.offset(r.page, r.at) }

// Read hands on what there is, or waits for more.
func (r *reader[T]) Read(ctx context.Context, in *stream.Intake[T]) error {
	if r.cancel == nil {
		r.start(context.WithoutCancel(ctx)) // Close ends it
	}
	for in.Len()+len(in.Rejected()) == 0 {
		if r.err != nil {
			return r.err
		}
		if r.page == nil {
			select {
			case r.page = <-r.pages.full:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		r.hand(in)
	}
	return nil
}

// hand hands on rows of the page, and lets it go at its end.
func (r *reader[T]) hand(in *stream.Intake[T]) {
	p, first := r.page, r.place.row()
	for room := in.Room(); room > 0 && r.at < len(p.rows); {
		end := len(p.rows)
		if r.bad < len(p.bad) {
			if end = p.bad[r.bad].at; end == r.at {
				in.Reject(p.bad[r.bad].record, first+int64(r.at), p.bad[r.bad].err)
				r.bad++
				r.at++
				room--
				continue
			}
		}
		end = min(end, r.at+room)
		in.Append(p.rows[r.at:end]...)
		for ; r.at < end; r.at++ {
			in.Mark(first + int64(r.at))
			room--
		}
	}
	if r.at < len(p.rows) {
		return
	}
	if p.err != nil {
		r.err = &source.ReadError{Source: r.source, Offset: fmt.Sprintf("row %d", first+int64(r.at)), Err: noEOF(p.err)}
	} else if p.end {
		r.err = io.EOF
	}
	r.place.done(p)
	r.page, r.at, r.bad = nil, 0, 0
	if r.err == nil {
		r.pages.empty <- p
	}
}

// noEOF hides an end of the connection, or the run would take it for the end of the rows.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %v", io.ErrUnexpectedEOF, err)
	}
	return err
}

// Close ends the goroutine.
func (r *reader[T]) Close() error {
	if r.cancel != nil {
		r.cancel()
		r.goes.Wait()
	}
	return nil
}
