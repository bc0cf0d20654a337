package fluentsource

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
	"github.com/freshet-go/freshet/source/pushsource"
)

// security is what clients have to prove.
type security struct {
	asks     bool
	key      string
	users    map[string]string                            // passwords
	secrets  func() (key string, users map[string]string) // instead of both
	hostname string
}

func (s *security) name() string {
	if s.hostname == "" {
		s.hostname = "freshet"
		if host, err := os.Hostname(); err == nil {
			s.hostname = host + "/freshet"
		}
	}
	return s.hostname
}

const (
	mostPing = 8 << 10
	saltSize = 16
)

// A greeting is what the server says first.
type greeting struct {
	nonce []byte
	salt  []byte // of passwords; nil if there are no users
}

func (s *security) greet() greeting {
	g := greeting{nonce: random()}
	if len(s.users) > 0 {
		g.salt = random()
	}
	return g
}

func random() []byte {
	b := make([]byte, saltSize)
	_, _ = rand.Read(b) // never fails
	return b
}

// append appends the HELO.
func (g greeting) append(dst []byte) []byte {
	dst = msgp.AppendArrayHeader(dst, 2)
	dst = msgp.AppendString(dst, "HELO")
	dst = msgp.AppendMapHeader(dst, 3)
	dst = msgp.AppendBytes(msgp.AppendString(dst, "nonce"), g.nonce)
	dst = msgp.AppendBytes(msgp.AppendString(dst, "auth"), g.salt)
	return msgp.AppendBool(msgp.AppendString(dst, "keepalive"), true)
}

// A ping is how a client shows who it is.
type ping struct{ hostname, salt, digest, user, password string }

var errPing = errors.New("it has not shown that it knows the shared key (its answer to HELO is no PING)")

// readPing reads a PING.
func readPing(in *input) (p ping, err error) {
	b, err := in.need(1)
	if err != nil {
		return p, err
	}
	if !isArray(b[0]) {
		return p, errPing
	}
	if b, err = in.whole(1, mostPing); err != nil {
		return p, tooLarge(err, "its PING")
	}
	n, b, err := items(b, 1, 1)
	if err != nil {
		return p, err
	}
	var what string
	parts := []*string{&what, &p.hostname, &p.salt, &p.digest, &p.user, &p.password}
	if n != len(parts) {
		return p, errPing
	}
	for _, to := range parts {
		if !isText(b[0]) {
			return p, errPing
		}
		var text []byte
		if text, b, err = readText(b); err != nil {
			return p, err
		}
		*to = string(text)
	}
	if what != "PING" {
		return p, errPing
	}
	return p, nil
}

var (
	errWrongKey  = errors.New("shared_key mismatch")
	errWrongUser = errors.New("username/password mismatch")
)

// check returns why a client is not let in. It takes as long for a user that there is
// not as for a wrong password.
func (s *security) check(g greeting, p ping) error {
	if s.secrets != nil && s.key == "" {
		return errWrongKey
	}
	if !forward.Same(p.digest, forward.KeyDigest([]byte(p.salt), p.hostname, g.nonce, s.key)) {
		return errWrongKey
	}
	if len(s.users) == 0 {
		return nil
	}
	password, known := s.users[p.user]
	if same := forward.Same(p.password, forward.PasswordDigest(g.salt, p.user, password)); !same || !known || password == "" {
		return errWrongUser
	}
	return nil
}

// pong appends the answer to a PING.
func (s *security) pong(dst []byte, g greeting, p ping, refused error) []byte {
	dst = msgp.AppendArrayHeader(dst, 5)
	dst = msgp.AppendString(dst, "PONG")
	dst = msgp.AppendBool(dst, refused == nil)
	if refused != nil {
		dst = msgp.AppendString(dst, refused.Error())
		return msgp.AppendString(msgp.AppendString(dst, ""), "")
	}
	dst = msgp.AppendString(dst, "")
	dst = msgp.AppendString(dst, s.hostname)
	return msgp.AppendString(dst, forward.KeyDigest([]byte(p.salt), s.hostname, g.nonce, s.key))
}

// shake lets a client in, or returns why not. Next waits for the client's answer.
func (s *security) shake(in *input, w io.Writer, next func() error) error {
	if s.secrets != nil {
		now := *s
		now.key, now.users = s.secrets()
		s = &now
	}
	g := s.greet()
	if _, err := w.Write(g.append(nil)); err != nil {
		return err
	}
	if err := next(); err != nil {
		return err
	}
	p, err := readPing(in)
	if err != nil && err != errPing {
		return err
	}
	if err == nil {
		err = s.check(g, p)
	}
	if _, wrong := w.Write(s.pong(nil, g, p, err)); err == nil {
		return wrong
	}
	return fmt.Errorf("%w: %w", pushsource.ErrRefused, err)
}
