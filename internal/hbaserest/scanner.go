package hbaserest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Scan is which rows to read, and what of them.
type Scan struct {
	From, Upto []byte   // of row keys: [From, Upto); empty where there is no bound
	Columns    [][]byte // "family:qualifier", or "family" for all of its; none for all families
	Since      int64    // milliseconds: only cells that are as new; 0 for all
	Versions   int      // of each column, the newest
	Filter     string   // as the gateway has filters, in JSON
	Cells      int      // of one answer
}

// The numbers of fields in HBase's ScannerMessage.proto.
const (
	scanStart      = 1
	scanEnd        = 2
	scanColumns    = 3
	scanBatch      = 4
	scanStartTime  = 5
	scanVersions   = 7
	scanFilter     = 8
	scanCaching    = 9
	scanCacheBlock = 11
)

// message returns the scan as the gateway wants it.
func (s Scan) message() []byte {
	var b []byte
	bytes := func(number protowire.Number, v []byte) {
		if len(v) > 0 {
			b = protowire.AppendTag(b, number, protowire.BytesType)
			b = protowire.AppendBytes(b, v)
		}
	}
	number := func(number protowire.Number, v uint64) {
		b = protowire.AppendTag(b, number, protowire.VarintType)
		b = protowire.AppendVarint(b, v)
	}
	bytes(scanStart, s.From)
	bytes(scanEnd, s.Upto)
	for _, c := range s.Columns {
		bytes(scanColumns, c)
	}
	number(scanBatch, uint64(s.Cells))
	if s.Since > 0 {
		number(scanStartTime, uint64(s.Since))
	}
	number(scanVersions, uint64(s.Versions))
	bytes(scanFilter, []byte(s.Filter))
	number(scanCaching, uint64(max(min(s.Cells/max(len(s.Columns), 1), 1000), 1))) // rows that the gateway asks a region server for
	number(scanCacheBlock, 0)
	return b
}

// ErrForgotten is the error of a scanner that the gateway does not know any more: it was restarted, say.
var ErrForgotten = errors.New("the gateway does not know the scanner any more")

// ErrCut is the cause where a gateway says that a scan has ended which has not.
var ErrCut = errors.New("the gateway has said that a scan has ended where it has failed")

// A Scanner is one of the gateway. It is used by one goroutine.
type Scanner struct {
	c    *Client
	path string
}

// Open makes a scanner.
func (c *Client) Open(ctx context.Context, s Scan) (*Scanner, error) {
	r := request{method: http.MethodPut, path: "/scanner", body: s.message(), kind: kindProtobuf, accept: kindProtobuf}
	a, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusCreated {
		return nil, c.said(a)
	}
	// The address may be of a host that only the gateway's network knows, or of no good one: the name behind it is what counts.
	name := a.location[strings.LastIndexByte(a.location, '/')+1:]
	if name == "" || len(name) > 200 || strings.ContainsAny(name, "?#%\\") || name == "." || name == ".." {
		return nil, c.wrong(r, errors.New("it does not say where the scanner is"))
	}
	return &Scanner{c, "/scanner/" + name}, nil
}

// Next returns the next answer of a scanner, a CellSet, or nil where the gateway says that it has ended. A row may go on in the next answer. Behind an
// error the scanner is of no use: what it would have answered may be lost.
func (s *Scanner) Next(ctx context.Context) ([]byte, error) {
	r := request{method: http.MethodGet, path: s.path, accept: kindProtobuf, once: true}
	a, err := s.c.do(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case a.status == http.StatusNoContent:
		return nil, nil
	case a.status == http.StatusNotFound, a.status == http.StatusGone:
		return nil, ErrForgotten
	case a.status != http.StatusOK:
		return nil, s.c.said(a)
	case len(a.body) == 0:
		return nil, s.c.wrong(r, errors.New("it is empty"))
	}
	return a.body, nil
}

// Close has the gateway forget the scanner, as far as it can be reached in a second. It would keep it for an hour.
func (s *Scanner) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = s.c.do(ctx, request{method: http.MethodDelete, path: s.path, accept: "*/*"}) // nobody needs it any more
}

// Wrong is the error of an answer of the scanner that is not what it should be.
func (s *Scanner) Wrong(err error) error {
	return s.c.wrong(request{method: http.MethodGet, path: s.path}, fmt.Errorf("scan: %w", err))
}
