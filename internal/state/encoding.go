package state

import (
	"encoding/binary"
	"unsafe"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// An Encoding takes the records of a state one after another, in an order that lasts from checkpoint to checkpoint. Of those that
// are as they were when the state was encoded last it takes the bytes over, many in a row at once, and only others are encoded.
//
// What has become of the checkpoint that the bytes were for does not matter: it may have been given up. They are those that encoding the
// records again would give. So who calls Same has to know which records were encoded last, and not what was written.
type Encoding struct {
	c    *records
	to   *Saving
	id   int64
	last lastEncoding
	from [Groups]int // of each group, where in the last bytes begins what has been passed over and not been taken over yet
	at   [Groups]int // and where the next record is, but for those
	same [Groups]int // that are as they were: as many have not been passed over
}

// A lastEncoding is what an Encoding has made. Nobody changes the bytes.
type lastEncoding struct {
	id     int64
	groups [Groups][]byte
}

// encodeMore has more put records. They are alone if there are no others in s: only then is anything taken over.
func (c *records) encodeMore(s *Saving, more func(*Encoding), alone bool) {
	if more == nil {
		return
	}
	e := &Encoding{c: c, to: s, id: c.ids.Add(1)}
	select {
	case e.last = <-c.last:
	default:
	}
	if !alone {
		e.last = lastEncoding{}
	}
	if alone && e.last.id == 0 {
		c.begin(s)
	}
	for g, b := range e.last.groups {
		e.at[g] = min(sectionHead, len(b))
		e.from[g] = e.at[g]
	}
	more(e)
	e.end()
	if alone && s.Err == nil {
		select {
		case c.last <- lastEncoding{e.id, s.Groups}:
			s.Kept = true
		default:
		}
	}
}

// ID is another one for each Encoding of a coder, and not zero.
func (e *Encoding) ID() int64 { return e.id }

// Last is the ID of the Encoding that Same and Drop speak of; zero if there is none.
func (e *Encoding) Last() int64 { return e.last.id }

// Put puts a record, which is the caller's again when Put returns.
func (e *Encoding) Put(hash uint64, r unsafe.Pointer) {
	e.takeOver(keyhash.Group(hash, Groups))
	e.c.put(e.to, hash, r)
}

// Same says that the next record of a group is the one that was its next the last time. The hash is that of its key.
// Records that follow each other lie in as many places as there are groups: so they are only counted here, and looked at when
// all that are the same in a row are passed over, one behind the other.
func (e *Encoding) Same(hash uint64) { e.same[keyhash.Group(hash, Groups)]++ }

// Drop says that the next one of a group the last time is not there any more.
func (e *Encoding) Drop(hash uint64) {
	g := keyhash.Group(hash, Groups)
	e.takeOver(g)
	e.pass(g, 1)
	e.from[g] = e.at[g]
}

// catchUp passes over what is the same.
func (e *Encoding) catchUp(g int) {
	e.pass(g, e.same[g])
	e.same[g] = 0
}

// pass passes over the next n records of a group.
func (e *Encoding) pass(g, n int) {
	b, at := e.last.groups[g], e.at[g]
	for range n {
		if size := int(b[at]); size < 0x80 {
			at += 1 + size
			continue
		}
		size, prefix := binary.Uvarint(b[at:])
		at += prefix + int(size)
	}
	e.at[g] = at
}

// takeOver takes over the bytes of the records of a group that have been passed over.
func (e *Encoding) takeOver(g int) {
	e.catchUp(g)
	last, to := e.last.groups[g], &e.to.Groups[g]
	if e.from[g] < e.at[g] {
		if cap(*to) == 0 {
			*to = make([]byte, sectionHead, len(last)+len(last)/16)
		}
		*to = append(*to, last[e.from[g]:e.at[g]]...)
		e.from[g] = e.at[g]
	}
}

// end takes over what is left. A group that is as it was has the same bytes, and not a copy.
func (e *Encoding) end() {
	for g, last := range e.last.groups {
		to := &e.to.Groups[g]
		e.catchUp(g)
		if *to == nil && e.from[g] == sectionHead && e.at[g] == len(last) {
			*to = last
			continue
		}
		e.takeOver(g)
		if len(*to) == sectionHead {
			*to = nil
		}
	}
}
