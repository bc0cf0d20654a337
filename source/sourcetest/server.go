package sourcetest

import (
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A Server is what the tests have to know about a source that others send to over the network: a server with clients. The
// tests speak the protocol by hand. They try what a Suite knows nothing of: that a message is acknowledged when it is durable and not
// before; that it is sent again; several clients; one that stops in the middle of a message; and clients that send more than anybody reads.
type Server[T any] struct {
	// Source returns a source that has not been opened. It calls bound with its address when it listens.
	Source func(t testing.TB, bound func(net.Addr)) stream.Source[T]

	// Event returns the n-th event of a client. No two are equal, as fmt prints them with %+v.
	Event func(client, n int) T

	// Greet, if set, does what comes before the first message of a connection.
	Greet func(c net.Conn) error

	// Message returns the n-th message of a connection, counted from 0, which has some events of a client. It is the
	// same message whenever it is called so.
	Message func(client, n int, events []T) []byte

	// Acknowledged, if set, waits for the acknowledgement of the n-th message of a connection. It is called for each, in their
	// order. A protocol without it has no acknowledgements.
	Acknowledged func(c net.Conn, n int) error

	// Known says that a message which is sent again over another connection is known: what was given of it is not given again.
	Known bool

	// Most is how many bytes a client can send that nobody reads, those in the buffers of both kernels included. It is 64 MiB
	// if it is 0. The source of the tests may have less memory than it has by default.
	Most int64
}

const (
	patience = 30 * time.Second      // how long the network is waited for
	moment   = 50 * time.Millisecond // how long an acknowledgement has to come too soon
)

// Run runs the tests, each as a subtest of t.
func (s Server[T]) Run(t *testing.T) {
	if s.Source == nil || s.Event == nil || s.Message == nil {
		t.Fatal("sourcetest: a Server needs Source, Event and Message")
	}
	for name, f := range map[string]func(*testing.T){"again": s.again, "clients": s.clients, "half": s.half, "pressure": s.pressure} {
		s.test(t, name, f)
	}
	if s.Acknowledged != nil {
		s.test(t, "durable", s.durable)
	}
}

func (s Server[T]) test(t *testing.T, name string, f func(*testing.T)) {
	t.Run(name, func(t *testing.T) {
		before := runtime.NumGoroutine()
		f(t)
		settled(t, before)
	})
}

// durable has a message acknowledged when the offset behind it is committed.
func (s Server[T]) durable(t *testing.T) {
	o, addr := s.open(t, nil)
	defer o.close()
	c := s.dial(t, addr)
	defer c.Close()
	sent := s.events(0, 0, 3)
	s.write(t, c, s.Message(0, 0, sent))
	sameOrder(t, "what was sent", o.read(reading{room: 512, until: 3}).all(), sent)

	told := make(chan error, 1)
	go func() { told <- s.Acknowledged(c, 0) }()
	select {
	case err := <-told:
		t.Fatalf("it is acknowledged before its offset is committed (%v)", err)
	case <-time.After(moment):
	}
	s.commit(t, o)
	select {
	case err := <-told:
		if err != nil {
			t.Errorf("the acknowledgement: %v", err)
		}
	case <-time.After(patience):
		t.Error("it is not acknowledged when its offset has been committed")
		c.Close()
		<-told
	}
}

// again has a run end in the middle of a message, and the next one begin with a message of another client.
func (s Server[T]) again(t *testing.T) {
	o, addr := s.open(t, nil)
	c := s.dial(t, addr)
	sent := s.events(0, 0, 4)
	s.write(t, c, s.Message(0, 0, sent))
	half := o.read(reading{room: 2, until: 2}).all()
	sameOrder(t, "the first half", half, sent[:2])
	at := o.offsets()
	o.close()
	c.Close()

	o, addr = s.open(t, at)
	defer o.close()
	other := s.dial(t, addr)
	defer other.Close()
	s.write(t, other, s.Message(1, 0, s.events(1, 0, 1)))
	sameOrder(t, "what another client sends first", o.read(reading{room: 512, until: 1}).all(), s.events(1, 0, 1))
	c = s.dial(t, addr)
	defer c.Close()
	s.write(t, c, s.Message(0, 0, sent))
	want := sent
	if s.Known {
		want = sent[2:]
	}
	sameOrder(t, "what is sent again", o.read(reading{room: 512, until: len(want)}).all(), want)
	if s.Acknowledged == nil {
		return
	}
	s.commit(t, o)
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if err := s.Acknowledged(c, 0); err != nil {
		t.Errorf("the acknowledgement of what is sent again: %v", err)
	}
}

// clients has some send at once.
func (s Server[T]) clients(t *testing.T) {
	const clients, messages, each = 8, 20, 5
	o, addr := s.open(t, nil)
	defer o.close()
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	var sending sync.WaitGroup
	defer sending.Wait()
	of := map[string]int{}
	for client := range clients {
		for _, e := range s.events(client, 0, messages*each) {
			of[fmt.Sprintf("%+v", e)] = client
		}
		c := s.dial(t, addr)
		conns = append(conns, c)
		sending.Go(func() {
			for n := range messages {
				s.write(t, c, s.Message(client, n, s.events(client, n*each, each)))
			}
		})
	}
	got := make([][]T, clients)
	for _, e := range o.read(reading{room: 7, until: clients * messages * each}).all() {
		client, ok := of[fmt.Sprintf("%+v", e)]
		if !ok {
			t.Errorf("nobody has sent %+v", e)
			continue
		}
		got[client] = append(got[client], e)
	}
	for client := range clients {
		sameOrder(t, fmt.Sprintf("what client %d has sent", client), got[client], s.events(client, 0, messages*each))
	}
}

// half has a client stop in the middle of a message, which keeps nobody else waiting.
func (s Server[T]) half(t *testing.T) {
	o, addr := s.open(t, nil)
	defer o.close()
	slow, other := s.dial(t, addr), s.dial(t, addr)
	defer slow.Close()
	defer other.Close()
	m := s.Message(0, 0, s.events(0, 0, 1))
	s.write(t, slow, m[:len(m)/2])
	s.write(t, other, s.Message(1, 0, s.events(1, 0, 2)))
	sameOrder(t, "what comes beside half a message", o.read(reading{room: 512, until: 2}).all(), s.events(1, 0, 2))
	s.write(t, slow, m[len(m)/2:])
	sameOrder(t, "the message that took longer", o.read(reading{room: 512, until: 1}).all(), s.events(0, 0, 1))
}

// pressure has a client send what nobody reads: it has to wait, and loses nothing.
func (s Server[T]) pressure(t *testing.T) {
	const each = 100
	most := s.Most
	if most == 0 {
		most = 64 << 20
	}
	o, addr := s.open(t, nil)
	defer o.close()
	c := s.dial(t, addr)
	var bytes, messages atomic.Int64
	var sending sync.WaitGroup
	defer sending.Wait()
	defer c.Close()
	sending.Go(func() {
		for n := 0; ; n++ {
			m := s.Message(0, n, s.events(0, n*each, each))
			for len(m) > 0 {
				n, err := c.Write(m[:min(len(m), 16<<10)])
				bytes.Add(int64(n))
				if err != nil {
					return
				}
				m = m[n:]
			}
			messages.Add(1)
		}
	})
	deadline := time.Now().Add(patience)
	for before, still := int64(0), 0; still < 5; time.Sleep(100 * time.Millisecond) { // of polling: that a client waits is told by nothing
		now := bytes.Load()
		if now > most || time.Now().After(deadline) {
			t.Fatalf("a client has sent %d bytes that nobody reads, and goes on", now)
		}
		if still++; now != before || now == 0 {
			still = 0
		}
		before = now
	}
	want := (int(messages.Load()) + 1) * each // the message that it waits with, too
	var got []T
	for len(got) < want {
		got = append(got, o.read(reading{room: 512, until: min(want-len(got), 10*each)}).all()...)
		if s.Acknowledged != nil { // a source may wait for acknowledgements, too
			s.commit(t, o)
		}
	}
	sameOrder(t, "what has waited", got[:want], s.events(0, 0, want))
}

func (s Server[T]) open(t *testing.T, offsets map[string]string) (*opened[T], net.Addr) {
	t.Helper()
	bound := make(chan net.Addr, 1)
	o := open(t, s.Source(t, func(a net.Addr) { bound <- a }), offsets)
	select {
	case a := <-bound:
		return o, a
	case <-time.After(patience):
		t.Fatal("the source does not say where it listens")
	}
	return nil, nil
}

func (s Server[T]) dial(t *testing.T, to net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial(to.Network(), to.String())
	if err != nil {
		t.Fatal(err)
	}
	if s.Greet == nil {
		return c
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	if err := s.Greet(c); err != nil {
		t.Fatalf("Greet: %v", err)
	}
	_ = c.SetDeadline(time.Time{})
	return c
}

func (s Server[T]) write(t *testing.T, c net.Conn, b []byte) {
	t.Helper()
	if _, err := c.Write(b); err != nil {
		t.Errorf("a client cannot send: %v", err)
	}
}

func (s Server[T]) events(client, from, n int) (all []T) {
	for i := range n {
		all = append(all, s.Event(client, from+i))
	}
	return all
}

// commit says that all that was read is durable.
func (s Server[T]) commit(t *testing.T, o *opened[T]) {
	t.Helper()
	for _, r := range o.readers {
		a, ok := r.(stream.Acknowledger)
		if !ok {
			t.Errorf("%s: a protocol with acknowledgements needs a Reader that is an Acknowledger", r.Partition())
			continue
		}
		if err := a.Commit(t.Context(), r.Offset()); err != nil {
			t.Errorf("%s: Commit: %v", r.Partition(), err)
		}
	}
}
