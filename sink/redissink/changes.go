package redissink

import (
	"errors"

	"github.com/freshet-go/freshet/stream"
)

// errNoBefore is the cause of a delete that does not say of what.
var errNoBefore = errors.New("redissink: a delete without the row as it was has no key: it needs Before")

// Changes writes what becomes of rows: s writes them as they are now, and the keys of those that are deleted are deleted (DEL). So is
// the key that a row had before, where it has another now. It panics if s does not write by key: it is for Hashes,
// Strings and Boards.
func Changes[T any](s *Sink[T]) *Sink[stream.Change[T]] {
	if s == nil || s.key == nil {
		panic("redissink: Changes: it is for sinks that write by key: Hashes, Strings and Boards")
	}
	changes := &Sink[stream.Change[T]]{what: s.what + " of changes", client: s.client, config: s.config}
	changes.newEncode = func() encode[stream.Change[T]] {
		encode := s.newEncode()
		return func(c *commands, v stream.Change[T]) error {
			if v.Kind == stream.Delete {
				if !v.HasBefore {
					return errNoBefore
				}
				c.begin("DEL", s.key(v.Before))
				return nil
			}
			if v.HasBefore {
				if before := s.key(v.Before); before != s.key(v.After) {
					c.begin("DEL", before)
				}
			}
			return encode(c, v.After)
		}
	}
	return changes
}
