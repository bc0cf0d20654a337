package redissink

import (
	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/stream/codec"
)

// Streams adds an entry for each event to the stream with the key that key makes of it (XADD). MaxLen bounds the
// streams. It panics if client or key is nil.
func Streams[T any](client redis.UniversalClient, key func(T) string, as Encoding[T], opts ...Option) *Sink[T] {
	keyed("Streams", key)
	return newSink(client, "streams", nil, opts, func(config *config) encode[T] {
		fields := as.newFields()
		return func(c *commands, v T) error {
			c.begin("XADD", key(v))
			if config.maxLen > 0 {
				c.string("MAXLEN")
				c.string("~")
				c.int(config.maxLen)
			}
			c.string("*")
			return fields(c, &v, func(string) {})
		}
	})
}

// Lists adds each event to the end of a list (RPUSH), as [redissource.Lists] reads them from its head. MaxLen bounds the lists. It
// panics if client, key or format is nil, or the format has a header.
//
// [redissource.Lists]: https://pkg.go.dev/github.com/freshet-go/freshet/source/redissource#Lists
func Lists[T any](client redis.UniversalClient, key func(T) string, format codec.Format[T], opts ...Option) *Sink[T] {
	keyed("Lists", key)
	headless("Lists", format)
	return newSink(client, "lists", nil, opts, func(config *config) encode[T] {
		value := valueOf(format)
		return func(c *commands, v T) error {
			k := key(v)
			c.begin("RPUSH", k)
			if err := value(c, v); err != nil || config.maxLen == 0 {
				return err
			}
			c.begin("LTRIM", k)
			c.int(-config.maxLen)
			c.int(-1)
			return nil
		}
	})
}

// Channels publishes each event on a channel (PUBLISH). Who is not subscribed does not get it. It panics if
// client, channel or format is nil, or the format has a header.
func Channels[T any](client redis.UniversalClient, channel func(T) string, format codec.Format[T], opts ...Option) *Sink[T] {
	keyed("Channels", channel)
	headless("Channels", format)
	return newSink(client, "channels", nil, opts, func(*config) encode[T] {
		value := valueOf(format)
		return func(c *commands, v T) error {
			c.begin("PUBLISH", channel(v))
			return value(c, v)
		}
	})
}

func keyed[T any](what string, key func(T) string) {
	if key == nil {
		panic("redissink: " + what + ": the function that gives the key is nil")
	}
}
