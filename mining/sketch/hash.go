package sketch

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"unsafe"

	"github.com/cespare/xxhash/v2"
)

// A Key is what can be counted.
type Key interface {
	~string | ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Hash returns the hash of a key. It does not depend on the size of integers: -1 is -1, as an int8 and as an int64. Keys with the
// same hash are one to all summaries but Frequent and Reservoir.
func Hash[K Key](key K) uint64 { return hash(kindOf[K](), unsafe.Pointer(&key)) }

func kindOf[K Key]() reflect.Kind { return reflect.TypeFor[K]().Kind() }

// hash returns the hash of the key that p points to.
func hash(kind reflect.Kind, p unsafe.Pointer) uint64 {
	switch kind {
	case reflect.String:
		return xxhash.Sum64String(*(*string)(p))
	case reflect.Int:
		return mix(uint64(*(*int)(p)))
	case reflect.Int8:
		return mix(uint64(*(*int8)(p)))
	case reflect.Int16:
		return mix(uint64(*(*int16)(p)))
	case reflect.Int32:
		return mix(uint64(*(*int32)(p)))
	case reflect.Uint:
		return mix(uint64(*(*uint)(p)))
	case reflect.Uint8:
		return mix(uint64(*(*uint8)(p)))
	case reflect.Uint16:
		return mix(uint64(*(*uint16)(p)))
	case reflect.Uint32:
		return mix(uint64(*(*uint32)(p)))
	default: // int64 and uint64
		return mix(*(*uint64)(p))
	}
}

// mix is the finalizer of SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// An Estimate is a number that was estimated, and between which two it is with a probability of about 95 percent.
type Estimate struct{ Value, Low, High float64 }

// String returns all three, "1024 (1001 to 1047)".
func (e Estimate) String() string { return fmt.Sprintf("%.0f (%.0f to %.0f)", e.Value, e.Low, e.High) }

// An Option sets what a summary does otherwise than by default. The documentation of each says which ones it takes; others panic.
type Option struct {
	key   key
	value float64
}

type key string

const (
	precision key = "Precision"
	nominal   key = "Nominal"
	counters  key = "Counters"
	width     key = "Width"
	depth     key = "Depth"
	accuracy  key = "Accuracy"
	bins      key = "Bins"
	seed      key = "Seed"
)

// Precision sets the binary logarithm of the number of registers of [HLL].
func Precision(p int) Option { return Option{precision, float64(p)} }

// Nominal sets how many hashes [Theta] holds, or how many values a level of [KLL].
func Nominal(k int) Option { return Option{nominal, float64(k)} }

// Counters sets how many keys [Frequent] holds.
func Counters(n int) Option { return Option{counters, float64(n)} }

// Width sets how many counters a row of [CountMin] has.
func Width(n int) Option { return Option{width, float64(n)} }

// Depth sets how many rows [CountMin] has.
func Depth(n int) Option { return Option{depth, float64(n)} }

// Accuracy sets the relative error of [Values].
func Accuracy(a float64) Option { return Option{accuracy, a} }

// Bins sets how many bins [Values] has at most.
func Bins(n int) Option { return Option{bins, float64(n)} }

// Seed sets the seed of what is drawn at random. The default is 0.
func Seed(s uint64) Option { return Option{seed, math.Float64frombits(s)} }

func (o Option) refuse(who string) {
	panic(fmt.Sprintf("sketch: %s takes no option %s", who, o.key))
}

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("sketch: " + fmt.Sprintf(format, args...))
	}
}

var errBroken = errors.New("its fields contradict each other")

// guard returns a panic of a library, over bytes that somebody made up, as an error.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%v", p)
	}
}
