package delta

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// What is written of bytes that have changed is a patch, as long as that is
// worth it.
const (
	// Fewer bytes are written whole: that costs about as much as a patch and
	// a note of where it lies.
	patchedFrom = 128
	// A patch is at most 1/patchWorth of the bytes. With more, most records
	// have changed, and making the patch costs more than writing them.
	patchWorth = 8
	// Bytes whose patch was not worth it are compared again once in so many
	// turns.
	vainRest = 8
	// Bytes are written whole when they were not for so many turns. So files
	// of older ones can go, which hold little else that is of use.
	wholeEvery = 128
)

// A Chain is bytes that are written each time they have changed, such as a
// piece of state in each checkpoint: as they were when they were written whole,
// and the patches that have been written since. The zero Chain has not been
// written. A Chain is a value: Next leaves the one that it is given as it is.
//
// Each patch is longer than all that follow it: they are made one where that
// does not hold. So there are few of them after many changes, and a change is
// written again a few times, as in a tree of sorted runs (O'Neil et al., "The
// Log-Structured Merge-Tree", 1996).
type Chain struct {
	sum     digest // of what the bytes are now, where last is nil
	last    []byte // what they are, if somebody keeps them anyway
	since   int64  // the turn in which they were written whole
	written bool
	base    []byte // nil if there will be no patch next time
	patches [][]byte
	vain    bool // the last patch was not worth it
}

// Patches returns how many patches have to be applied to what was written
// whole.
func (c Chain) Patches() int { return len(c.patches) }

// A digest tells whether bytes are as they were. Two hashes with seeds of chance
// agree by chance once in 2^128 times.
type digest [2]uint64

var digestSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func digestOf(b []byte) digest {
	return digest{maphash.Bytes(digestSeeds[0], b), maphash.Bytes(digestSeeds[1], b)}
}

// A Writer makes chains longer. It keeps memory from one to the next. The zero
// Writer is ready for use, by one goroutine at a time.
type Writer struct {
	maker   Maker
	applier Applier
}

// Next returns the chain whose bytes are now, and what has to be written for
// that: nothing if they are as they were; all of them if the chain has no
// patches; else its last patch, which belongs behind the first
// Patches()-1 that there were. The chain keeps now, which must not be changed.
//
// Turns ascend. Chains that are written in the same turns are given different
// ones, a number apart, so that they are not written whole at the same time.
//
// Kept says that the caller keeps now until the next turn anyway. Then the chain does, too: what it is made of need
// be put together no more to be compared, and has no digest.
func (w *Writer) Next(c Chain, turn int64, now []byte, kept bool) (next Chain, write []byte) {
	var sum digest
	if !kept || c.written && c.last == nil {
		sum = digestOf(now)
	}
	whole := Chain{sum: sum, since: turn, written: true, base: now}
	if kept {
		whole.last = now
	}
	same := c.written && c.sum == sum
	if c.last != nil {
		same = bytes.Equal(c.last, now)
	}
	if same {
		c.sum, c.last = whole.sum, whole.last
		return c, nil
	}
	switch {
	case !c.written || len(now) < patchedFrom || turn/wholeEvery != c.since/wholeEvery:
		return whole, now
	case c.base != nil:
		var patches [][]byte
		if patches, whole.vain = w.patch(c, now); patches != nil {
			c.sum, c.last, c.patches, c.vain = sum, whole.last, patches, false
			return c, patches[len(patches)-1]
		}
	default:
		whole.vain = c.vain
	}
	if whole.vain && (turn+1)%vainRest != 0 {
		whole.base = nil
	}
	return whole, now
}

// patch returns the patches that make now of the base of c, of which the last
// one is new, or none if now is better written whole. It was in vain if too
// much has changed.
func (w *Writer) patch(c Chain, now []byte) (patches [][]byte, vain bool) {
	last, err := c.last, error(nil)
	if last == nil {
		last, err = w.applier.Apply(c.base, c.patches...)
	}
	if err != nil {
		return nil, false
	}
	patch := w.maker.Make(last, now, len(now)/patchWorth)
	if patch == nil {
		return nil, true
	}
	n, behind := len(c.patches), len(patch)
	for k, p := range slices.Backward(c.patches) {
		if len(p) <= behind {
			n = k
		}
		behind += len(p)
	}
	if n < len(c.patches) {
		if last, err = w.applier.Apply(c.base, c.patches[:n]...); err != nil {
			return nil, false
		}
		if patch = w.maker.Make(last, now, len(now)/2); patch == nil {
			return nil, false
		}
	}
	// It has to be right, not only likely to be.
	if !makes(last, patch, now) {
		return nil, false
	}
	patches = append(slices.Clip(c.patches[:n]), patch)
	total := 0
	for _, p := range patches {
		total += len(p)
	}
	if len(now) > chainBound(c.base, patches) { // who reads it would not believe it
		return nil, false
	}
	if total > len(c.base)*int(96+c.since%64)/256 { // about half, and not the same in all chains
		return nil, false
	}
	return patches, false
}
