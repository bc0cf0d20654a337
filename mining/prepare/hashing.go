package prepare

import (
	"fmt"
	"math"
	"math/bits"
	"unicode"
	"unicode/utf8"

	"github.com/freshet-go/freshet/mining"
)

// Hash returns 64 bits of a string that look random, and are the same on every machine. It is FNV-1a, begun with
// the seed, with the last mixing of MurmurHash3, so that all bits depend on all bytes. It is no
// defence against someone who makes strings that collide: keep the seed to yourself for that, and
// even then prefer a cryptographic one.
func Hash(seed uint64, s string) uint64 {
	h := begin(seed)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return mix(h)
}

const prime = 1099511628211

func begin(seed uint64) uint64 { return mix(seed) ^ 14695981039346656037 }

func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Category returns the number that stands for a string as a category: 53 bits of its Hash with seed 0, which a float64 holds
// exactly. Of a million strings two have the same with a chance of 1 in 18,000.
func Category(s string) float64 { return float64(Hash(0, s) >> 11) }

// A Hashing puts strings at places: those from From on, as many as Size. Two strings may meet at a
// place: n strings meet another one, each, with a chance of about n/Size. There is no memory of
// strings, so that it is bounded and needs no learning. Copies are as good as the original, and several goroutines may use one at
// once.
//
// It is Weinberger, Dasgupta, Langford, Smola and Attenberg, "Feature Hashing for Large Scale
// Multitask Learning", ICML 2009.
type Hashing struct {
	From, Size int
	Seed       uint64
	// Signed gives half of the strings the sign -, so that those which meet cancel out on average
	// rather than add up. Counts for bayes.Multinomial have to stay unsigned.
	Signed bool
}

func (h Hashing) check() {
	if h.From < 0 || h.Size < 1 || h.Size > math.MaxInt32 || h.From > math.MaxInt32-h.Size {
		panic(fmt.Sprintf("prepare: Hashing: there are no %d places from %d", h.Size, h.From))
	}
}

// Places returns From + Size: how many features a model of these vectors has.
func (h Hashing) Places() int {
	h.check()
	return h.From + h.Size
}

// put puts a hashed value.
func (h Hashing) put(hash uint64, value float64, x *mining.Vector) {
	// The high bits of hash·Size are a place, all but uniform: Lemire, "Fast Random Integer
	// Generation in an Interval", 2019. The lowest bit of hash is the sign.
	place, _ := bits.Mul64(hash, uint64(h.Size))
	if h.Signed && hash&1 == 1 {
		value = -value
	}
	x.Put(h.From+int(place), value)
}

// Put puts value at the place of s.
func (h Hashing) Put(x *mining.Vector, s string, value float64) {
	h.check()
	h.put(Hash(h.Seed, s), value, x)
}

// Pair puts value at the place of a name and a string, as in country=Norway. Names keep the same string
// of different columns apart.
func (h Hashing) Pair(x *mining.Vector, name, s string, value float64) {
	h.check()
	hash := begin(h.Seed)
	for i := range len(name) {
		hash = (hash ^ uint64(name[i])) * prime
	}
	hash = (hash ^ '=') * prime
	for i := range len(s) {
		hash = (hash ^ uint64(s[i])) * prime
	}
	h.put(mix(hash), value, x)
}

// Words puts how often each word of a text comes at the place of the word. A word is a longest sequence of letters, marks
// and digits, in lower case; all else parts words. A place comes once in x: words that meet add up. It
// allocates only if the memory of x is too small.
func (h Hashing) Words(x *mining.Vector, text string) {
	h.check()
	start := len(x.Index)
	hash, in := begin(h.Seed), false
	for _, r := range text {
		if r < utf8.RuneSelf {
			switch {
			case r >= 'A' && r <= 'Z':
				r += 'a' - 'A'
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			default:
				r = -1
			}
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			r = unicode.ToLower(r)
		} else {
			r = -1
		}
		if r >= 0 {
			var b [utf8.UTFMax]byte
			for _, c := range b[:utf8.EncodeRune(b[:], r)] {
				hash = (hash ^ uint64(c)) * prime
			}
			in = true
			continue
		}
		if in {
			h.put(mix(hash), 1, x)
			hash, in = begin(h.Seed), false
		}
	}
	if in {
		h.put(mix(hash), 1, x)
	}
	gathered(x, start)
}

// gathered sorts the sparse values from start on by their places, and adds up those of one place.
func gathered(x *mining.Vector, start int) {
	places := x.Index[start:]
	values := x.Value[len(x.Value)-len(places):]
	// Shell's sort: texts are short, and it needs no memory.
	for gap := len(places) / 2; gap > 0; gap /= 2 {
		for i := gap; i < len(places); i++ {
			p, v := places[i], values[i]
			k := i
			for ; k >= gap && places[k-gap] > p; k -= gap {
				places[k], values[k] = places[k-gap], values[k-gap]
			}
			places[k], values[k] = p, v
		}
	}
	kept := 0
	for i := range places {
		if kept > 0 && places[kept-1] == places[i] {
			values[kept-1] += values[i]
			continue
		}
		places[kept], values[kept] = places[i], values[i]
		kept++
	}
	gone := len(places) - kept
	x.Index = x.Index[:len(x.Index)-gone]
	x.Value = x.Value[:len(x.Value)-gone]
}
