package fluentsource

import (
	"errors"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/forward"
	"github.com/freshet-go/freshet/internal/intern"
)

// A plan is how entries become values of a type. It is compiled once, and shared.
type plan struct {
	record   level
	tag      uintptr // offsets in the type; none if it does not want them
	time     uintptr
	metadata uintptr
	meta     cell
	metaName string
	trials   int
	levels   int
}

const none = ^uintptr(0)

// compile returns the plan for t.
func compile(t reflect.Type) (*plan, error) {
	fields, err := forward.Fields(t, true)
	if err != nil {
		return nil, err
	}
	c := &compiler{trials: 1, structs: map[reflect.Type]*level{}} // the first is for values of any type
	p := &plan{tag: none, time: none, metadata: none}
	var keys []forward.Field
	for _, f := range fields {
		switch f.Path[0] {
		case forward.Tag:
			p.tag = f.Offset
		case forward.Time:
			p.time = f.Offset
		case forward.Metadata:
			p.metadata, p.metaName = f.Offset, f.Name
			if p.meta, err = c.cellOf(f.Type, f.Tags); err != nil {
				return nil, fmt.Errorf("field %s: %w", f.Name, err)
			}
		default:
			keys = append(keys, f)
		}
	}
	if err := c.fill(&p.record, keys); err != nil {
		return nil, err
	}
	p.trials, p.levels = c.trials, c.levels
	return p, nil
}

// A compiler makes a plan.
type compiler struct {
	trials  int
	levels  int
	structs map[reflect.Type]*level
}

// fill has a level decode fields of one struct.
func (c *compiler) fill(l *level, fields []forward.Field) error {
	l.number = c.levels
	c.levels++
	l.index = map[string]int{}
	for _, f := range fields {
		if f.Path[len(f.Path)-1] == forward.Rest && len(f.Path) == 1 {
			l.rest, l.keeps = f.Offset, true
			continue
		}
		decode, err := cell(nil), error(nil)
		at := l
		for i, key := range f.Path[:len(f.Path)-1] {
			at = at.below(c, key, &f, i)
		}
		last := f.Path[len(f.Path)-1]
		if last == forward.Rest {
			at.rest, at.keeps = f.Offset, true
			continue
		}
		if decode, err = c.cellOf(f.Type, f.Tags); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		at.add(field{key: last, name: f.Name, path: f.Key(), offset: f.Offset, decode: decode})
		if len(f.Path) > 1 {
			// Senders that flatten records have the path as one key.
			l.add(field{key: f.Key(), name: f.Name, path: f.Key(), offset: f.Offset, decode: decode})
		}
	}
	return nil
}

func (l *level) add(f field) {
	if _, ok := l.index[f.key]; ok {
		return
	}
	l.index[f.key] = len(l.fields)
	l.fields = append(l.fields, f)
}

// below returns the level of a key whose value is a map.
func (l *level) below(c *compiler, key string, f *forward.Field, depth int) *level {
	if i, ok := l.index[key]; ok {
		return l.fields[i].sub
	}
	sub := &level{number: c.levels, index: map[string]int{}}
	c.levels++
	path := forward.Field{Path: f.Path[:depth+1]}
	l.add(field{key: key, name: f.Name, path: path.Key(), sub: sub})
	return sub
}

// decoder returns a decoder for the plan.
func (p *plan) decoder(depth int) *decoder {
	return &decoder{strings: intern.New(stringsKept, longestKept), trials: make([]intern.Trial, p.trials), orders: make([][]seen, p.levels), depth: depth}
}

// errEntry is the error of a client that sends what are no entries.
var errEntry = errors.New("not an entry: want [time, record]")

// entry decodes an array of time and record.
func (p *plan) entry(d *decoder, v unsafe.Pointer, tag string, b []byte) ([]byte, error) {
	if !isArray(b[0]) {
		if _, err := skip(b, d.depth); err != nil {
			return nil, err
		}
		return nil, errEntry
	}
	n, b, err := items(b, d.depth, 1)
	if err != nil {
		return nil, err
	}
	if n != 2 {
		return nil, errEntry
	}
	return p.pair(d, v, tag, b, d.depth-1)
}

// pair decodes a time, which may have metadata beside it, and a record.
func (p *plan) pair(d *decoder, v unsafe.Pointer, tag string, b []byte, depth int) ([]byte, error) {
	if len(b) == 0 {
		return nil, errShort
	}
	if p.tag != none {
		*(*string)(unsafe.Add(v, p.tag)) = tag
	}
	var at time.Time
	var err error
	if isArray(b[0]) {
		at, b, err = p.header(d, v, b, depth)
	} else {
		at, b, err = readTime(b)
	}
	if err != nil {
		return nil, p.timeError(err)
	}
	if len(b) == 0 {
		return nil, errShort
	}
	if d.marker = isMarker(at); d.marker {
		return skip(b, depth)
	}
	if p.time != none {
		*(*time.Time)(unsafe.Add(v, p.time)) = at
	}
	rest, err := p.record.read(d, v, b, depth, nil)
	if m, ok := err.(*misfit); ok {
		err = fmt.Errorf("the record is %w", m)
	}
	return rest, err
}

// isMarker reports whether an entry is none: Fluent Bit frames a group of entries by two whose times are -1 and -2, as
// numbers of 32 bits without a sign where they are EventTimes.
func isMarker(at time.Time) bool {
	s := at.Unix()
	return s == -1 || s == -2 || s == 1<<32-1 || s == 1<<32-2
}

func (p *plan) timeError(err error) error {
	if m, ok := err.(*misfit); ok {
		return fmt.Errorf("the time of the entry is %w", m)
	}
	return err
}

// header reads [time, metadata].
func (p *plan) header(d *decoder, v unsafe.Pointer, b []byte, depth int) (at time.Time, _ []byte, err error) {
	n, b, err := items(b, depth, 1)
	if err != nil {
		return at, nil, err
	}
	if n != 2 {
		return at, nil, errEntry
	}
	if at, b, err = readTime(b); err != nil {
		return at, nil, err
	}
	switch {
	case len(b) == 0:
		return at, nil, errShort
	case p.metadata == none:
		b, err = skip(b, depth-1)
	case isNil(b):
		b = b[1:]
	default:
		b, err = p.meta(d, unsafe.Add(v, p.metadata), b, depth-1)
		if m, ok := err.(*misfit); ok {
			err = &FieldError{Field: p.metaName, Key: forward.Metadata, Err: m}
		}
	}
	return at, b, err
}
