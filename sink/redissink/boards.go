package redissink

import (
	"fmt"
	"iter"
	"math"

	"github.com/redis/go-redis/v9"
)

// Boards replaces the sorted set with the key that key makes of an event by the members and scores in it: the top
// products of a window, say. Readers see the old board or the new one. No members delete it. With Expire it expires. To write an event twice changes
// nothing. A score that is NaN is an error of the event, whose old board stays, and so does it where the server refuses the new one: as the
// key holds something else, say. It panics if client, key or members is nil.
func Boards[T any](client redis.UniversalClient, key func(T) string, members func(T) iter.Seq2[string, float64], opts ...Option) *Sink[T] {
	keyed("Boards", key)
	if members == nil {
		panic("redissink: Boards: the function members is nil")
	}
	return newSink(client, "boards", key, opts, func(config *config) encode[T] {
		return func(c *commands, v T) error {
			k := key(v)
			n := 0
			for member, score := range members(v) {
				if n == 0 {
					c.tryAdding(k, member)
					c.begin("DEL", k)
					c.join()
				}
				if n%mostMembers == 0 {
					c.begin("ZADD", k)
					c.join()
				}
				if math.IsNaN(score) { // the server would refuse it, with the old board gone
					return fmt.Errorf("redissink: the score of %q in the board %q is NaN", member, k)
				}
				c.float(score)
				c.string(member)
				n++
			}
			if n == 0 {
				c.begin("DEL", k)
				return nil
			}
			if config.expire > 0 {
				c.begin("PEXPIRE", k)
				c.int(config.expire.Milliseconds())
				c.join()
			}
			return nil
		}
	})
}

// tryAdding adds a ZADD that changes nothing, as XX adds no member and INCR adds 0. If the server refuses to write to sorted sets, or to this key,
// it refuses this command, and what is joined to it leaves the old board alone.
func (c *commands) tryAdding(key, member string) {
	c.begin("ZADD", key)
	for _, arg := range []string{"XX", "INCR", "0", member} {
		c.string(arg)
	}
}

// mostMembers is how many members one command adds: see mostArgs.
const mostMembers = 1000

// Commands sends the commands that of makes of an event, by calls of do: a name, a key, and more arguments, which are strings, []byte,
// int, int64, uint64, float64 or bool. It is for what the other sinks do not do, such as counters:
//
//	redissink.ExactlyOnce(redissink.Commands(client, func(o Order, do func(name, key string, args ...any)) {
//		do("HINCRBY", "revenue", o.Shop, o.Cents)
//	}))
//
// Commands that add something count twice where an event is written twice, so ExactlyOnce is for them. It panics if client or of is nil.
func Commands[T any](client redis.UniversalClient, of func(v T, do func(name, key string, args ...any)), opts ...Option) *Sink[T] {
	if of == nil {
		panic("redissink: Commands: the function of is nil")
	}
	return newSink(client, "commands", nil, opts, func(*config) encode[T] {
		return func(c *commands, v T) (err error) {
			of(v, func(name, key string, args ...any) {
				c.begin(name, key)
				for _, arg := range args {
					if e := c.any(arg); e != nil && err == nil {
						err = e
					}
				}
			})
			return err
		}
	})
}
