package intern

import "encoding/binary"

// A Field is a cache for one field alone, of 512 strings of 256 bytes at most. It takes 24 KiB and what these have, and nothing before its first
// string, nor while it has stepped aside. Its zero value is ready for use.
type Field struct {
	pairs *[pairsOfField][2]entry
	trial Trial
}

const (
	pairsOfField   = 256
	longestOfField = 256
)

// pair returns where a string of n bytes is, if the field has it.
func (f *Field) pair(w words, n int) *[2]entry { return &f.pairs[w.hash(n)%pairsOfField] }

// Known returns the string of b if the field has it: who knows something of all that it has given the field knows it of b, too.
func (f *Field) Known(b []byte) (s string, ok bool) {
	n := len(b)
	if f.pairs == nil || n > longestOfField {
		return "", false
	}
	var w words
	switch { // as in wordsOf, which would be a call more
	case n > 32:
		w = wordsOfLong(b)
	case n > 16:
		w = words{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[n-16:]), binary.LittleEndian.Uint64(b[n-8:])}
	case n >= 8:
		w = words{first: binary.LittleEndian.Uint64(b), last: binary.LittleEndian.Uint64(b[n-8:])}
	case n > 0:
		w = wordsOf(b)
	default:
		return "", false
	}
	pair := f.pair(w, n)
	if !pair[0].is(w, b) && !second(pair, w, b) {
		return "", false
	}
	f.trial.found++
	return pair[0].s, true
}

// String returns b as a string.
func (f *Field) String(b []byte) string {
	if len(b) == 0 || len(b) > longestOfField || f.trial.rests() {
		return string(b)
	}
	if f.pairs == nil {
		f.pairs = new([pairsOfField][2]entry)
	}
	w := wordsOf(b)
	pair := f.pair(w, len(b))
	if find(pair, w, b) {
		f.trial.tell(true)
		return pair[0].s
	}
	s := add(pair, w, b)
	if f.trial.tell(false); f.trial.off {
		f.pairs = nil
	}
	return s
}
