package fluentsink

import (
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

// A plan is how values of a type become entries. It is compiled once, and shared.
type plan struct {
	record   level
	tag      uintptr // offsets in the type, or none
	time     uintptr
	metadata uintptr
	meta     cell
}

const none = ^uintptr(0)

// compile returns the plan for t.
func compile(t reflect.Type) (*plan, error) {
	fields, err := forward.Fields(t, true)
	if err != nil {
		return nil, err
	}
	p := &plan{tag: none, time: none, metadata: none}
	c := &compiler{structs: map[reflect.Type]*level{}}
	var keys []forward.Field
	for _, f := range fields {
		switch f.Path[0] {
		case forward.Tag:
			p.tag = f.Offset
		case forward.Time:
			p.time = f.Offset
		case forward.Metadata:
			p.metadata = f.Offset
			if p.meta, err = c.cellOf(f.Type, f.Tags); err != nil {
				return nil, fmt.Errorf("field %s: %w", f.Name, err)
			}
		default:
			keys = append(keys, f)
		}
	}
	return p, c.fill(&p.record, keys)
}

// append appends the entry of the value at v: [time, record], or [[time, metadata], record].
func (p *plan) append(b []byte, v unsafe.Pointer, at time.Time) (_ []byte, err error) {
	if p.time != none {
		if own := *(*time.Time)(unsafe.Add(v, p.time)); !own.IsZero() {
			at = own
		}
	}
	if at.IsZero() {
		at = time.Now()
	}
	b = append(b, 0x92) // an array of two
	if p.metadata == none || p.meta.absent(unsafe.Add(v, p.metadata)) {
		b = appendTime(b, at)
	} else {
		b = appendTime(msgp.AppendArrayHeader(b, 2), at)
		if b, err = p.meta.put(b, unsafe.Add(v, p.metadata)); err != nil {
			return b, fmt.Errorf("%s: %w", forward.Metadata, err)
		}
	}
	return p.record.append(b, v)
}

// appendTime appends an EventTime, or where it cannot hold t the seconds.
func appendTime(b []byte, t time.Time) []byte {
	b, ok := forward.AppendEventTime(b, t)
	if !ok {
		b = msgp.AppendInt64(b, t.Unix())
	}
	return b
}

// fill has a level send fields of one struct.
func (c *compiler) fill(l *level, fields []forward.Field) error {
	for _, f := range fields {
		at := l
		for _, key := range f.Path[:len(f.Path)-1] {
			at = at.below(key, f.Name)
		}
		last := f.Path[len(f.Path)-1]
		if last == forward.Rest {
			at.rest, at.keeps = f.Offset, true
			continue
		}
		cell, err := c.cellOf(f.Type, f.Tags)
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		at.fields = append(at.fields, field{key: msgp.AppendString(nil, last), plain: last, name: f.Name, offset: f.Offset, cell: cell})
	}
	l.settle()
	return nil
}

func (l *level) below(key, name string) *level {
	for i := range l.fields {
		if l.fields[i].plain == key {
			return l.fields[i].sub
		}
	}
	sub := &level{}
	l.fields = append(l.fields, field{key: msgp.AppendString(nil, key), plain: key, name: name, sub: sub})
	return sub
}
