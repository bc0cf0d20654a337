package redissink

import (
	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/stream/codec"
)

// Hashes sets the fields of the hash with the key that key makes of an event (HSET), and deletes those that
// are nil pointers (HDEL). Fields that the event does not know stay. With Expire the hash expires. All of that takes
// effect at once, in a script where it is more than HSET; and where the server refuses it, nothing of it does. To write
// an event twice changes nothing. See Changes for deletes. It panics if client or key is nil.
func Hashes[T any](client redis.UniversalClient, key func(T) string, as Encoding[T], opts ...Option) *Sink[T] {
	keyed("Hashes", key)
	return newSink(client, "hashes", key, opts, func(config *config) encode[T] {
		fields := as.newFields()
		var missing []string
		return func(c *commands, v T) error {
			k := key(v)
			text, ends, list := c.mark()
			c.begin("HSET", k)
			empty := len(c.ends)
			missing = missing[:0]
			if err := fields(c, &v, func(name string) { missing = append(missing, name) }); err != nil {
				return err
			}
			if len(c.ends) == empty { // HSET wants a field
				c.back(text, ends, list)
			}
			if len(missing) > 0 {
				c.begin("HDEL", k)
				c.joinBehind(list)
				for _, name := range missing {
					c.string(name)
				}
			}
			if config.expire > 0 {
				c.begin("PEXPIRE", k)
				c.joinBehind(list)
				c.int(config.expire.Milliseconds())
			}
			return nil
		}
	})
}

// Strings sets the string with the key that key makes of an event (SET): a JSON document with
// [codec.JSON]. With Expire it expires. To write an event twice changes nothing. See Changes for deletes. It panics
// if client, key or format is nil, or the format has a header.
func Strings[T any](client redis.UniversalClient, key func(T) string, format codec.Format[T], opts ...Option) *Sink[T] {
	keyed("Strings", key)
	headless("Strings", format)
	return newSink(client, "strings", key, opts, func(config *config) encode[T] {
		value := valueOf(format)
		return func(c *commands, v T) error {
			c.begin("SET", key(v))
			if err := value(c, v); err != nil || config.expire == 0 {
				return err
			}
			c.string("PX")
			c.int(config.expire.Milliseconds())
			return nil
		}
	})
}
