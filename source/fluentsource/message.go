package fluentsource

import (
	"errors"
	"fmt"
	"net"
	"unsafe"

	"github.com/freshet-go/freshet/source/pushsource"
)

// A message is one that is being read. It becomes a parcel.
//
// It is one of these, as its second value tells:
//
//	Message        [tag, time, record, options?]
//	Forward        [tag, [[time, record], ...], options?]
//	PackedForward  [tag, entries one behind the other as a bin or str, perhaps compressed, options?]
//
// So entries are decoded before the options say what they are.
type message[T any] struct {
	*server[T]
	in      input
	d       *decoder
	parcel  *pushsource.Parcel[T]
	client  net.Addr
	tag     string
	entries int
	inflate *inflater // what was used, or nil
	options options
}

const mostTag = 4 << 10

var (
	errNothing = errors.New("a heartbeat")
	errMessage = errors.New("not a message of the Forward protocol")
	errJSON    = fmt.Errorf("%w: it is JSON, and has to be MessagePack", errMessage)
)

// read reads a message, or returns errNothing.
func (m *message[T]) read() error {
	n, err := m.begin()
	if err != nil {
		return err
	}
	b, err := m.in.need(1)
	if err != nil {
		return err
	}
	var broken error // entries: of an unknown signal they may look like anything
	left := n - 2
	switch c := b[0]; {
	case isArray(c):
		broken, err = m.forward()
	case isText(c):
		broken, err = m.packed()
	case n < 3:
		err = errMessage
	default:
		left--
		err = m.entry(&m.in, 2)
	}
	if err != nil {
		return err
	}
	if left > 1 {
		return fmt.Errorf("%w: it has %d values", errMessage, n)
	}
	if left == 1 {
		if err := m.readOptions(); err != nil {
			return err
		}
	}
	return m.end(broken)
}

// begin reads the array's head and the tag.
func (m *message[T]) begin() (n int, err error) {
	b, err := m.in.need(1)
	if err != nil {
		return 0, err
	}
	switch c := b[0]; {
	case isNil(b):
		m.in.discard(1)
		return 0, errNothing
	case c == '[' || c == '{':
		return 0, errJSON
	case !isArray(c):
		return 0, errMessage
	}
	items, err := m.arrayHead(&m.in)
	if err != nil {
		return 0, err
	}
	if items < 2 || items > 4 {
		return 0, fmt.Errorf("%w: it has %d values", errMessage, items)
	}
	tag, err := m.in.whole(1, mostTag)
	if err != nil {
		return 0, tooLarge(err, "its tag")
	}
	if !isText(tag[0]) {
		return 0, fmt.Errorf("%w: its tag is %s", errMessage, describe(tag))
	}
	text, _, err := readText(tag)
	if err != nil {
		return 0, err
	}
	m.tag = m.d.strings.String(text)
	return int(items), m.d.use(len(text))
}

// tooLarge is the error of something that is, outside of a record.
func tooLarge(err error, what string) error {
	if err == errRecord {
		return fmt.Errorf("%w: %s", pushsource.ErrTooLarge, what)
	}
	return err
}

// arrayHead reads how many values follow.
func (m *message[T]) arrayHead(in *input) (uint64, error) {
	b, err := in.need(1)
	if err == nil {
		b, err = in.need(int(shapes[b[0]].size))
	}
	if err != nil {
		return 0, err
	}
	size, items, _, err := head(b)
	in.discard(int(size))
	return items, err
}

// forward reads entries in an array. Behind one that is none it goes on, for the options: broken
// says so.
func (m *message[T]) forward() (broken, err error) {
	n, err := m.arrayHead(&m.in)
	if err != nil {
		return nil, err
	}
	if n > uint64(m.most.entries) {
		return nil, m.tooMany()
	}
	for range n {
		if broken == nil {
			err = m.entry(&m.in, 1)
		} else if _, err = m.in.whole(1, m.most.record); err == errRecord {
			err = nil
		}
		if err == errEntry {
			broken, err = err, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return broken, nil
}

func (m *message[T]) tooMany() error {
	return fmt.Errorf("%w: more than %d entries (fluentsource.Entries)", pushsource.ErrTooLarge, m.most.entries)
}

// entry reads n values that are one entry: an array, or two that stand for themselves. It
// decodes them where they are if all of them is there, which it nearly always is.
func (m *message[T]) entry(in *input, n uint64) error {
	if m.entries++; m.entries > m.most.entries {
		return m.tooMany()
	}
	v := m.parcel.Next()
	if b := in.seen(); len(b) > 0 {
		rest, err := m.decode(v, b, n)
		if size := len(b) - len(rest); err == nil && size <= m.most.record {
			in.discard(size)
			m.leaveMarker()
			return nil
		}
		if m.d.fatal != nil {
			return m.d.fatal
		}
		var zero T
		*v = zero
	}
	b, err := in.whole(n, m.most.record)
	if err != nil {
		m.parcel.Unread()
		if err == errRecord {
			m.parcel.Reject(in.first, fmt.Errorf("the entry is larger than %d bytes (fluentsource.RecordSize)", m.most.record))
			err = nil
		}
		return err
	}
	if _, err = m.decode(v, b, n); err == nil {
		m.leaveMarker()
		return nil
	}
	m.parcel.Unread()
	switch {
	case m.d.fatal != nil:
		return m.d.fatal
	case err == errEntry:
		return err
	}
	m.parcel.Reject(b, err)
	return nil
}

// leaveMarker takes out again what was no entry: see plan.pair.
func (m *message[T]) leaveMarker() {
	if m.d.marker {
		m.parcel.Unread()
	}
}

func (m *message[T]) decode(v *T, b []byte, n uint64) (rest []byte, err error) {
	if n == 1 {
		return m.plan.entry(m.d, unsafe.Pointer(v), m.tag, b)
	}
	return m.plan.pair(m.d, unsafe.Pointer(v), m.tag, b, m.d.depth)
}

// end takes the options into account.
func (m *message[T]) end(broken error) error {
	p, o := m.parcel, &m.options
	p.ID, p.Token, p.Silent = chunkID(o.chunk, m.tag, m.client), o.chunk, o.chunk == ""
	if o.signal != logs {
		p.Values, p.Rejected = p.Values[:0], nil
		if m.refuse {
			return fmt.Errorf("%w: it sends %v, and not logs", pushsource.ErrRefused, o.signal)
		}
		return m.d.settle()
	}
	if broken != nil {
		return broken
	}
	return m.d.settle()
}
