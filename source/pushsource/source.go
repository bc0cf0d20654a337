package pushsource

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/freshet-go/freshet/stream"
)

// A Source is a server as the source of a pipeline.
type Source[T any] struct {
	server   Server
	protocol Protocol[T]
	run      atomic.Pointer[opened[T]] // the last
}

// New returns the source that listens where s says and speaks p. It listens from the
// beginning of a run to its end. It panics if p has no name, or neither Serve nor Packet, or if
// a limit of s is negative.
func New[T any](s Server, p Protocol[T]) *Source[T] {
	if p.Name == "" || p.Serve == nil && p.Packet == nil {
		panic("pushsource: New: the protocol has no Name, or nothing that serves")
	}
	return &Source[T]{server: s.complete(p.Name), protocol: p}
}

func (s *Source[T]) String() string { return s.protocol.Name + " " + s.server.Addr }

// An opened source is one in a run.
type opened[T any] struct {
	server   Server
	protocol Protocol[T]
	now      func() time.Time
	ctx      context.Context // ends when nothing more is to be taken
	stop     context.CancelFunc
	closing  chan struct{} // closed when nothing more will be safe
	memory   *semaphore.Weighted
	pending  *semaphore.Weighted // what parcels take that wait to be acknowledged
	queue    chan *Parcel[T]
	safe     atomic.Int64 // the parcel up to which a checkpoint has all
	failed   chan error   // capacity 1: what ends the run
	failures failures

	delivered atomic.Int64 // bytes of the memory that parcels have which were delivered and are not read
	stats     counters
	pool      sync.Pool // of values

	listener net.Listener
	packets  *net.UDPConn
	goes     sync.WaitGroup
	serving  sync.WaitGroup // those of them that deliver
	served   chan struct{}  // closed after Drain, when nothing more is delivered

	writeUntil atomic.Pointer[time.Time] // what Serve writes has to end; nil until the source has to stop
	hurried    atomic.Bool               // the source is being closed: each write has writeGrace

	mu    sync.Mutex
	conns map[*Conn[T]]struct{}
	from  map[netip.Addr]int // how many of them are of each address
}

const queued = 64 // parcels between the clients and the pipeline

// Open listens.
func (s *Source[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	parent := c.Context
	if parent == nil {
		parent = context.Background()
	}
	o := &opened[T]{
		server: s.server, protocol: s.protocol, closing: make(chan struct{}),
		memory: semaphore.NewWeighted(s.server.Memory), pending: semaphore.NewWeighted(max(s.server.Memory/4, leastPending)), queue: make(chan *Parcel[T], queued),
		failed: make(chan error, 1), served: make(chan struct{}), conns: map[*Conn[T]]struct{}{}, from: map[netip.Addr]int{},
	}
	if o.now = c.Now; o.now == nil {
		o.now = time.Now
	}
	if o.failures.logger = c.Logger; c.Logger == nil {
		o.failures.logger = slog.New(slog.DiscardHandler)
	}
	r, err := newReader(o, c)
	if err != nil {
		return nil, fmt.Errorf("pushsource: %s: %w", s, err)
	}
	o.ctx, o.stop = context.WithCancel(parent)
	if err := o.listen(); err != nil {
		o.stop()
		return nil, fmt.Errorf("pushsource: %s cannot listen: %w", s, err)
	}
	s.run.Store(o)
	return []stream.Reader[T]{r}, nil
}

func (o *opened[T]) listen() (err error) {
	var bound net.Addr
	if o.protocol.Serve != nil {
		if o.listener, err = o.server.listen(o.ctx); err != nil {
			return err
		}
		bound = o.listener.Addr()
	}
	if o.protocol.Packet != nil {
		if o.packets, err = o.server.listenPacket(o.ctx, o.listener); err != nil {
			if o.listener != nil {
				o.listener.Close()
			}
			return err
		}
		if bound == nil {
			bound = o.packets.LocalAddr()
		}
	}
	if o.listener != nil {
		o.serves(o.accept)
	}
	if o.packets != nil {
		o.serves(o.receive)
	}
	o.goes.Go(func() {
		<-o.ctx.Done()
		o.unblock()
	})
	if o.server.Bound != nil {
		o.server.Bound(bound)
	}
	return nil
}

// serves has f run as a goroutine that delivers, or has others deliver.
func (o *opened[T]) serves(f func()) {
	o.serving.Add(1)
	o.goes.Go(func() {
		defer o.serving.Done()
		f()
	})
}

// unblock has all that waits for a client look at ctx.
func (o *opened[T]) unblock() {
	if o.listener != nil {
		o.listener.Close()
	}
	if o.packets != nil {
		o.packets.SetReadDeadline(past)
	}
	soon := time.Now().Add(writeGrace)
	o.writeUntil.Store(&soon)
	o.hurry()
	o.mu.Lock()
	defer o.mu.Unlock()
	for c := range o.conns {
		c.raw.SetReadDeadline(past)
	}
}

// close ends all, once what is safe has been acknowledged.
func (o *opened[T]) close() {
	o.stop()
	o.hurried.Store(true)
	o.hurry()
	close(o.closing)
	o.goes.Wait()
	if o.packets != nil {
		o.packets.Close()
	}
	o.failures.flush()
}

// guarded calls f, and ends the run if it panics or ends its goroutine.
func (o *opened[T]) guarded(f func() error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		err = errPanicked
		if p := recover(); p != nil {
			o.fail(fmt.Errorf("while a client was served: %w", &stream.PanicError{Value: p, Stack: debug.Stack()}))
			return
		}
		o.fail(fmt.Errorf("while a client was served: %w", &stream.GoexitError{Stack: debug.Stack()}))
	}()
	err = f()
	returned = true
	return err
}

