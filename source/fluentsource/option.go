package fluentsource

import (
	"fmt"
)

// An Option says what Listen asks of its clients.
type Option func(*config)

type config struct {
	most      limits
	security  security
	refuse    bool
	heartbeat bool
}

// limits are what a message may have at most.
type limits struct {
	message int // bytes
	record  int // bytes of an entry
	entries int
	depth   int
	ratio   int
}

const mostDepth = 1024

func positive(option string, n int) {
	if n <= 0 {
		panic(fmt.Sprintf("fluentsource: %s(%d): want a positive number", option, n))
	}
}

// SharedKey makes clients prove that they know a key, which does not go over the network
// itself. In fluent.conf it is the shared_key in <security>, and in that of Fluent Bit
// Shared_Key. Events go in the clear unless Server.TLS is set. SharedKey panics if key is
// empty.
func SharedKey(key string) Option {
	if key == "" {
		panic("fluentsource: SharedKey: the key is empty")
	}
	return func(c *config) { c.security.key, c.security.asks = key, true }
}

// User lets in a client that knows the user's password; with an empty one, nobody. Once there is a user, no other
// client is let in. User panics if the name is empty.
func User(name, password string) Option {
	if name == "" {
		panic("fluentsource: User: the name is empty")
	}
	return func(c *config) {
		if c.security.users == nil {
			c.security.users = map[string]string{}
		}
		c.security.users[name], c.security.asks = password, true
	}
}

// Secrets has f called for the shared key and the passwords of users each time that a client wants to be let in, instead of SharedKey and User: what has changed counts
// at once. Without users it is the key alone that counts; an empty key lets in nobody. F may be called by several goroutines at once, and clients wait for it. It panics if f
// is nil.
func Secrets(f func() (sharedKey string, users map[string]string)) Option {
	if f == nil {
		panic("fluentsource: Secrets(nil)")
	}
	return func(c *config) { c.security.secrets, c.security.asks = f, true }
}

// Hostname sets the name by which the server proves that it knows the key. The
// default is the machine's with "/freshet" behind it: clients take a server that is called like themselves
// for a mistake. Hostname panics if name is empty.
func Hostname(name string) Option {
	if name == "" {
		panic("fluentsource: Hostname: the name is empty")
	}
	return func(c *config) { c.security.hostname = name }
}

// RecordSize bounds an entry, in bytes of MessagePack. The default is 1 MiB. One that is larger
// is passed over and handed in as a record that is no event, with its first KiB. It panics if
// n is not positive.
func RecordSize(n int) Option {
	positive("RecordSize", n)
	return func(c *config) { c.most.record = n }
}

// Entries bounds the entries of a message. The default is a million. A client that sends more
// is cut off. It panics if n is not positive.
func Entries(n int) Option {
	positive("Entries", n)
	return func(c *config) { c.most.entries = n }
}

// Depth bounds how deep maps and arrays of an entry are nested, the entry's own included. The default
// is 32. A client that nests deeper is cut off. It panics if n is not from 1 to 1024.
func Depth(n int) Option {
	if n < 1 || n > mostDepth {
		panic(fmt.Sprintf("fluentsource: Depth(%d): want 1 to %d", n, mostDepth))
	}
	return func(c *config) { c.most.depth = n }
}

// Inflation bounds how many bytes come of each compressed one, beyond the first MiB. The
// default is 250; gzip can have a thousand. A client whose payload has more is cut off. It panics
// if ratio is not positive.
func Inflation(ratio int) Option {
	positive("Inflation", ratio)
	return func(c *config) { c.most.ratio = ratio }
}

// RefuseSignals cuts off clients that send metrics or traces, as Fluent Bit can. By
// default these are passed over, acknowledged, and logged once a minute.
func RefuseSignals() Option { return func(c *config) { c.refuse = true } }

// Heartbeat answers the datagrams by which Fluentd asks whether a server is alive, if its
// heartbeat_type is udp. They come to the same port. It is not for unix sockets.
func Heartbeat() Option { return func(c *config) { c.heartbeat = true } }
