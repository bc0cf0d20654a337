package fluentsink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// An Option says how New forwards.
type Option func(*config)

type config struct {
	addr, tag string
	dial      func(ctx context.Context) (net.Conn, error)
	tls       *tls.Config
	secret    Secret
	secrets   func(context.Context) (Secret, error) // instead of secret
	hostname  string
	shakes    bool
	gzip      bool
	bytes     int
	inFlight  int
	connect   time.Duration
	ack       time.Duration
	retry     time.Duration
}

// Dial sets how a connection is made: over a proxy or a unix socket, say. The default is TCP
// to the address of New. TLS goes on top of it. It panics if f is nil.
func Dial(f func(ctx context.Context) (net.Conn, error)) Option {
	if f == nil {
		panic("fluentsink: Dial(nil)")
	}
	return func(c *config) { c.dial = f }
}

// TLS has connections secured. Where c has no ServerName, it is the host of the address. It panics
// if c is nil, or has a MinVersion below TLS 1.2.
func TLS(c *tls.Config) Option {
	if c == nil {
		panic("fluentsink: TLS(nil)")
	}
	if c.MinVersion != 0 && c.MinVersion < tls.VersionTLS12 {
		panic(fmt.Sprintf("fluentsink: TLS: MinVersion is %s: TLS 1.2 is the least", tls.VersionName(c.MinVersion)))
	}
	return func(o *config) { o.tls = c }
}

// SharedKey proves to the server that we know a key, and has it prove the same. It
// panics if key is empty.
func SharedKey(key string) Option {
	if key == "" {
		panic("fluentsink: SharedKey: the key is empty")
	}
	return func(c *config) { c.secret.SharedKey, c.shakes = key, true }
}

// User logs in to a server with users. It panics if name is empty.
func User(name, password string) Option {
	if name == "" {
		panic("fluentsink: User: the name is empty")
	}
	return func(c *config) { c.secret.User, c.secret.Password, c.shakes = name, password, true }
}

// A Secret is how we show a server who we are. What is empty is not used.
type Secret struct{ SharedKey, User, Password string }

// Format writes nothing of the secret, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("a secret")) }

// MarshalText is an error: a secret is not put into a log or a file of JSON by mistake.
func (Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("fluentsink: a Secret is not written as text")
}

// Secrets has f called for the key, the user and the password each time that a connection is made, instead of SharedKey and User. When a server refuses them,
// it is called once more, for they may have changed; when it refuses those, too, that is an error. An error of f is one of the connection, which is tried again as Retry says. It
// panics if f is nil.
func Secrets(f func(ctx context.Context) (Secret, error)) Option {
	if f == nil {
		panic("fluentsink: Secrets(nil)")
	}
	return func(c *config) { c.secrets, c.shakes = f, true }
}

// Hostname sets how we call ourselves in the handshake. The default is the machine's name with "/freshet-out" behind it. A server
// of the same name is refused: it could show us our own proof of the key.
func Hostname(name string) Option { return func(c *config) { c.hostname = name } }

// Gzip compresses chunks.
func Gzip() Option { return func(c *config) { c.gzip = true } }

// ChunkSize bounds the bytes of a chunk, before compression; an event that is larger is a chunk
// of its own. The default is 1 MiB. It panics if n is not positive.
func ChunkSize(n int) Option {
	positive("ChunkSize", n)
	return func(c *config) { c.bytes = n }
}

// InFlight sets how many chunks of an instance wait for their acknowledgement at once. The default is
// 16. They are in memory. It panics if n is not positive.
func InFlight(n int) Option {
	positive("InFlight", n)
	return func(c *config) { c.inFlight = n }
}

// ConnectTimeout sets how long a connection and its handshake may take. The default is 10 s. It
// panics if d is not positive.
func ConnectTimeout(d time.Duration) Option {
	positive("ConnectTimeout", d)
	return func(c *config) { c.connect = d }
}

// AckTimeout sets how long the server may take to take a chunk, and then, where the sink waits, until it has
// acknowledged the next: at a Flush, and where [InFlight] chunks wait. The default is a minute. A chunk that the server has
// passed over, while it acknowledges others, is so sent again at the next Flush. A server that acknowledges behind its own checkpoints
// needs more than the time between them. It panics if d is not positive.
func AckTimeout(d time.Duration) Option {
	positive("AckTimeout", d)
	return func(c *config) { c.ack = d }
}

// Retry sets how long it is tried again while nothing is acknowledged. The default is two
// minutes; with 0 it is not tried again. It panics if d is negative.
func Retry(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("fluentsink: Retry(%v): want a duration that is not negative", d))
	}
	return func(c *config) { c.retry = d }
}

func positive[N int | time.Duration](option string, n N) {
	if n <= 0 {
		panic(fmt.Sprintf("fluentsink: %s(%v): want more than 0", option, n))
	}
}
