package fluentsink

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"
)

// A link is the connection to a server, made again where it breaks, and the chunks that wait for
// their acknowledgement. It is used by one goroutine.
type link struct {
	*config
	logger  *slog.Logger
	conn    net.Conn // nil if there is none
	r       *bufio.Reader
	waiting []*chunk // in their order
	sent    int      // how many of them have been sent over conn
	failing failing
	shown   Secret // to the server at hand
	refused bool   // it was refused, and is asked for again
}

// failing is what has gone wrong since a chunk was acknowledged.
type failing struct {
	since time.Time // zero if nothing has
	wait  time.Duration
}

const (
	shortestWait = 50 * time.Millisecond
	longestWait  = 5 * time.Second
)

// send sends a chunk, once few enough wait.
func (l *link) send(ctx context.Context, c *chunk) error {
	if err := c.seal(l.gzip); err != nil {
		return err
	}
	l.waiting = append(l.waiting, c)
	return l.drive(ctx, l.inFlight)
}

// drive sends what is to be sent, and returns when at most so many wait.
func (l *link) drive(ctx context.Context, most int) error {
	for l.sent < len(l.waiting) || len(l.waiting) > most {
		err := l.step(ctx)
		if err == nil {
			continue
		}
		l.abandon()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := l.rest(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// step does what comes next.
func (l *link) step(ctx context.Context) error {
	if l.conn == nil {
		return l.open(ctx)
	}
	until := time.Now().Add(l.ack)
	return interruptible(ctx, l.conn, until, func() error {
		if l.sent < len(l.waiting) {
			if _, err := l.conn.Write(l.waiting[l.sent].message); err != nil {
				return err
			}
			l.sent++
			return nil
		}
		id, err := readAck(l.r)
		if err != nil {
			return fmt.Errorf("no acknowledgement: %w", err)
		}
		return l.acknowledged(id)
	})
}

// interruptible calls f, whose reads and writes end with ctx, or at a time.
func interruptible(ctx context.Context, c net.Conn, until time.Time, f func() error) error {
	if err := c.SetDeadline(until); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) // an error would be that of f
	defer stop()
	return f()
}

// acknowledged takes a chunk out. Servers acknowledge in the order in which they are done.
func (l *link) acknowledged(id string) error {
	for i, c := range l.waiting[:l.sent] {
		if c.id == id {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			l.sent--
			l.failing, l.refused = failing{}, false
			return nil
		}
	}
	return fmt.Errorf("an acknowledgement of %.40q, which was not sent", id)
}

// rest waits before it is tried again, or returns why it is not.
func (l *link) rest(ctx context.Context, err error) error {
	if errors.Is(err, errRefused) {
		if l.secrets == nil || l.refused {
			return err
		}
		l.refused = true
	}
	now := time.Now()
	f := &l.failing
	if f.since.IsZero() {
		*f = failing{now, shortestWait}
		if l.logger != nil && l.retry > 0 {
			l.logger.Warn("the server does not take events, and it is tried again", "sink", l.String(), "for", l.retry, "cause", err)
		}
	}
	pause := f.wait/2 + rand.N(f.wait/2)
	f.wait = min(2*f.wait, longestWait)
	if since := now.Sub(f.since); since+pause > l.retry {
		return fmt.Errorf("tried for %v, and %d chunks are not acknowledged: %w", since.Round(time.Millisecond), len(l.waiting), err)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// abandon closes a connection that is of no use any more. TLS does not say goodbye: a server that reads nothing would
// have us wait for 5 s.
func (l *link) abandon() {
	if t, ok := l.conn.(*tls.Conn); ok {
		_ = t.NetConn().Close()
		l.conn = nil
	}
	l.hangUp()
}

// hangUp closes the connection. All that waits is to be sent again.
func (l *link) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close() // it may have failed before
		l.conn = nil
	}
	l.sent = 0
}
