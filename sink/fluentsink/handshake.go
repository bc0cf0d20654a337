package fluentsink

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

// errRefused is the error of a server that does not let us in. It does not pass.
var errRefused = errors.New("the server refuses")

// open makes a connection on which chunks can be sent.
func (l *link) open(ctx context.Context) error {
	until := time.Now().Add(l.connect)
	dialing, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	c, err := l.dial(dialing)
	if err != nil {
		return err
	}
	if l.tls != nil {
		if c, err = l.secure(dialing, c); err != nil {
			return err
		}
	}
	r := bufio.NewReaderSize(c, mostAnswer)
	if l.shakes {
		l.shown = l.secret
		if l.secrets != nil {
			if l.shown, err = l.secrets(dialing); err != nil {
				_ = c.Close() // the error before matters more
				return fmt.Errorf("no secret for it: %w", err)
			}
		}
		if err := interruptible(ctx, c, until, func() error { return l.shake(c, r) }); err != nil {
			_ = c.Close() // the error before matters more
			return err
		}
	}
	l.conn, l.r, l.sent = c, r, 0
	return nil
}

func (l *link) secure(ctx context.Context, c net.Conn) (net.Conn, error) {
	conf := l.tls
	if conf.ServerName == "" {
		host, _, err := net.SplitHostPort(l.addr)
		if err != nil {
			host = l.addr
		}
		conf = conf.Clone()
		conf.ServerName = host
	}
	t := tls.Client(c, conf)
	if err := t.HandshakeContext(ctx); err != nil {
		_ = c.Close() // the error before matters more
		return nil, err
	}
	return t, nil
}

// shake shows the server that we know the key, and has it show the same.
func (l *link) shake(c net.Conn, r *bufio.Reader) error {
	nonce, auth, err := readHelo(r)
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("it has not said HELO in %v: is there a <security> in its configuration? %w", l.connect, err)
		}
		return fmt.Errorf("no HELO: %w", err)
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	ping := msgp.AppendArrayHeader(nil, 6)
	ping = msgp.AppendString(ping, "PING")
	ping = msgp.AppendString(ping, l.hostname)
	ping = msgp.AppendBytes(ping, salt)
	ping = msgp.AppendString(ping, forward.KeyDigest(salt, l.hostname, nonce, l.shown.SharedKey))
	user, password := "", ""
	if len(auth) > 0 {
		user, password = l.shown.User, forward.PasswordDigest(auth, l.shown.User, l.shown.Password)
	}
	ping = msgp.AppendString(msgp.AppendString(ping, user), password)
	if _, err := c.Write(ping); err != nil {
		return err
	}
	b, err := readValue(r)
	if err != nil {
		return fmt.Errorf("no PONG: %w", err)
	}
	return l.checkPong(b, salt, nonce)
}

// readHelo reads what the server says first.
func readHelo(r *bufio.Reader) (nonce, auth []byte, err error) {
	b, err := readValue(r)
	if err != nil {
		return nil, nil, err
	}
	v, _, err := msgp.ReadIntfBytes(b)
	if err != nil {
		return nil, nil, err
	}
	helo, _ := v.([]any)
	if len(helo) != 2 || text(helo[0]) != "HELO" {
		return nil, nil, errors.New("it says something else")
	}
	options, _ := helo[1].(map[string]any)
	return []byte(text(options["nonce"])), []byte(text(options["auth"])), nil
}

func (l *link) checkPong(b, salt, nonce []byte) error {
	v, _, err := msgp.ReadIntfBytes(b)
	if err != nil {
		return err
	}
	pong, _ := v.([]any)
	if len(pong) != 5 || text(pong[0]) != "PONG" {
		return errors.New("no PONG, but something else")
	}
	if in, _ := pong[1].(bool); !in {
		return fmt.Errorf("%w: %.200q (fluentsink.SharedKey, User)", errRefused, text(pong[2]))
	}
	if text(pong[3]) == l.hostname { // what proves it would be what we have just said ourselves
		return fmt.Errorf("%w to show that it knows the shared key: it calls itself %q, as we do (fluentsink.Hostname)", errRefused, l.hostname)
	}
	if !forward.Same(text(pong[4]), forward.KeyDigest(salt, text(pong[3]), nonce, l.shown.SharedKey)) {
		return fmt.Errorf("%w to show that it knows the shared key", errRefused)
	}
	return nil
}

// text is a str or a bin.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// mostAnswer is how long what a server says may be.
const mostAnswer = 4 << 10

// readValue reads what the server says.
func readValue(r *bufio.Reader) ([]byte, error) {
	for n := 1; ; n = r.Buffered() + 1 {
		if n > mostAnswer {
			return nil, fmt.Errorf("an answer of more than %d bytes", mostAnswer)
		}
		if _, err := r.Peek(n); err != nil {
			return nil, err
		}
		b, _ := r.Peek(r.Buffered()) // it is there
		rest, err := msgp.Skip(b)
		if err == nil {
			size := len(b) - len(rest)
			_, _ = r.Discard(size) // it is there
			return b[:size], nil
		}
		if err != msgp.ErrShortBytes {
			return nil, err
		}
	}
}

// readAck reads {"ack": id}.
func readAck(r *bufio.Reader) (id string, err error) {
	b, err := readValue(r)
	if err != nil {
		return "", err
	}
	v, _, err := msgp.ReadIntfBytes(b)
	if err != nil {
		return "", err
	}
	if said, _ := v.([]any); len(said) > 0 && text(said[0]) == "HELO" {
		return "", fmt.Errorf("%w: it wants a shared key (fluentsink.SharedKey)", errRefused)
	}
	answer, _ := v.(map[string]any)
	ack, ok := answer["ack"]
	if !ok {
		return "", errors.New("the server says something else")
	}
	return text(ack), nil
}
