package redissource

import (
	"fmt"
	"hash/maphash"
	"math/bits"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream"
)

// An image is what hashes were when they were last read. What a page shows to be different becomes changes.
type image[T any] struct {
	*opened
	dec    decoder[T]
	pairs  []redisio.Pair
	seed   maphash.Seed
	hashes map[string]*hash[T]
	round  int64 // of images
	ready  []change[T]
	given  int // of ready
	places places[string]
}

// A hash is one as it was.
type hash[T any] struct {
	sum   uint64
	value T
	good  bool  // value is one
	round int64 // of the image that last had it
}

// A change waits to be given; or a hash that cannot be decoded.
type change[T any] struct {
	key    string
	change stream.Change[T]
	record []byte
	bad    error
}

func newImage[T any](dec decoder[T], o *opened) *image[T] {
	return &image[T]{opened: o, dec: dec, seed: maphash.MakeSeed(), hashes: map[string]*hash[T]{}}
}

func (m *image[T]) begin()      { m.round++ }
func (m *image[T]) whole() bool { return m.round > 1 }
func (m *image[T]) empty() bool { return len(m.ready) == m.given }

// compare finds what a page shows to have changed. A hash without fields is gone.
func (m *image[T]) compare(p page) error {
	for _, row := range p.rows {
		var err error
		if m.pairs, _, err = row.reply.Pairs(m.pairs[:0]); err != nil {
			return err
		}
		if len(m.pairs) == 0 {
			m.delete(row.key)
			continue
		}
		sum := m.sum()
		h, known := m.hashes[row.key]
		if !known {
			if len(m.hashes) >= m.maxKeys {
				return fmt.Errorf("there are more than %d hashes: see MaxKeys", m.maxKeys)
			}
			h = new(hash[T])
			m.hashes[row.key] = h
		}
		h.round = m.round
		if known && h.sum == sum {
			continue
		}
		h.sum = sum
		m.changed(row.key, h)
	}
	return nil
}

// changed decodes a hash that is new or not as it was.
func (m *image[T]) changed(key string, h *hash[T]) {
	var now T
	if bad := m.dec.decode(&now, m.pairs, redisio.Place{Key: key}); bad != nil {
		m.ready = append(m.ready, change[T]{key: key, record: redisio.AppendPairs(nil, m.pairs), bad: bad})
		return
	}
	c := stream.Change[T]{Kind: stream.Insert, After: now}
	switch {
	case h.good:
		c.Kind, c.Before, c.HasBefore = stream.Update, h.value, true
	case m.round == 1:
		c.Kind = stream.Read
	}
	h.value, h.good = now, true
	m.ready = append(m.ready, change[T]{key: key, change: c})
}

// delete is told that a hash is gone.
func (m *image[T]) delete(key string) {
	h, known := m.hashes[key]
	if !known {
		return
	}
	delete(m.hashes, key)
	if h.good {
		m.ready = append(m.ready, change[T]{key: key, change: stream.Change[T]{Kind: stream.Delete, Before: h.value, HasBefore: true}})
	}
}

// sum is of the fields that have a part in the value, in whatever order.
func (m *image[T]) sum() (sum uint64) {
	for _, p := range m.pairs {
		if m.dec.wants(p.Name) {
			x := maphash.Bytes(m.seed, p.Name) ^ bits.RotateLeft64(maphash.Bytes(m.seed, p.Value), 31)
			sum += x*0x9e3779b97f4a7c15 + x>>29
		}
	}
	return sum
}

// unseen returns the hashes that this image does not have. They may be gone, or were moved while
// the masters were asked.
func (m *image[T]) unseen() (keys []string) {
	for key, h := range m.hashes {
		if h.round != m.round {
			keys = append(keys, key)
		}
	}
	return keys
}

// finish is the end of an image.
func (m *image[T]) finish() {
	if m.round == 1 {
		m.round = 2 // what is new from now on was inserted
	}
}

// give puts in changes that are ready.
func (m *image[T]) give(in *stream.Intake[stream.Change[T]]) {
	m.places.mu.Lock()
	defer m.places.mu.Unlock()
	for ; m.given < len(m.ready) && in.Room() > 0; m.given++ {
		c := &m.ready[m.given]
		position := m.places.add(c.key)
		if c.bad != nil {
			in.Reject(c.record, position, c.bad)
			m.stats.rejected.Add(1)
			continue
		}
		in.Append(c.change)
		in.Mark(position)
		m.stats.read.Add(1)
	}
	if m.empty() {
		clear(m.ready)
		m.ready, m.given = m.ready[:0], 0
	}
}
