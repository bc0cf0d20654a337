package binlogsource

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
)

// A login watches a connection until the server has let us in. A server may ask for the password in the clear, and the client library gives it, over
// whatever connection: without TLS anyone who answers in the server's place would have it.
type login struct {
	plain bool // there is no TLS
	over  atomic.Bool
	asked atomic.Bool // for the password in the clear
}

var errClear = errors.New("the server asks for the password in the clear")

// clearPlugin is how it does that.
var clearPlugin = []byte("mysql_clear_password\x00")

// done says that the server has let us in.
func (l *login) done() error {
	l.over.Store(true)
	return nil
}

// explained returns the error of a login.
func (l *login) explained(err error) error {
	if l.asked.Load() {
		return setupf("%v: want TLS, or a user with another authentication plugin", errClear)
	}
	return err
}

// guard returns a connection that ends where the server asks for that.
func (l *login) guard(c net.Conn) net.Conn {
	_, safe := c.(interface{ ConnectionState() tls.ConnectionState }) // what Dial has made
	if at := c.RemoteAddr(); !l.plain || safe || at != nil && at.Network() == "unix" {
		return c
	}
	return &guarded{Conn: c, login: l}
}

type guarded struct {
	net.Conn
	login *login
	last  []byte // that was read: it may come in parts
}

func (g *guarded) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	if g.login.over.Load() {
		return n, err
	}
	g.last = append(g.last, b[:n]...)
	if bytes.Contains(g.last, clearPlugin) {
		g.login.asked.Store(true)
		return 0, errors.Join(errClear, g.Close())
	}
	g.last = g.last[max(0, len(g.last)-len(clearPlugin)):]
	return n, err
}
