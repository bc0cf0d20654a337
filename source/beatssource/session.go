package beatssource

import (
	"encoding/binary"

	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

// A session makes parcels of what one client sends.
type session[T any] struct {
	conn   *pushsource.Conn[T]
	codec  codec.Codec[T]
	parcel *pushsource.Parcel[T] // nil where no event waits to be handed over
}

func (s *session[T]) next() error         { return s.conn.Next() }
func (s *session[T]) reserve(n int) error { return s.conn.Reserve(n) }

func (s *session[T]) event(payload []byte) {
	if s.parcel == nil {
		s.parcel = s.conn.Parcel()
	}
	if err := s.codec.Decode(payload, s.parcel.Next()); err != nil {
		s.parcel.Unread()
		s.parcel.Reject(payload, err)
	}
}

func (s *session[T]) hand(seq uint32) error {
	p := s.parcel
	s.parcel = nil
	p.Seq = int64(seq)
	return s.conn.Deliver(p)
}

func (s *session[T]) answer(ack uint32) error {
	_, err := s.conn.Write(appendAck(nil, ack))
	return err
}

// acknowledge tells a client that all its events up to the last of the parcel are safe. In
// a window that was handed over in parts that is a partial acknowledgement, behind which a
// client waits on.
func acknowledge[T any](_ *pushsource.Conn[T], dst []byte, p *pushsource.Parcel[T]) []byte {
	return appendAck(dst, uint32(p.Seq))
}

// keepAlive tells a client that nothing of its window is safe yet. Logstash and go-lumber
// send it as well. It must not be the last acknowledgement once more: clients begin to count
// at 1 with each window, and would take that for the whole of the next one.
func keepAlive[T any](_ *pushsource.Conn[T], dst []byte, _ *pushsource.Parcel[T]) []byte {
	return appendAck(dst, 0)
}

func appendAck(dst []byte, seq uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, '2', 'A'), seq)
}
