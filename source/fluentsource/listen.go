package fluentsource

import (
	"cmp"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/source/pushsource"
)

// Listen returns a source of what clients forward to s. T is a struct whose
// tags say what it takes of an entry, or [Event]; see the package's documentation. Listen
// panics if a field of T cannot be filled, and where [pushsource.New] does.
//
// Server.MaxMessage is 64 MiB by default: it counts what comes of a message in
// memory, where maps take a few times what they take on the network. Server.IdleTimeout is 24 h: a logger
// without acknowledgements loses its next event where the connection has been closed.
func Listen[T any](s pushsource.Server, opts ...Option) *pushsource.Source[T] {
	plan, err := compile(reflect.TypeFor[T]())
	if err != nil {
		panic(fmt.Sprintf("fluentsource: Listen[%v]: %v", reflect.TypeFor[T](), err))
	}
	if s.MaxMessage == 0 {
		s.MaxMessage = 64 << 20
	}
	s.IdleTimeout = cmp.Or(s.IdleTimeout, 24*time.Hour)
	f := newServer[T](plan, s.MaxMessage, opts)
	p := pushsource.Protocol[T]{Name: "forward", Serve: f.serve, Ack: f.ack}
	if f.heartbeat {
		p.Packet = f.packet
	}
	return pushsource.New(s, p)
}

// A server speaks the protocol with all clients.
type server[T any] struct {
	config
	plan      *plan
	decoders  sync.Pool
	inflaters sync.Pool
}

func newServer[T any](plan *plan, mostBytes int, opts []Option) *server[T] {
	f := &server[T]{plan: plan, config: config{most: limits{
		message: mostBytes, record: 1 << 20, entries: 1_000_000, depth: 32, ratio: 250,
	}}}
	option.Apply("fluentsource", &f.config, opts)
	f.security.hostname = f.security.name()
	f.decoders.New = func() any { return plan.decoder(f.most.depth) }
	f.inflaters.New = newInflater
	return f
}

// serve serves one client.
func (f *server[T]) serve(c *pushsource.Conn[T]) error {
	if f.security.asks {
		in := f.input(c)
		if err := f.security.shake(&in, c, c.Next); err != nil {
			return err
		}
	}
	c.Ready()
	in := f.input(c)
	for {
		if err := c.Next(); err != nil {
			return err
		}
		p := c.Parcel()
		m := message[T]{server: f, in: in, parcel: p, client: c.Addr()}
		err := f.read(&m)
		in.scan = m.in.scan // its memory
		switch {
		case err == errNothing:
			continue
		case err != nil:
			return err
		case m.options.signal != logs:
			c.Note(fmt.Errorf("%w: %v under the tag %.100q", pushsource.ErrPassed, m.options.signal, m.tag))
		}
		if err := c.Deliver(p); err != nil {
			return err
		}
	}
}

func (f *server[T]) input(c *pushsource.Conn[T]) input {
	return input{r: c.Reader(), left: uint64(f.most.message), reserve: c.Reserve, scan: scan{depth: f.most.depth}}
}

// read reads a message, with what is lent to it meanwhile.
func (f *server[T]) read(m *message[T]) error {
	d := f.decoders.Get().(*decoder)
	d.reserve, d.reserved, d.used, d.fatal = m.in.reserve, 0, 0, nil
	m.d = d
	err := m.read()
	d.reserve = nil
	f.decoders.Put(d)
	if m.inflate != nil {
		m.inflate.from = nil
		f.inflaters.Put(m.inflate)
	}
	return err
}

// ack tells a client that a chunk is safe.
func (f *server[T]) ack(_ *pushsource.Conn[T], dst []byte, p *pushsource.Parcel[T]) []byte {
	dst = msgp.AppendMapHeader(dst, 1)
	dst = msgp.AppendString(dst, "ack")
	return msgp.AppendString(dst, p.Token)
}

// packet answers a heartbeat.
func (f *server[T]) packet(c *pushsource.Conn[T], _ []byte) error {
	_, err := c.Write([]byte{0})
	return err
}
