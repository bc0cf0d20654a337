package hdfsfs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
)

// acks are what a connection to a DataNode shows of the packets of a block that is written: the last one that was sent, and the last one that
// all DataNodes of the block have. The library's own Flush returns when it has sent the packets, and tells nobody which of them are
// acknowledged before the block is ended.
type acks struct {
	mu          sync.Mutex
	changed     sync.Cond // acked or err
	sent, acked int64     // numbers of packets, from 1
	err         error     // nothing more is acknowledged
	rest        []byte    // the beginning of a message
}

func newAcks() *acks {
	a := &acks{}
	a.changed.L = &a.mu
	return a
}

// write is told of what is sent: the library sends each packet by one call.
func (a *acks) write(p []byte) {
	if number, ok := packet(p); ok {
		a.mu.Lock()
		a.sent = max(a.sent, number) // heartbeats are number -1
		a.mu.Unlock()
	}
}

// packet returns the number of a packet, and false for what is none: a request, or what was encrypted on its way here.
func packet(p []byte) (number int64, ok bool) {
	if len(p) < 6 {
		return 0, false
	}
	data, header := int64(binary.BigEndian.Uint32(p)), int(binary.BigEndian.Uint16(p[4:]))
	if 6+int64(header)+data-4 != int64(len(p)) || 6+header > len(p) { // the length of the data counts its own four bytes
		return 0, false
	}
	for rest := p[6 : 6+header]; len(rest) > 0; {
		field, kind, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return 0, false
		}
		rest = rest[n:]
		if field == 2 && kind == protowire.Fixed64Type { // seqno of PacketHeaderProto
			v, n := protowire.ConsumeFixed64(rest)
			return int64(v), n > 0
		}
		if n = protowire.ConsumeFieldValue(field, kind, rest); n < 0 {
			return 0, false
		}
		rest = rest[n:]
	}
	return 0, false
}

// longestAck bounds a message of a DataNode; one has a few bytes for each DataNode of the block.
const longestAck = 1 << 16

// read is told of what the DataNode says: messages with their lengths before them. Those before the first packet are no acknowledgements.
func (a *acks) read(p []byte, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return
	}
	a.rest = append(a.rest, p...)
	for a.err == nil {
		size, n := protowire.ConsumeVarint(a.rest)
		if n < 0 && protowire.ParseError(n) != io.ErrUnexpectedEOF || n > 0 && size > longestAck {
			a.err = errors.New("what the DataNode says are no acknowledgements")
		}
		if a.err != nil || n < 0 || uint64(len(a.rest)-n) < size {
			break
		}
		if a.sent > 0 {
			a.err = a.take(a.rest[n : n+int(size)])
		}
		a.rest = append(a.rest[:0], a.rest[n+int(size):]...)
	}
	if a.err == nil {
		a.err = err
	}
	a.changed.Broadcast()
}

// take takes a PipelineAckProto, and returns what a DataNode has failed by.
func (a *acks) take(message []byte) error {
	number := int64(0)
	for rest := message; len(rest) > 0; {
		field, kind, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return protowire.ParseError(n)
		}
		rest = rest[n:]
		v, size := uint64(0), protowire.ConsumeFieldValue(field, kind, rest)
		if size < 0 {
			return protowire.ParseError(size)
		}
		if kind == protowire.VarintType {
			v, _ = protowire.ConsumeVarint(rest)
		}
		switch {
		case field == 1:
			number = protowire.DecodeZigZag(v)
		case field == 2 && v != 0: // one status for each DataNode
			return fmt.Errorf("a DataNode answers a packet by status %d", v)
		}
		rest = rest[size:]
	}
	a.acked = max(a.acked, number)
	return nil
}

// wait returns when all that has been sent is acknowledged.
func (a *acks) wait() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sent == 0 {
		return fmt.Errorf("what is sent to the DataNode is encrypted, and cannot be seen to be there: %w", errors.ErrUnsupported)
	}
	for a.acked < a.sent && a.err == nil {
		a.changed.Wait()
	}
	if a.acked < a.sent {
		return a.err
	}
	return nil
}
