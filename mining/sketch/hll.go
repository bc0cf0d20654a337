package sketch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"unsafe"

	"github.com/apache/datasketches-go/hll"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// HLL counts different keys in 2^p registers of a byte; the first few hundred take less. The standard error is 1.04/√(2^p): 1.6 % for p = 12, with 4 KiB. An estimate depends on the set
// of keys alone, not on their order nor on how they were merged.
//
// It is the HLL of Apache DataSketches. Its estimator that depends on the order of keys (HIP), with an error of 0.84/√(2^p), is not used, so that
// shards do not matter.
//
// Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", AofA 2007.
type HLL struct {
	precision int
	registers []byte        // of the sketch, while it is saved
	sketch    hll.HllSketch `binary:"-"`
}

type plainHLL HLL

var kindHLL = saved.As[plainHLL]("sketch.HLL", 1)

// NewHLL returns the summary of nothing. Options: Precision, 12, between 4 and 21.
func NewHLL(opts ...Option) *HLL {
	h := &HLL{precision: 12}
	for _, o := range opts {
		if o.key != precision {
			o.refuse("NewHLL")
		}
		h.precision = int(o.value)
	}
	need(h.precision >= 4 && h.precision <= 21, "NewHLL: Precision is between 4 and 21, not %d", h.precision)
	h.sketch = h.new()
	return h
}

func (h *HLL) new() hll.HllSketch {
	s, err := hll.NewHllSketch(h.precision, hll.TgtHllTypeHll8)
	if err != nil {
		panic(err) // the precision was checked
	}
	return s
}

func (h *HLL) made(who string) {
	if h.sketch == nil {
		panic("sketch: HLL." + who + ": NewHLL makes an HLL, its zero value is none")
	}
}

// must panics on what the library says cannot be, of arguments that are right.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Add adds a key by its [Hash].
func (h *HLL) Add(hash uint64) {
	h.made("Add")
	if err := h.sketch.UpdateUInt64(hash); err != nil {
		panic(err)
	}
}

// Merge adds what other has. It panics if that has another precision.
func (h *HLL) Merge(other *HLL) {
	h.made("Merge")
	other.made("Merge")
	need(h.precision == other.precision, "HLL.Merge: precision %d into %d", other.precision, h.precision)
	if other.sketch.IsEmpty() {
		return
	}
	u := must(hll.NewUnion(h.precision))
	for _, s := range []hll.HllSketch{h.sketch, other.sketch} {
		if err := u.UpdateSketch(s); err != nil {
			panic(err)
		}
	}
	h.sketch = must(u.GetResult(hll.TgtHllTypeHll8))
}

// Estimate returns how many different keys were added.
func (h *HLL) Estimate() Estimate {
	h.made("Estimate")
	if h.sketch.IsEmpty() {
		return Estimate{}
	}
	v := must(h.sketch.GetCompositeEstimate())
	e := 2 * 1.04 / sqrt(float64(uint(1)<<h.precision)) // two standard deviations: at most 0.52
	return Estimate{v, v / (1 + e), v / (1 - e)}
}

// AppendBinary appends the summary.
func (h *HLL) AppendBinary(b []byte) ([]byte, error) {
	if h.sketch == nil {
		return b, errors.New("sketch: HLL.AppendBinary: NewHLL makes an HLL, its zero value is none")
	}
	registers, err := h.sketch.ToUpdatableSlice()
	if err != nil {
		return b, err
	}
	return kindHLL.Append(b, &plainHLL{precision: h.precision, registers: registers})
}

// UnmarshalBinary replaces the summary.
func (h *HLL) UnmarshalBinary(data []byte) error {
	return kindHLL.Read(data, (*plainHLL)(h), func(p *plainHLL) (err error) {
		defer guard(&err)
		// The fourth byte is the precision, and the fifth the binary logarithm of the room for a few hundred keys. The library
		// makes as much room as they say.
		if p.precision < 4 || p.precision > 21 || len(p.registers) < 8 || len(p.registers) > 4*(64+1<<p.precision) || int(p.registers[3]) != p.precision || int(p.registers[4]) > p.precision {
			return errBroken
		}
		if p.sketch, err = hll.NewHllSketchFromSlice(p.registers, true); err != nil {
			return err
		}
		if p.sketch.GetLgConfigK() != p.precision || p.sketch.GetTgtHllType() != hll.TgtHllTypeHll8 {
			return errBroken
		}
		err = try(p.sketch, p.registers)
		p.registers = nil
		return err
	})
}

// try asks a copy of what was read, and adds to it: the library believes its bytes, and panics later.
func try(s hll.HllSketch, registers []byte) error {
	again, err := s.ToUpdatableSlice()
	if err != nil || !bytes.Equal(again, registers) || !coupons(registers) {
		return errBroken
	}
	c, err := s.Copy()
	if err != nil {
		return err
	}
	if _, err = c.GetCompositeEstimate(); err != nil {
		return err
	}
	h := &HLL{precision: s.GetLgConfigK(), sketch: c}
	for i := range uint64(32) {
		h.Add(i)
	}
	h.Merge(&HLL{precision: s.GetLgConfigK(), sketch: s})
	h.Estimate()
	return nil
}

// coupons reports whether the keys of a small set, if it is one, are as many as they should be, and no two the same. Those are words of
// four bytes, behind 8 bytes in a list and behind 12 in a hash table.
func coupons(b []byte) bool {
	count, from := int(b[6]), 8
	switch b[7] & 3 {
	case 1:
		if len(b) < 12 {
			return false
		}
		count, from = int(binary.LittleEndian.Uint32(b[8:])), 12
	case 2:
		return true
	}
	var all []uint32
	for ; from+4 <= len(b); from += 4 {
		if c := binary.LittleEndian.Uint32(b[from:]); c != 0 {
			all = append(all, c)
		}
	}
	n := len(all)
	slices.Sort(all)
	return n == count && n == len(slices.Compact(all))
}

// Distinct estimates how many different keys there are: see [HLL] for the error and the options. A window holds 4 KiB for each key of the stream that has many
// keys in it, and less for others.
func Distinct[T any, K Key](of func(T) K, opts ...Option) window.Aggregator[T, *HLL, Estimate] {
	need(of != nil, "Distinct: the function of is nil")
	NewHLL(opts...)
	return distinct[T, K]{of, kindOf[K](), opts}
}

type distinct[T any, K Key] struct {
	of   func(T) K
	kind reflect.Kind
	opts []Option
}

func (d distinct[T, K]) New() *HLL { return NewHLL(d.opts...) }

func (d distinct[T, K]) Add(acc *HLL, v T) *HLL {
	key := d.of(v)
	acc.Add(hash(d.kind, unsafe.Pointer(&key)))
	return acc
}

func (d distinct[T, K]) Merge(a, b *HLL) *HLL     { a.Merge(b); return a }
func (d distinct[T, K]) Result(acc *HLL) Estimate { return acc.Estimate() }
