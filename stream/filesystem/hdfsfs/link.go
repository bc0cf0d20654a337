package hdfsfs

import (
	"context"
	"errors"
	"net"
	"reflect"
	"sync"
	"time"
	"unsafe"

	"github.com/colinmarc/hdfs/v2"
	"google.golang.org/protobuf/proto"

	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

// A link is a client of the library with its connections: one to a NameNode, and those to DataNodes of the file that is
// read or written by it. It belongs to one call or one open file at a time. The library takes no context and sets no timeouts, so
// that the connections do: whoever gives up cuts them.
type link struct {
	*hdfs.Client
	execute func(method string, req, resp proto.Message) error
	timeout time.Duration
	ctx     context.Context // of dialing; ends when it is cut
	cancel  context.CancelFunc

	mu     sync.Mutex
	conns  map[*conn]bool
	cut    bool
	broken error // the last error of a connection
	lost   bool  // a connection to a DataNode has failed, and what was on its way
	writes bool  // a file is written by it
	idle   *time.Timer
}

// dial opens a connection of the link.
func (l *link) dial(_ context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(l.ctx, min(l.timeout, 20*time.Second))
	defer cancel()
	nc, err := new(net.Dialer).DialContext(ctx, network, addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.cut:
		if nc != nil {
			nc.Close()
		}
		return nil, net.ErrClosed
	case err != nil:
		l.broken = err
		return nil, err
	}
	c := &conn{Conn: nc, link: l}
	l.conns[c] = true
	return c, nil
}

// dialData opens a connection to a DataNode.
func (l *link) dialData(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := l.dial(ctx, network, addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.lost = true
		return nil, err
	}
	c := nc.(*conn)
	if c.data = true; l.writes {
		c.acks = newAcks()
	}
	return nc, nil
}

// sever cuts all connections: whatever waits for an answer gets an error.
func (l *link) sever() {
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for c := range l.conns {
		c.Conn.Close()
		if c.acks != nil {
			c.acks.read(nil, net.ErrClosed) // whoever waits for them, though nobody reads any more
		}
	}
}

// trouble returns the last error of a connection since it was asked for last.
func (l *link) trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.broken
	l.broken = nil
	return err
}

// begin is called before a file is opened to be written, and end behind it. Connections to DataNodes that have failed before are none of that file.
func (l *link) begin() {
	l.mu.Lock()
	l.lost, l.writes = false, true
	l.mu.Unlock()
}

func (l *link) end() {
	l.mu.Lock()
	l.writes = false
	l.mu.Unlock()
}

// acknowledged returns when the DataNodes have all that has been sent to them. Where no connection is open, the block is at its end, and they have.
func (l *link) acknowledged() error {
	l.mu.Lock()
	var open []*acks
	for c := range l.conns {
		if c.acks != nil {
			open = append(open, c.acks)
		}
	}
	l.mu.Unlock()
	for _, a := range open {
		if err := a.wait(); err != nil {
			return err
		}
	}
	return nil
}

// A conn is a connection in which each read and write has a time to happen in.
type conn struct {
	net.Conn
	link      *link
	data      bool      // to a DataNode
	acks      *acks     // of what is written to it; nil if nothing is
	read, put time.Time // when the deadlines were set
}

func (c *conn) Read(p []byte) (int, error) {
	if now := time.Now(); now.Sub(c.read) > time.Second { // a deadline costs more than a look at the clock
		c.read = now
		if err := c.Conn.SetReadDeadline(now.Add(c.link.timeout)); err != nil {
			return 0, c.failed(err)
		}
	}
	n, err := c.Conn.Read(p)
	if c.acks != nil {
		c.acks.read(p[:n], err)
	}
	return n, c.failed(err)
}

func (c *conn) Write(p []byte) (int, error) {
	if now := time.Now(); now.Sub(c.put) > time.Second {
		c.put = now
		if err := c.Conn.SetWriteDeadline(now.Add(c.link.timeout)); err != nil {
			return 0, c.failed(err)
		}
	}
	if c.acks != nil {
		c.acks.write(p) // before an answer may come
	}
	n, err := c.Conn.Write(p)
	return n, c.failed(err)
}

func (c *conn) failed(err error) error {
	if err != nil {
		c.link.mu.Lock()
		c.link.broken = err
		c.link.lost = c.link.lost || c.data
		c.link.mu.Unlock()
	}
	return err
}

// SetDeadline has nothing to do: the library would take the deadlines away.
func (c *conn) SetDeadline(time.Time) error { return nil }

func (c *conn) Close() error {
	c.link.mu.Lock()
	delete(c.link.conns, c)
	c.link.mu.Unlock()
	if c.acks != nil {
		c.acks.read(nil, net.ErrClosed)
	}
	return c.Conn.Close()
}

// newLink connects. A failure is an Unreached one, or Lasting where the connections are good and what is said over them is not.
func newLink(ctx context.Context, options hdfs.ClientOptions, timeout time.Duration) (*link, error) {
	l := &link{timeout: timeout, conns: map[*conn]bool{}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	options.NamenodeDialFunc, options.DatanodeDialFunc = l.dial, l.dialData
	stop := context.AfterFunc(ctx, l.sever)
	defer stop()
	var err error
	if l.Client, err = hdfs.NewClient(options); err == nil {
		l.execute, err = executor(l.Client)
		if err == nil {
			return l, nil
		}
		l.close()
		return nil, &hdfsdir.Lasting{Err: err}
	}
	broken := l.trouble()
	l.sever()
	if broken == nil && ctx.Err() == nil {
		return nil, &hdfsdir.Lasting{Err: err}
	}
	return nil, &hdfsdir.Unreached{Err: err}
}

// close ends the link, and the goroutine in which the library renews leases.
func (l *link) close() {
	l.sever()
	_ = l.Client.Close() // what it closes is closed
}

// executor returns the function by which the library calls the NameNode. The library exports no call that renames without
// overwriting, none that recovers a lease, and does not export this one either. It is found by its name, and an error if it is
// no longer what it was.
func executor(c *hdfs.Client) (func(method string, req, resp proto.Message) error, error) {
	field := reflect.ValueOf(c).Elem().FieldByName("namenode")
	if field.IsValid() && field.Kind() == reflect.Pointer {
		all := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface()
		if n, ok := all.(interface {
			Execute(method string, req, resp proto.Message) error
		}); ok {
			return n.Execute, nil
		}
	}
	return nil, errors.New("this version of github.com/colinmarc/hdfs is not v2.4.0: it has no NamenodeConnection.Execute")
}
