package hbasesource

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/freshet-go/freshet/internal/hbaserest"
)

// mostSeen bounds the rows that a look knows again.
const mostSeen = 500_000

// A pollFetch looks again and again.
type pollFetch[T any] struct {
	*tabled[T]
	logger *slog.Logger
	now    func() time.Time

	look  look
	after []byte           // key in the look, of an earlier run
	seen  map[uint64]int64 // rows that were given and may be found again, by hash: time of the newest cell
	found []foundRow
}

// A foundRow is one with new cells.
type foundRow struct {
	key   []byte
	cells []hbaserest.Cell // all of it, where the look is at all cells
}

func (f *pollFetch[T]) run(ctx context.Context, pages *pages[T]) {
	for ctx.Err() == nil {
		began := f.now()
		if f.look.Next == 0 {
			f.look.Next = max(began.Add(-f.overlap).UnixMilli(), f.look.Since, 1)
		}
		if !f.once(ctx, pages) {
			return
		}
		timer := time.NewTimer(max(f.every, f.now().Sub(began))) // a long look is not to be all that the table is read for
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// once is one look. It is false where that was the last.
func (f *pollFetch[T]) once(ctx context.Context, pages *pages[T]) bool {
	s := &scanning{client: f.client, scan: f.scan([]byte(f.from), []byte(f.upto)), most: f.most, last: f.after}
	s.scan.Since = f.look.Since
	defer s.close(ctx)
	for {
		p := pages.next(ctx)
		if p == nil {
			return false
		}
		p.within = f.look
		for p.err == nil && !s.ended && len(p.rows) == 0 {
			p.err = f.again(ctx, f.logger, func() (err error) { // until there is a whole row, as in tableFetch
				for err == nil && !s.ended && len(f.found) == 0 {
					err = s.next(ctx, func(key []byte, cells []hbaserest.Cell) error {
						f.found = append(f.found, foundRow{key, append([]hbaserest.Cell(nil), cells...)})
						return nil
					})
				}
				return err
			})
			if p.err == nil {
				p.err = f.give(ctx, p)
			}
		}
		if p.err == nil && len(f.seen) > mostSeen {
			p.err = fmt.Errorf("more than %d rows have cells that are newer than %v: have Overlap be shorter", mostSeen, f.overlap)
		}
		if p.err == nil && s.ended {
			f.look, f.after = look{Since: f.look.Next}, nil
			forget(f.seen, f.look.Since)
			p.look = &look{Since: f.look.Since}
		}
		failed, ended := p.err != nil, p.look != nil
		pages.send(p)
		if failed || ended {
			return !failed
		}
	}
}

// give puts the rows that were found into a page, but for those that were given as they are.
func (f *pollFetch[T]) give(ctx context.Context, p *page[T]) error {
	defer func() { clear(f.found); f.found = f.found[:0] }()
	for from := 0; from < len(f.found); {
		upto, size := from, 0
		var keys [][]byte
		for upto < len(f.found) && (size == 0 || size+len(f.found[upto].key)*4/3+10 < hbaserest.MostKeys) {
			keys = append(keys, f.found[upto].key)
			size += len(f.found[upto].key)*4/3 + 10
			upto++
		}
		if f.look.Since == 0 && f.filter == "" { // then the scan has brought whole rows
			for _, row := range f.found[from:upto] {
				f.giveRow(p, row.key, row.cells)
			}
			from = upto
			continue
		}
		var rows []hbaserest.Row
		err := f.again(ctx, f.logger, func() (err error) {
			rows, err = f.client.Rows(ctx, keys, f.columns, f.versions)
			return err
		})
		if err != nil {
			return err
		}
		for _, row := range rows { // one that is deleted meanwhile is not among them
			f.giveRow(p, row.Key, row.Cells)
		}
		from = upto
	}
	return nil
}

func (f *pollFetch[T]) giveRow(p *page[T], key []byte, cells []hbaserest.Cell) {
	state := stateOf(key, cells)
	if _, ok := f.seen[state.hash]; ok {
		return
	}
	if state.newest >= f.look.Next {
		f.seen[state.hash] = state.newest
	}
	f.add(p, key, cells)
	p.known = append(p.known, state)
}
