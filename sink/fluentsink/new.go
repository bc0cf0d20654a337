package fluentsink

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// New returns a sink that forwards events to the server at addr, "host:port", under a tag.
// T is a struct; what goes into a record is said by its tags, see the package's documentation.
// An event whose field for @tag is not empty goes under that tag instead; one that has no tag
// at all is a [stream.RowError]. Its time is that of the field for @time; where there is none, or it is zero, the event time; and without that the time
// when it is written.
//
// New panics if a field of T cannot be sent, or if there is neither a tag nor a field for it.
func New[T any](addr, tag string, opts ...Option) stream.Sink[T] {
	t := reflect.TypeFor[T]()
	plan, err := compile(t)
	if err != nil {
		panic(fmt.Sprintf("fluentsink: New[%v]: %v", t, err))
	}
	if tag == "" && plan.tag == none {
		panic(fmt.Sprintf("fluentsink: New[%v]: no tag, and no field with the tag fluent:%q", t, "@tag"))
	}
	s := &forwarding[T]{plan: plan, config: config{
		addr: addr, tag: tag, bytes: 1 << 20, inFlight: 16,
		connect: 10 * time.Second, ack: time.Minute, retry: 2 * time.Minute,
	}}
	s.dial = func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", addr) }
	option.Apply("fluentsink: New", &s.config, opts)
	if s.hostname == "" {
		s.hostname, _ = os.Hostname()
		s.hostname += "/freshet-out" // a server beside us may have the machine's name, and must not have ours: see checkPong
	}
	return s
}

// forwarding is the sink of New.
type forwarding[T any] struct {
	config
	plan *plan
}

// String says where events go.
func (c *config) String() string { return "fluentd at " + c.addr }

// Format writes where events go, whatever the verb: a sink has a key and a password.
func (c *config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

func (c *config) failed(err error) error {
	if err == nil {
		return nil
	}
	return &sink.WriteError{Sink: c.String(), Err: err}
}

// Open returns a writer with a connection of its own, which it makes when there is something
// to send.
func (s *forwarding[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	return &writer[T]{forwarding: s, open: map[string]*chunk{}, link: link{config: &s.config, logger: c.Logger}}, nil
}
