package hbasesource

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"

	"github.com/freshet-go/freshet/internal/hbaserest"
)

// A scanning reads the rows of a scan in the order of their keys, each once, whatever becomes of scanners of the gateway. Behind
// an error it goes on when next is called again, with a scanner that begins behind the last whole row.
//
// A row may straddle answers, as those have a number of cells: its cells are kept until the next row begins.
type scanning struct {
	client *hbaserest.Client
	scan   hbaserest.Scan
	most   int64 // bytes of a row

	last    []byte // key of the last row that was handed on
	scanner *hbaserest.Scanner
	key     []byte // of the row that may go on
	cells   []hbaserest.Cell
	size    int64
	ended   bool
}

// next reads one answer and calls each for every row that is whole. It is true at the end.
func (s *scanning) next(ctx context.Context, each func(key []byte, cells []hbaserest.Cell) error) (err error) {
	if s.scanner == nil {
		if s.scanner, err = s.client.Open(ctx, s.rest()); err != nil {
			return err
		}
	}
	answer, err := s.scanner.Next(ctx)
	if err == nil && answer == nil {
		err = s.client.Ended(ctx, s.rest())
		if err == nil {
			s.ended = true
			err = s.flush(each)
			s.close(ctx) // the gateway would keep it
			return err
		}
	}
	if err == nil {
		err = hbaserest.ParseCells(answer, func(key []byte, c hbaserest.Cell) error {
			if bytes.Equal(key, s.key) {
				s.cells = append(s.cells, c)
				if s.size += int64(len(c.Column) + len(c.Value) + 16); s.size > s.most {
					return fmt.Errorf("row %q has more than %d bytes; see MaxAnswer", shown(key), s.most)
				}
				return nil
			}
			if bytes.Compare(key, s.last) <= 0 || bytes.Compare(key, s.key) < 0 || bytes.Compare(key, s.scan.From) < 0 || len(s.scan.Upto) > 0 && bytes.Compare(key, s.scan.Upto) >= 0 {
				return fmt.Errorf("row %q is not in its place", shown(key))
			}
			if err := s.flush(each); err != nil {
				return err
			}
			s.key, s.cells = key, append(s.cells[:0], c)
			s.size = int64(len(c.Column) + len(c.Value) + 16)
			return nil
		})
		if err != nil {
			err = s.scanner.Wrong(err)
		}
	}
	if err != nil {
		s.close(ctx)
	}
	return err
}

// rest is the scan behind all that has come.
func (s *scanning) rest() hbaserest.Scan {
	scan := s.scan
	if s.key != nil {
		scan.From = behind(s.key)
	} else if s.last != nil {
		scan.From = behind(s.last)
	}
	return scan
}

// flush hands on the row that was kept.
func (s *scanning) flush(each func(key []byte, cells []hbaserest.Cell) error) error {
	if s.key == nil {
		return nil
	}
	err := each(s.key, s.cells)
	s.last, s.key = s.key, nil
	return err
}

// close lets the scanner go, and the row that has not come whole.
func (s *scanning) close(ctx context.Context) {
	s.key, s.cells = nil, s.cells[:0]
	if s.scanner != nil {
		s.scanner.Close(ctx)
		s.scanner = nil
	}
}

// shown is a key as far as it is put into a text.
func shown(key []byte) []byte { return key[:min(len(key), 100)] }

// A tableFetch reads a partition of a table.
type tableFetch[T any] struct {
	*tabled[T]
	logger   *slog.Logger
	from     []byte
	upto     []byte
	finished bool // in an earlier run
}

func (f *tableFetch[T]) run(ctx context.Context, pages *pages[T]) {
	s := &scanning{client: f.client, scan: f.scan(f.from, f.upto), most: f.most, ended: f.finished}
	defer s.close(ctx)
	for {
		p := pages.next(ctx)
		if p == nil {
			return
		}
		// Answers that bring no whole row are no progress: where an end is never confirmed, the last row comes again and again.
		p.err = f.again(ctx, f.logger, func() (err error) {
			for err == nil && !s.ended && len(p.rows) == 0 {
				err = s.next(ctx, func(key []byte, cells []hbaserest.Cell) error {
					f.add(p, key, cells)
					return nil
				})
			}
			return err
		})
		p.end = s.ended && p.err == nil
		last := p.end || p.err != nil
		pages.send(p)
		if last {
			return
		}
	}
}

// add adds a row to a page.
func (s *tabled[T]) add(p *page[T], key []byte, cells []hbaserest.Cell) {
	n := len(p.rows)
	var zero T
	p.rows, p.keys = append(p.rows, zero), append(p.keys, key)
	if err := s.decode(&p.rows[n], key, cells); err != nil {
		p.bad = append(p.bad, badRow{n, hbaserest.AppendRow(nil, key, cells), err})
	}
}
