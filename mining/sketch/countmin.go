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

// CountMin counts keys in d rows of w counters. A count is never low; it is high by more than e/w of the sum of all counts with a probability of
// at most e^-d: for the defaults, by more than 0.13 % in 1.8 % of the questions. Memory is 8·w·d bytes: 64 KiB. Add and Count
// take O(d) time. Parts merge to exactly the whole.
//
// It is not the Count-Min of Apache DataSketches for Go 0.1.0, whose Add of a string takes 290 ns and allocates.
//
// Source: Cormode, Muthukrishnan, "An improved data stream summary: the count-min sketch and its applications", Journal of Algorithms 55, 2005.
type CountMin struct {
	width, depth int
	total        uint64
	counts       []uint64
}

type plainCountMin CountMin

var kindCountMin = saved.As[plainCountMin]("sketch.CountMin", 1)

// NewCountMin returns the summary of nothing. Options: Width, 2048; Depth, 4, at most 16.
func NewCountMin(opts ...Option) *CountMin {
	c := &CountMin{width: 2048, depth: 4}
	for _, o := range opts {
		switch o.key {
		case width:
			c.width = int(o.value)
		case depth:
			c.depth = int(o.value)
		default:
			o.refuse("NewCountMin")
		}
	}
	need(c.sound(), "NewCountMin: Width is between 2 and 16777216, Depth between 1 and 16: %d, %d", c.width, c.depth)
	return c
}

func (c *CountMin) sound() bool {
	return c.width >= 2 && c.width <= 1<<24 && c.depth >= 1 && c.depth <= 16
}

// Add adds n to the count of a key, by its [Hash]. A sum that overflows stays at the greatest one.
func (c *CountMin) Add(hash, n uint64) {
	if c.counts == nil {
		c.counts = make([]uint64, c.width*c.depth)
	}
	c.total = plus(c.total, n)
	for at := 0; at < len(c.counts); at += c.width {
		hash = mix(hash)
		hi, _ := bits.Mul64(hash, uint64(c.width))
		p := &c.counts[at+int(hi)]
		*p = plus(*p, n)
	}
}

func plus(a, b uint64) uint64 {
	if s := a + b; s >= a {
		return s
	}
	return math.MaxUint64
}

// Count returns the count of a key, by its [Hash].
func (c *CountMin) Count(hash uint64) uint64 {
	least := c.total
	for at := 0; at < len(c.counts); at += c.width {
		hash = mix(hash)
		hi, _ := bits.Mul64(hash, uint64(c.width))
		least = min(least, c.counts[at+int(hi)])
	}
	return least
}

// Total returns the sum of all counts.
func (c *CountMin) Total() uint64 { return c.total }

// Error returns by how much a count may be high, but for a share of e^-d of the keys.
func (c *CountMin) Error() uint64 { return uint64(math.E / float64(c.width) * float64(c.total)) }

// Merge adds what other counted. It panics if that has another width or depth.
func (c *CountMin) Merge(other *CountMin) {
	need(c.width == other.width && c.depth == other.depth, "CountMin.Merge: %d×%d into %d×%d", other.depth, other.width, c.depth, c.width)
	c.total = plus(c.total, other.total)
	if c.counts == nil {
		c.counts = slices.Clone(other.counts)
		return
	}
	for i, n := range other.counts {
		c.counts[i] = plus(c.counts[i], n)
	}
}

// Clone returns a summary of its own.
func (c *CountMin) Clone() *CountMin {
	return &CountMin{c.width, c.depth, c.total, slices.Clone(c.counts)}
}

// AppendBinary appends the summary.
func (c *CountMin) AppendBinary(b []byte) ([]byte, error) {
	return kindCountMin.Append(b, (*plainCountMin)(c))
}

// UnmarshalBinary replaces the summary.
func (c *CountMin) UnmarshalBinary(data []byte) error {
	return kindCountMin.Read(data, (*plainCountMin)(c), func(p *plainCountMin) error {
		if !(*CountMin)(p).sound() || p.counts != nil && len(p.counts) != p.width*p.depth {
			return errBroken
		}
		return nil
	})
}

// Frequency counts keys: what it returns answers how often one was there. See [CountMin] for the error and the options.
func Frequency[T any, K Key](of func(T) K, opts ...Option) window.Aggregator[T, *CountMin, *CountMin] {
	need(of != nil, "Frequency: the function of is nil")
	NewCountMin(opts...)
	return frequency[T, K]{of, kindOf[K](), opts}
}

type frequency[T any, K Key] struct {
	of   func(T) K
	kind reflect.Kind
	opts []Option
}

func (f frequency[T, K]) New() *CountMin { return NewCountMin(f.opts...) }

func (f frequency[T, K]) Add(acc *CountMin, v T) *CountMin {
	key := f.of(v)
	acc.Add(hash(f.kind, unsafe.Pointer(&key)), 1)
	return acc
}

func (f frequency[T, K]) Merge(a, b *CountMin) *CountMin { a.Merge(b); return a }
func (f frequency[T, K]) Result(acc *CountMin) *CountMin { return acc.Clone() }
