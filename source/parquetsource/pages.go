package parquetsource

import (
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// pages are those of a column chunk. A page is read whole, and what its header claims is
// checked, before parquet-go decodes it: it allocates what a header says, and it panics on some damage.
type pages struct {
	*window
	inner  *parquet.FilePages
	meta   *format.ColumnMetaData
	next   int64 // where the header of the next page is
	end    int64
	values int64 // that are still to come
	limits limits

	protocol thrift.CompactProtocol
}

// limits are what the headers of pages are held to.
type limits struct {
	most                   int64 // bytes of a page
	repetition, definition int   // bits of levels; 0 where there are none
}

func limitsOf(column parquet.LeafColumn, most int64) limits {
	return limits{most, bits.Len(uint(column.MaxRepetitionLevel)), bits.Len(uint(column.MaxDefinitionLevel))}
}

// newPages returns the pages of a column chunk, which w reads.
func newPages(chunk *parquet.FileColumnChunk, meta *format.ColumnMetaData, w *window, l limits) *pages {
	p := &pages{window: w, meta: meta, next: meta.DataPageOffset, values: meta.NumValues, limits: l}
	if meta.DictionaryPageOffset != 0 {
		p.next = meta.DictionaryPageOffset
	}
	p.end = p.next + meta.TotalCompressedSize
	p.inner = chunk.PagesFrom(w)
	return p
}

// ReadPage returns the next page that holds values.
func (p *pages) ReadPage() (parquet.Page, error) {
	for p.next < p.end {
		head, body, err := p.header()
		if err != nil {
			return nil, err
		}
		is, err := check(head, body, p.meta, p.limits)
		if err != nil {
			return nil, err
		}
		p.next += int64(len(body))
		if head.Type == format.DictionaryPage {
			continue // parquet-go reads it together with the page that follows
		}
		if p.values -= is.values; p.values < 0 {
			return nil, fmt.Errorf("its pages have more values than the %d it claims: %w", p.meta.NumValues, parquet.ErrCorrupted)
		}
		page, err := p.inner.ReadPage()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err == nil && is.bits != nil {
			err = correct(page, is.bits, is.bools)
		}
		return page, err
	}
	return nil, io.EOF
}

// mostHeader bounds the header of a page, which may hold two values as statistics.
const mostHeader = 1 << 20

// header decodes the header of the page that is next, sees to it that all of the page is at hand, and moves behind the header.
func (p *pages) header() (*format.PageHeader, []byte, error) {
	for want := 1 << 10; ; want *= 4 {
		left := p.end - p.next
		data, err := p.peek(p.next, int(min(int64(want), left)))
		if len(data) == 0 {
			return nil, nil, ended(err)
		}
		if int64(len(data)) > left {
			data = data[:left]
		}
		n, err := structLength(data)
		if isShort(err) && want < mostHeader && int64(len(data)) < left {
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("header of a page: %w", err)
		}
		head := new(format.PageHeader)
		if err := thrift.NewDecoder(p.protocol.NewReaderFromBytes(data[:n])).Decode(head); err != nil {
			return nil, nil, fmt.Errorf("header of a page: %w", err)
		}
		size := int64(head.CompressedPageSize)
		if size < 0 || size > p.limits.most || size > left-int64(n) {
			return nil, nil, claims("a page", size, min(p.limits.most, left-int64(n)))
		}
		// The header stays at hand: parquet-go reads it once more.
		data, err = p.peek(p.next, n+int(size))
		if len(data) < n+int(size) {
			return nil, nil, ended(err)
		}
		p.next += int64(n)
		return head, data[n : n+int(size)], nil
	}
}

func ended(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func claims(what string, size, most int64) error {
	return fmt.Errorf("%s claims %d bytes, and may have %d: %w", what, size, most, parquet.ErrCorrupted)
}

// SeekToRow is for the beginning only, where it stands: whoever goes on elsewhere reads up to there.
func (p *pages) SeekToRow(row int64) error {
	if row != 0 {
		return errors.ErrUnsupported
	}
	return nil
}

// Close gives back what is held.
func (p *pages) Close() error { return p.inner.Close() }

// A checkedChunk is a column chunk whose pages are checked.
type checkedChunk struct {
	*parquet.FileColumnChunk
	meta   *format.ColumnMetaData
	in     *input
	limits limits
}

func (c checkedChunk) Pages() parquet.Pages {
	return newPages(c.FileColumnChunk, c.meta, &window{from: c.in}, c.limits)
}
