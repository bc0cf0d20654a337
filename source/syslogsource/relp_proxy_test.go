package syslogsource

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A relpProxy stands between a client and a server of RELP, and notes which messages have been answered.
type relpProxy struct {
	t    testing.TB
	addr string // of the server
	net.Listener

	mu       sync.Mutex
	answered map[string]bool
}

func newRelpProxy(t testing.TB, addr string) *relpProxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &relpProxy{t: t, addr: addr, Listener: l, answered: map[string]bool{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	return p
}

func (p *relpProxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.addr)
	if err != nil {
		return
	}
	var sent sync.Map // by number
	var copying sync.WaitGroup
	copying.Go(func() {
		defer server.Close()
		copyRELP(server, client, func(h relpHeader, data string) { sent.Store(h.number, data) })
	})
	copyRELP(client, server, func(h relpHeader, data string) {
		message, _ := sent.Load(h.number)
		text, _ := message.(string)
		if i := strings.Index(text, "line "); i >= 0 && data == "200 OK" {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.answered[strings.TrimSpace(text[i:])] = true
		}
	})
	client.Close()
	copying.Wait()
}

// copyRELP copies commands until one of the connections ends.
func copyRELP(to io.Writer, from io.Reader, see func(relpHeader, string)) {
	r := bufio.NewReader(from)
	for {
		var frame []byte
		h := relpHeader{}
		for h.size == 0 {
			c, err := r.ReadByte()
			if err != nil {
				return
			}
			frame = append(frame, c)
			if h, err = parseRELP(frame); err != nil {
				return
			}
		}
		size := h.size
		if len(frame) == size { // the line end has not been read
			rest := make([]byte, h.length+1)
			if _, err := io.ReadFull(r, rest); err != nil {
				return
			}
			frame = append(frame, rest...)
		}
		see(h, string(frame[size:size+h.length]))
		if _, err := to.Write(frame); err != nil {
			return
		}
	}
}

// lost returns how many of the messages that were answered are not there.
func (p *relpProxy) lost(counts map[string]int) (lost, answered int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range p.answered {
		if counts[line] == 0 {
			lost++
		}
	}
	return lost, len(p.answered)
}
