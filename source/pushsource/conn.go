package pushsource

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A Conn is one client. Its methods are for the goroutine of Serve.
type Conn[T any] struct {
	// Session is for the protocol.
	Session any

	source *opened[T]
	raw    net.Conn // nil for datagrams
	net    net.Conn // raw, or TLS on it
	addr   net.Addr
	tls    *tls.ConnectionState
	in     *bufio.Reader
	answer func([]byte) (int, error) // of datagrams

	ready    bool
	reading  bool      // a message has begun
	until    time.Time // the handshake or the message has to have ended
	message  int64     // bytes reserved for the message
	reserved int64     // bytes reserved and not delivered

	writing sync.Mutex
	held    atomic.Bool // a message waits for what others have taken
	served  atomic.Bool // Serve has returned: only acknowledgements are written
	acks    acks[T]
}

const (
	bufferSize   = 32 << 10
	writeTimeout = 10 * time.Second
	writeGrace   = time.Second // for what Serve writes once the source has to stop, and for acknowledgements when it is closed
)

func (o *opened[T]) newConn(n net.Conn) *Conn[T] {
	c := &Conn[T]{source: o, raw: n, net: n, addr: n.RemoteAddr(), acks: newAcks[T](), until: time.Now().Add(o.server.Handshake)}
	if c.addr == nil {
		c.addr = unnamed{}
	}
	c.in = bufio.NewReaderSize(deadlines[T]{c}, bufferSize)
	return c
}

// unnamed is the address of a client that has none.
type unnamed struct{}

func (unnamed) Network() string { return "unknown" }
func (unnamed) String() string  { return "unknown" }

// Context ends when the source has to stop.
func (c *Conn[T]) Context() context.Context { return c.source.ctx }

// Addr returns the client's address.
func (c *Conn[T]) Addr() net.Addr { return c.addr }

// TLS returns the state of the connection's TLS, or nil.
func (c *Conn[T]) TLS() *tls.ConnectionState { return c.tls }

// Now returns the time by the run's clock, for what was received now.
func (c *Conn[T]) Now() time.Time { return c.source.now() }

// Note has something logged, once a minute with the clients that have failed, that does not end this
// one.
func (c *Conn[T]) Note(err error) { c.source.failures.note(c.addr.String(), err) }

// Reader returns what the client sends, with a buffer of 32 KiB. It fails with ErrSlow
// when the time of the message is over.
func (c *Conn[T]) Reader() *bufio.Reader { return c.in }

// Ready says that the handshake is over.
func (c *Conn[T]) Ready() { c.ready, c.until = true, time.Time{} }

// Next waits for the first byte of the next message. It returns io.EOF if the client
// has ended instead. What was reserved for the message before is given back.
func (c *Conn[T]) Next() error {
	c.Release()
	c.message, c.reading = 0, false
	if c.ready {
		c.until = time.Time{}
	}
	if c.in.Buffered() == 0 {
		if _, err := c.in.Peek(1); err != nil {
			return err
		}
	} else if err := c.source.ctx.Err(); err != nil {
		return err
	}
	c.reading = true
	return nil
}

// deadlines is the connection, read under the deadlines of Next.
type deadlines[T any] struct{ c *Conn[T] }

func (d deadlines[T]) Read(b []byte) (int, error) {
	c := d.c
	s := &c.source.server
	now := time.Now() // of the network, which no run's clock moves
	until := c.until
	switch {
	case !until.IsZero():
	case c.reading:
		until = now.Add(s.FrameTimeout)
		c.until = until
	default:
		until = now.Add(s.IdleTimeout)
	}
	if err := c.raw.SetReadDeadline(until); err != nil {
		return 0, err
	}
	// Whoever ends the source sets a deadline behind this one.
	if err := c.source.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.net.Read(b)
	switch {
	case err == nil || n > 0:
		return n, nil
	case c.source.ctx.Err() != nil:
		return 0, c.source.ctx.Err()
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return 0, err
	case !c.ready:
		return 0, fmt.Errorf("%w: it has not shown who it is in %v", ErrSlow, s.Handshake)
	case c.reading:
		return 0, fmt.Errorf("%w: its message is not whole after %v", ErrSlow, s.FrameTimeout)
	}
	return 0, errIdle
}

// errIdle is the end of a client that has sent nothing for IdleTimeout.
var errIdle = fmt.Errorf("%w: it has sent nothing for too long", ErrSlow)

// Write sends b at once. It fails if the client does not take it within 10 s. When the source has to
// stop, Serve's writes have one more second together, and each of the last acknowledgements has one: a client that reads
// no answers holds up no stop.
func (c *Conn[T]) Write(b []byte) (int, error) {
	if c.answer != nil {
		return c.answer(b)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.raw.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	if err := c.hurry(); err != nil { // behind SetWriteDeadline, as for reads
		return 0, err
	}
	return c.net.Write(b)
}

// hurry has what is written end soon, where the source has to stop: what Serve writes, and when it is closed all. Acknowledgements have their time from when they
// are written, as a machine may be too busy to begin with them at once.
func (c *Conn[T]) hurry() error {
	if c.source.hurried.Load() {
		return c.raw.SetWriteDeadline(time.Now().Add(writeGrace))
	}
	if until := c.source.writeUntil.Load(); until != nil && !c.served.Load() {
		return c.raw.SetWriteDeadline(*until)
	}
	return nil
}

// pause has the client not pay for the time since start, when it was not read.
func (c *Conn[T]) pause(start time.Time) {
	if !c.until.IsZero() {
		c.until = c.until.Add(time.Since(start))
	}
}

// Parcel returns an empty parcel.
func (c *Conn[T]) Parcel() *Parcel[T] {
	p := c.source.parcel()
	p.conn = c
	return p
}

// Deliver hands a parcel to the pipeline, which takes those of a client in their order.
// It waits while the pipeline is full, and while too many parcels of the client wait
// to be acknowledged. The parcel is the caller's no more, nor what was reserved for it.
// What a stop finds waiting here is taken, unless it will be acknowledged and waits for others to be.
func (c *Conn[T]) Deliver(p *Parcel[T]) error {
	if p.err != nil {
		return p.err
	}
	s := c.source
	p.reserved, c.reserved = shared(c.reserved), 0
	s.delivered.Add(p.reserved)
	if c.net == nil || s.protocol.Ack == nil {
		p.Silent = true
	}
	if !p.Silent {
		start := time.Now()
		c.held.Store(true)
		err := s.pending.Acquire(s.ctx, p.pending())
		c.held.Store(false)
		if err != nil {
			return s.ctx.Err()
		}
		if err := c.acks.add(s.ctx, p, s.server.Unacked); err != nil {
			s.settle([]*Parcel[T]{p})
			s.recycle(p)
			return err
		}
		c.pause(start)
	}
	select {
	case s.queue <- p:
		s.stats.received.Add(1)
		return nil
	default:
	}
	start := time.Now()
	select {
	case s.queue <- p:
		s.stats.received.Add(1)
		c.pause(start)
		return nil
	case <-s.closing: // not when ctx ends: what is in the queue is read until then
		return s.ctx.Err()
	}
}

// orderly reports whether err is how a client ends that has done nothing wrong.
func orderly(ctx context.Context, err error) bool {
	return err == nil || err == io.EOF || errors.Is(err, errIdle) || ctx.Err() != nil && errors.Is(err, ctx.Err())
}
