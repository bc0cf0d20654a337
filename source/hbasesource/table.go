package hbasesource

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/stream"
)

// Table reads a table to its end, each row once:
//
//	type Profile struct {
//		Customer string `hbase:"@row"`
//		Name     string `hbase:"d:name"`
//		Orders   int64  `hbase:"d:orders,bytes"`
//	}
//
//	profiles := p.From(hbasesource.Table[Profile](client, "http://gateway:8080", "profiles"))
//
// Only the columns that fields are tagged with are asked for: a row that has none of them is not seen. The regions of the table
// are partitions, up to [Ranges], each read in the order of its keys. They are taken when the first run begins: a region that splits, merges or
// moves afterwards is still read whole, and once, as a partition is a range of keys.
//
// An offset is the key of the last row, and where the range ends: a later run goes on behind it exactly. Nothing holds the
// answers together: rows that are written while the table is read may be read or not, as they were or as they are, but each row is whole.
//
// It panics if client is nil, the gateway or the table has no good name, or T is no struct with such tags.
func Table[T any](client *http.Client, gateway, table string, opts ...Option) stream.Source[T] {
	return &tableSource[T]{newTabled[T]("Table", client, gateway, table, configure(opts))}
}

type tableSource[T any] struct{ *tabled[T] }

// An offset is where to go on.
type offset struct {
	Row   int64  `json:"row"`             // how many rows have been handed on
	From  []byte `json:"from,omitempty"`  // the first key of the range
	After []byte `json:"after,omitempty"` // the key of the last row
	Upto  []byte `json:"upto,omitempty"`  // where the range ends
	End   bool   `json:"end,omitempty"`   // all has been handed on
}

func (o offset) String() string { return encoded(o) }

func encoded(o any) string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // bytes and numbers
	}
	return string(text)
}

// Open returns a reader for each partition.
func (s *tableSource[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	if err := s.check(contextOf(c), c.Logger); err != nil {
		return nil, err
	}
	parts, err := s.parts(contextOf(c), c)
	if err != nil {
		return nil, s.failed("its regions", err)
	}
	var readers []stream.Reader[T]
	for _, part := range parts {
		f := &tableFetch[T]{tabled: s.tabled, logger: c.Logger, from: part.From, upto: part.Upto, finished: part.End}
		if part.After != nil {
			f.from = behind(part.After)
		}
		readers = append(readers, &reader[T]{tabled: s.tabled, partition: part.name, fetch: f.run, place: &tablePlace[T]{part.offset}})
	}
	return readers, nil
}

// A tablePlace is the offset of a partition.
type tablePlace[T any] struct{ o offset }

func (x *tablePlace[T]) row() int64 { return x.o.Row }

func (x *tablePlace[T]) done(p *page[T]) {
	x.o = x.behind(p, len(p.rows))
	x.o.End = x.o.End || p.end
}

func (x *tablePlace[T]) offset(p *page[T], at int) string { return x.behind(p, at).String() }

func (x *tablePlace[T]) behind(p *page[T], at int) offset {
	o := x.o
	if p != nil && at > 0 {
		o.Row += int64(at)
		o.After = bytes.Clone(p.keys[at-1])
	}
	return o
}

// A part is a range of keys, and how much of it has been read.
type part struct {
	name string
	offset
}

// known returns the parts that offsets tell of.
func (s *tableSource[T]) known(offsets map[string]string) (parts []part, err error) {
	table := s.client.Table
	for name, text := range offsets {
		if name == table || strings.HasPrefix(name, table+" ") {
			x := part{name: name}
			if err := json.Unmarshal([]byte(text), &x.offset); err != nil {
				return nil, fmt.Errorf("the offset %q of %s: %w", text, name, err)
			}
			parts = append(parts, x)
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
	return parts, nil
}

// parts returns those of an earlier run, those that another engine has handed out, or new ones.
func (s *tableSource[T]) parts(ctx context.Context, c *stream.SourceContext) (parts []part, err error) {
	for _, known := range []map[string]string{c.Offsets, c.Begins} {
		if parts, err = s.known(known); err != nil || len(parts) > 0 {
			return parts, err
		}
	}
	table := s.client.Table
	ranges, err := s.rangesOf(ctx, c)
	if err != nil {
		return nil, err
	}
	for i, r := range ranges {
		x := part{table, offset{From: r[0], Upto: r[1]}}
		if len(ranges) > 1 {
			x.name = fmt.Sprintf("%s %d/%d", table, i+1, len(ranges))
		}
		parts = append(parts, x)
	}
	return parts, nil
}

// rangesOf returns the ranges of keys that are read: one for each salt, or those of regions.
func (s *tableSource[T]) rangesOf(ctx context.Context, c *stream.SourceContext) (ranges [][2][]byte, err error) {
	if s.salts > 0 {
		for salt := range s.salts {
			prefix := string([]byte{byte(salt)})
			upto := prefix + s.upto
			if s.upto == "" {
				upto = behindPrefix(prefix)
			}
			ranges = append(ranges, [2][]byte{[]byte(prefix + s.from), []byte(upto)})
		}
		return ranges, nil
	}
	var bounds [][]byte // between regions that have keys in the range
	err = s.again(ctx, c.Logger, func() error {
		regions, err := s.client.Regions(ctx)
		bounds = nil
		for _, r := range regions {
			if string(r.From) > s.from && (s.upto == "" || string(r.From) < s.upto) {
				bounds = append(bounds, r.From)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	n := min(s.ranges, len(bounds)+1)
	from := []byte(s.from)
	for i := 1; i < n; i++ {
		upto := bounds[i*(len(bounds)+1)/n-1]
		ranges = append(ranges, [2][]byte{from, upto})
		from = upto
	}
	return append(ranges, [2][]byte{from, []byte(s.upto)}), nil
}

// Unsalted returns a key without the salt that hbasesink.Salted has put in front of it.
func Unsalted(key string) string { return key[min(len(key), 1):] }
