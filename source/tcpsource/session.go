package tcpsource

import (
	"bytes"
	"errors"

	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

// A session makes parcels of what one client sends.
type session[T any] struct {
	conn   *pushsource.Conn[T]
	dec    codec.Decoder[T]
	parcel *pushsource.Parcel[T]
	begun  bool // a record has come
}

func (s *session[T]) next() error         { return s.conn.Next() }
func (s *session[T]) reserve(n int) error { return s.conn.Reserve(n) }

func (s *session[T]) split(data []byte, atEOF bool) (int, []byte, error) {
	return s.dec.Split(data, atEOF)
}

var byteOrderMark = []byte("\uFEFF") // some senders begin with it

func (s *session[T]) record(b []byte) {
	if !s.begun {
		s.begun = true
		b = bytes.TrimPrefix(b, byteOrderMark)
	}
	p := s.filling()
	err := s.dec.Decode(b, p.Next())
	if err == nil {
		return
	}
	p.Unread()
	if !errors.Is(err, codec.ErrSkip) {
		p.Reject(b, err)
	}
}

func (s *session[T]) reject(b []byte, err error) { s.filling().Reject(b, err) }

func (s *session[T]) filling() *pushsource.Parcel[T] {
	if s.parcel == nil {
		s.parcel = s.conn.Parcel()
	}
	return s.parcel
}

func (s *session[T]) hand() error {
	p := s.parcel
	s.parcel = nil
	if len(p.Values) == 0 && len(p.Rejected) == 0 {
		return p.Err() // nil for blank lines, or a header
	}
	return s.conn.Deliver(p)
}
