package sketch

import (
	"math"
	"math/bits"
	"reflect"
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// Bloom remembers which keys were there. Has is never false of one that was. Of others it is true for a share p, once n different keys were
// added, for which it takes 1.44·log₂(1/p) bits each: 1.2 MB for a million and 1 %. Add and Has take O(log 1/p) time. Parts merge to exactly the whole.
//
// It is not the Bloom filter of Apache DataSketches for Go 0.1.0, which counts all of its bits at the first question after an Add: 16 µs for 100,000 keys.
//
// Source: Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 13, 1970.
type Bloom struct {
	size, hashes uint64
	bits         []uint64
}

type plainBloom Bloom

var kindBloom = saved.As[plainBloom]("sketch.Bloom", 1)

// NewBloom returns a filter for that many different keys, with that share of wrong answers for keys that were not there. It panics if
// keys is not between 1 and 4 billion or share not between 1e-9 and 0.5.
func NewBloom(keys int, share float64) *Bloom {
	need(keys >= 1 && keys <= 4_000_000_000, "NewBloom: between 1 and 4000000000 keys, not %d", keys)
	need(share >= 1e-9 && share <= 0.5, "NewBloom: a share between 1e-9 and 0.5, not %v", share)
	size := math.Ceil(-float64(keys) * math.Log(share) / (math.Ln2 * math.Ln2))
	return &Bloom{size: (uint64(size) + 63) / 64 * 64, hashes: uint64(max(1, math.Round(-math.Log2(share))))}
}

// Add adds a key by its [Hash].
func (b *Bloom) Add(hash uint64) {
	if b.bits == nil {
		b.bits = make([]uint64, b.size/64)
	}
	step := second(hash)
	for range b.hashes {
		at, _ := bits.Mul64(hash, b.size)
		b.bits[at/64] |= 1 << (at % 64)
		hash += step
	}
}

// second is a second hash, by which the others are made: Kirsch, Mitzenmacher, "Less hashing, same performance", ESA 2006.
func second(hash uint64) uint64 { return mix(hash) | 1 }

// Has reports whether a key was added, by its [Hash].
func (b *Bloom) Has(hash uint64) bool {
	if b.bits == nil {
		return false
	}
	step := second(hash)
	for range b.hashes {
		at, _ := bits.Mul64(hash, b.size)
		if b.bits[at/64]>>(at%64)&1 == 0 {
			return false
		}
		hash += step
	}
	return true
}

// Wrong returns the share of wrong answers for keys that were not added, as full as the filter is.
func (b *Bloom) Wrong() float64 {
	n := 0
	for _, w := range b.bits {
		n += bits.OnesCount64(w)
	}
	return math.Pow(float64(n)/float64(b.size), float64(b.hashes))
}

// Merge adds the keys of another filter. It panics if that was made for another number of keys or share.
func (b *Bloom) Merge(other *Bloom) {
	need(b.size == other.size && b.hashes == other.hashes, "Bloom.Merge: %d bits and %d hashes into %d and %d", other.size, other.hashes, b.size, b.hashes)
	if b.bits == nil {
		b.bits = slices.Clone(other.bits)
		return
	}
	for i, w := range other.bits {
		b.bits[i] |= w
	}
}

// Clone returns a filter of its own.
func (b *Bloom) Clone() *Bloom { return &Bloom{b.size, b.hashes, slices.Clone(b.bits)} }

// AppendBinary appends the filter.
func (b *Bloom) AppendBinary(to []byte) ([]byte, error) {
	return kindBloom.Append(to, (*plainBloom)(b))
}

// UnmarshalBinary replaces the filter.
func (b *Bloom) UnmarshalBinary(data []byte) error {
	return kindBloom.Read(data, (*plainBloom)(b), func(p *plainBloom) error {
		if p.size == 0 || p.size%64 != 0 || p.size > 1<<38 || p.hashes == 0 || p.hashes > 64 || p.bits != nil && uint64(len(p.bits)) != p.size/64 {
			return errBroken
		}
		return nil
	})
}

// Membership remembers which keys were there: see [Bloom] for the error, and [NewBloom] for keys and share.
func Membership[T any, K Key](of func(T) K, keys int, share float64) window.Aggregator[T, *Bloom, *Bloom] {
	need(of != nil, "Membership: the function of is nil")
	NewBloom(keys, share)
	return membership[T, K]{of, kindOf[K](), keys, share}
}

type membership[T any, K Key] struct {
	of    func(T) K
	kind  reflect.Kind
	keys  int
	share float64
}

func (m membership[T, K]) New() *Bloom { return NewBloom(m.keys, m.share) }

func (m membership[T, K]) Add(acc *Bloom, v T) *Bloom {
	key := m.of(v)
	acc.Add(hash(m.kind, unsafe.Pointer(&key)))
	return acc
}

func (m membership[T, K]) Merge(a, b *Bloom) *Bloom { a.Merge(b); return a }
func (m membership[T, K]) Result(acc *Bloom) *Bloom { return acc.Clone() }
