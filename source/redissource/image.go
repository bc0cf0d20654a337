package redissource

import (
	"fmt"
	"hash/maphash"
	"iter"
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
	log    *imageLog // nil where none is kept
}

// A hash is one as it was.
type hash[T any] struct {
	sum   uint64
	value T
	good  bool  // value was given
	round int64 // of the image that last had it
	noted noted // in the log
}

// A change waits to be given; or a hash that cannot be decoded, or one of these that is gone.
type change[T any] struct {
	key    string
	hash   *hash[T]
	kind   byte   // of its record in the log
	row    string // of that record
	change stream.Change[T]
	record []byte
	bad    error
}

// newImage returns an image, which is that of an offset if there is one.
func newImage[T any](dec decoder[T], o *opened, offset string) (*image[T], error) {
	m := &image[T]{opened: o, dec: dec, seed: maphash.MakeSeed(), hashes: map[string]*hash[T]{}}
	if o.maxImage > 0 && o.Checkpointed {
		m.log = newImageLog()
	}
	if m.log == nil || offset == "" {
		return m, nil
	}
	for x, err := range records(offset) {
		if err != nil {
			return nil, fmt.Errorf("the image in the offset: %w", err)
		}
		m.restore(x)
	}
	return m, nil
}

// restore takes in a record of an offset.
func (m *image[T]) restore(x record) {
	h := m.hashes[x.key]
	switch x.kind {
	case allRead[0]:
		m.round = 2
		m.log.finish()
		return
	case goneRow:
		if h != nil {
			m.log.note(goneRow, m.log.row(x.key, nil, wanted), h.noted)
			delete(m.hashes, x.key)
		}
		return
	}
	if h == nil {
		h = new(hash[T])
		m.hashes[x.key] = h
	}
	m.pairs = x.pairs
	h.sum = m.sum()
	h.noted = m.log.note(x.kind, m.log.row(x.key, x.pairs, wanted), h.noted)
	var v T
	good := m.dec.decode(&v, x.pairs, redisio.Place{Key: x.key}) == nil
	if good != (x.kind == goodRow) {
		h.sum++ // it is decoded otherwise than by the run before, and is looked at again
	}
	if x.kind != goodRow {
		return // what was given last is what it was
	}
	h.good = good
	if good {
		h.value = v
	}
}

// told reports whether it was given that a hash is there.
func (h *hash[T]) told() bool { return h.good || h.noted.good.to > 0 }

func wanted([]byte) bool { return true }

// offset is the log.
func (m *image[T]) offset() string {
	if m.log == nil {
		return ""
	}
	return m.log.offset()
}

func (m *image[T]) begin()      { m.round++ }
func (m *image[T]) whole() bool { return m.round > 1 }
func (m *image[T]) empty() bool { return len(m.ready) == m.given }

// compare finds what a page shows to have changed. A hash without fields is gone.
func (m *image[T]) compare(p page) error {
	if m.log != nil && m.log.live > m.maxImage {
		return fmt.Errorf("what checkpoints have to keep of hashes is more than %d bytes: see MaxImage", m.maxImage)
	}
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
	row := ""
	if m.log != nil {
		row = m.log.row(key, m.pairs, m.dec.wants)
	}
	var now T
	if bad := m.dec.decode(&now, m.pairs, redisio.Place{Key: key}); bad != nil {
		m.ready = append(m.ready, change[T]{key: key, hash: h, kind: badRow, row: row, record: redisio.AppendPairs(nil, m.pairs), bad: bad})
		return
	}
	c := stream.Change[T]{Kind: stream.Insert, After: now}
	switch {
	case h.told():
		c.Kind, c.Before, c.HasBefore = stream.Update, h.value, h.good
	case m.round == 1:
		c.Kind = stream.Read
	}
	h.value, h.good = now, true
	m.ready = append(m.ready, change[T]{key: key, hash: h, kind: goodRow, row: row, change: c})
}

// delete is told that a hash is gone.
func (m *image[T]) delete(key string) {
	h, known := m.hashes[key]
	if !known {
		return
	}
	delete(m.hashes, key)
	c := change[T]{key: key, hash: h, kind: goneRow}
	if m.log != nil {
		c.row = m.log.row(key, nil, nil)
	}
	if h.told() {
		c.change = stream.Change[T]{Kind: stream.Delete, Before: h.value, HasBefore: h.good}
	}
	m.ready = append(m.ready, c)
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
	m.settle()
}

// settle notes that all of the first image was given, when that is so.
func (m *image[T]) settle() {
	if m.log != nil && m.round > 1 && m.empty() {
		m.log.finish()
	}
}

// give puts in changes that are ready, and returns whether there were any.
func (m *image[T]) give(in *stream.Intake[stream.Change[T]]) (some bool) {
	m.places.mu.Lock()
	defer m.places.mu.Unlock()
	for ; m.given < len(m.ready) && in.Room() > 0; m.given++ {
		c := &m.ready[m.given]
		if m.log != nil {
			c.hash.noted = m.log.note(c.kind, c.row, c.hash.noted)
		}
		switch {
		case c.bad != nil:
			in.Reject(c.record, m.places.add(c.key), c.bad)
			m.stats.rejected.Add(1)
		case c.change.Kind != 0:
			in.Append(c.change)
			in.Mark(m.places.add(c.key))
			m.stats.read.Add(1)
		default: // nobody was told that it was there
			continue
		}
		some = true
	}
	if m.empty() {
		clear(m.ready)
		m.ready, m.given = m.ready[:0], 0
		m.settle()
		if m.log != nil && m.log.wasteful() {
			m.log.rewrite(m.notes()) // all that is known was given, and all that was given is known
		}
	}
	return some
}

// notes yields where the records of all hashes stand.
func (m *image[T]) notes() iter.Seq[*noted] {
	return func(yield func(*noted) bool) {
		for _, h := range m.hashes {
			if !yield(&h.noted) {
				return
			}
		}
	}
}