var errPanicked = errors.New("a panic")

const acceptRest = 100 * time.Millisecond

// past is a deadline that is over.
var past = time.Unix(1, 0)

// accept lets clients in.
func (o *opened[T]) accept() {
	for {
		n, err := o.listener.Accept()
		switch {
		case err == nil:
			o.admit(o.newConn(n))
		case o.ctx.Err() != nil:
			return
		case errors.Is(err, net.ErrClosed):
			o.fail(fmt.Errorf("the source cannot let clients in any more: %w", err))
			return
		default: // the process may have no descriptors left for now
			o.failures.note("", err)
			select {
			case <-time.After(acceptRest):
			case <-o.ctx.Done():
			}
		}
	}
}

// admit serves a client, unless it is nobody's whom the server knows, or there are too many.
func (o *opened[T]) admit(c *Conn[T]) {
	if err := o.enter(c); err != nil {
		o.stats.refused.Add(1)
		o.failures.note(c.addr.String(), err)
		c.raw.Close()
		return
	}
	o.stats.accepted.Add(1)
	o.serving.Add(1)
	served := sync.OnceFunc(o.serving.Done) // its parcels may wait to be acknowledged for longer
	o.goes.Go(func() {
		defer served()
		err := o.guarded(func() error { return o.serve(c, served) })
		if !orderly(o.ctx, err) && err != errPanicked {
			o.stats.failed.Add(1)
			o.failures.note(c.addr.String(), err)
		}
	})
}

// serve deals with one client from its connection to its end.
func (o *opened[T]) serve(c *Conn[T], served func()) (err error) {
	defer func() {
		o.leave(c)
		c.Release()
		if c.tls != nil && orderly(o.ctx, err) {
			c.net.Close() // says goodbye
		}
		c.raw.Close()
	}()
	if err := c.secure(); err != nil {
		return err
	}
	if o.protocol.Ack != nil {
		var acknowledging sync.WaitGroup
		acknowledging.Go(func() { _ = o.guarded(func() error { c.acknowledge(); return nil }) })
		defer func() {
			acknowledging.Wait()
			o.settle(c.acks.drop())
		}()
		defer func() { c.acks.end(orderly(o.ctx, err)) }()
	}
	defer served()
	defer c.served.Store(true)
	err = errPanicked // unless it returns
	err = o.protocol.Serve(c)
	return err
}

// secure is the handshake of TLS.
func (c *Conn[T]) secure() error {
	if c.source.server.TLS == nil {
		return nil
	}
	t := tls.Server(c.net, c.source.server.TLS)
	if err := c.net.SetDeadline(c.until); err != nil {
		return err
	}
	if err := t.HandshakeContext(c.source.ctx); err != nil {
		return fmt.Errorf("%w: %w", errTLS, err)
	}
	state := t.ConnectionState()
	if state.Version < tls.VersionTLS12 { // a GetConfigForClient of the caller's may have let it in
		return fmt.Errorf("%w: it speaks %s, and TLS 1.2 is the least", errTLS, tls.VersionName(state.Version))
	}
	c.net, c.tls = t, &state
	return nil
}
