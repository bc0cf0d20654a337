package redissource

import (
	"errors"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// An entry of a reply.
type entry struct {
	id    redisio.ID
	pairs redisio.Reply // that begins with its fields and values
}

// entriesOf finds the entries in the reply of XREAD and XREADGROUP for one stream. The reply is null if there are none.
func entriesOf(r redisio.Reply) ([]entry, error) {
	t, err := r.Next()
	if err != nil || t.Null() || t.N == 0 {
		return nil, err
	}
	// RESP2 has an array of [key, entries], RESP3 a map of both.
	if rest := r.Rest(); len(rest) > 0 && rest[0] == '*' {
		if _, err := r.Array(); err != nil {
			return nil, err
		}
	}
	if _, err := r.String(); err != nil {
		return nil, err
	}
	return entryList(r)
}

// entryList finds the entries in the reply of XCLAIM and XRANGE. Those that are null are left out.
func entryList(r redisio.Reply) ([]entry, error) {
	n, err := r.Array()
	if err != nil || n <= 0 {
		return nil, err
	}
	list := make([]entry, 0, n)
	for range n {
		two, err := r.Array()
		if err != nil {
			return nil, err
		}
		if two < 0 {
			continue
		}
		text, err := r.String()
		if err != nil {
			return nil, err
		}
		id, err := redisio.ParseID(text)
		if err != nil {
			return nil, err
		}
		list = append(list, entry{id, r})
		if err := r.Skip(two - 1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// An intaker puts entries of one stream into an Intake.
type intaker[T any] struct {
	key    string
	dec    decoder[T]
	pairs  []redisio.Pair
	places places[redisio.ID]
	counts *counters
}

// take puts in as many entries as there is room for, and returns how many it has taken and how many of
// these are gone: they have no fields any more. Given is called for each that is not.
func (t *intaker[T]) take(in *stream.Intake[T], list []entry, given func(redisio.ID)) (taken int, gone []redisio.ID, err error) {
	t.places.mu.Lock()
	defer t.places.mu.Unlock()
	var read, rejected int64
	for ; taken < len(list) && in.Room() > 0; taken++ {
		e := list[taken]
		var found bool
		if t.pairs, found, err = e.pairs.Pairs(t.pairs[:0]); err != nil {
			break
		}
		if !found {
			gone = append(gone, e.id)
			continue
		}
		given(e.id)
		position := t.places.add(e.id)
		switch bad := t.dec.decode(in.Next(), t.pairs, redisio.Place{Key: t.key, ID: e.id}); {
		case bad == nil:
			in.Mark(position)
			read++
		case errors.Is(bad, codec.ErrSkip):
			in.Unread()
		default:
			in.Unread()
			in.Reject(redisio.AppendPairs(nil, t.pairs), position, bad)
			rejected++
		}
	}
	t.counts.read.Add(read)
	t.counts.rejected.Add(rejected)
	return taken, gone, err
}
