package table

import "math/bits"

// Parts divide the entries of a table by their hashes. An entry is in the same part as long as it is held,
// whatever is inserted and deleted meanwhile, so that looking at one part after another finds each entry that
// is there all the time once. It costs as much as looking at all entries once.
type Parts struct {
	words uint32 // of the index when the table was divided
	n     uint32 // a power of two; each part is as many words of the index in a row
}

// Len returns how many parts there are, at least one.
func (p Parts) Len() int { return int(max(p.n, 1)) }

// Parts divides the entries into parts of about size each, and up to twice that where they crowd.
func (t *Table[K, V]) Parts[_ lazily](size int) Parts { return t.x.parts(size) }

// Part calls f with the place of each entry that is in a part. F must not insert and not delete.
func (t *Table[K, V]) Part[_ lazily](of Parts, part int, f func(at int)) { t.x.part(of, part, f) }

func (x *Index) parts(size int) Parts {
	words := uint32(len(x.words))
	n := uint32(1) << bits.Len(uint(len(x.hashes)/size))
	return Parts{words, max(1, min(n, words/bucket))}
}

// part returns how many words or hashes it has looked at.
func (x *Index) part(of Parts, part int, f func(at int)) (looked int) {
	if of.Len() == 1 {
		for at := range x.hashes {
			f(at)
		}
		return len(x.hashes)
	}
	width := of.words / of.n
	if uint32(len(x.words)) < of.words { // it was emptied, and has begun anew
		for at, h := range x.hashes {
			if home(h, of.words-1)/width == uint32(part) {
				f(at)
			}
		}
		return len(x.hashes)
	}
	// An index that has grown since has the words of a part once in each multiple of what it was.
	mask := uint32(len(x.words) - 1)
	for from := uint32(part) * width; from <= mask; from += of.words {
		// Behind the last word of its buckets stands what linear probing has pushed past it, up to a word that is empty.
		to := from + width
		for i := from; i < to || x.words[i&mask] != 0; i++ {
			looked++
			slot := x.words[i&mask] & x.slotBits
			if slot == 0 {
				continue
			}
			if h := home(x.hashes[slot-1], mask); from <= h && h < to {
				f(int(slot) - 1)
			}
		}
	}
	return looked
}
