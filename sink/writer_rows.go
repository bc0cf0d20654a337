package sink

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// An outlet knows what stands in w, which outlives a run. What a run knows is in the rows of its instances.
type outlet struct {
	records func() recordFinder
	encoder func() any // makes a codec.Encoder
	headed  *turn      // what all instances share, if the format has a header

	mu   sync.Mutex
	w    io.Writer
	torn []byte // what w has not taken of the row that it has taken in part
}

// A turn is an encoder, and the right to use it.
type turn struct {
	sync.Mutex
	encoder any  // a codec.Encoder
	begins  bool // what is encoded next brings the header, and has to be first
}

func (s *outlet) String() string { return fmt.Sprintf("%T", s.w) }

// rows returns those of a further instance.
func (s *outlet) rows() *rows {
	if s.headed != nil {
		return &rows{out: s, turn: s.headed}
	}
	return &rows{out: s, turn: &turn{encoder: s.encoder()}}
}

// send writes whole rows, and returns how many bytes of them w has taken.
func (s *outlet) send(rows []byte) (taken int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.torn) > 0 {
		n, err := s.write(s.torn)
		if s.torn = s.torn[n:]; err != nil {
			return 0, err
		}
	}
	taken, err = s.write(rows)
	if err != nil {
		s.torn = s.rowFrom(rows, taken)
	}
	return taken, err
}

func (s *outlet) write(b []byte) (taken int, err error) {
	n, err := s.w.Write(b)
	if n = min(max(n, 0), len(b)); err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return n, err
}

// rowFrom returns the rest of the row that begins before at, if one does.
func (s *outlet) rowFrom(rows []byte, at int) []byte {
	find := s.records()
	for end := 0; end < at; {
		n, _ := find(rows[end:], true)
		if n == 0 {
			return nil
		}
		if end += n; end > at {
			return bytes.Clone(rows[at:end])
		}
	}
	return nil
}

func (s *outlet) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.w.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}

// bufferSize is how much is gathered before it is written.
const bufferSize = 64 << 10

// The rows of one instance are gathered here.
type rows struct {
	out  *outlet
	turn *turn
	buf  []byte // whole rows
	err  error  // of w; it stays
}

// send hands over what has been gathered.
func (r *rows) send() error {
	if r.err != nil || len(r.buf) == 0 {
		return r.err
	}
	taken := 0
	if r.turn.begins {
		defer func() { // w may panic: the run that begins again writes the header then
			if taken > 0 { // and the rest of the header follows if need be
				r.turn.begins = false
			} else {
				r.turn.encoder = r.out.encoder()
			}
		}()
	}
	taken, err := r.out.send(r.buf)
	r.failed(err)
	r.buf = r.buf[:0]
	if cap(r.buf) > 4*bufferSize {
		r.buf = nil // one huge row should not stay
	}
	return r.err
}

func (r *rows) failed(err error) {
	if err != nil {
		r.err = &WriteError{Sink: r.out.String(), Err: err}
	}
}

// flush sends what is left, and has w flush.
func (r *rows) flush() error {
	if err := r.sendAll(); err != nil {
		return err
	}
	r.failed(r.out.flush())
	return r.err
}

// sendAll sends what is left. The turn is another's while that writes a header.
func (r *rows) sendAll() error {
	r.turn.Lock()
	defer r.turn.Unlock()
	return r.send()
}
