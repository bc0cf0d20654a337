package mining

import (
	"fmt"
	"math"
)

// A Vector is what a model sees of an event: values at places, which are counted from 0.
//
// The first len(Value)-len(Index) values stand at the places 0, 1, 2, ...: numbers that every
// event has. Each of the values behind them stands at the place that Index gives: what only some
// events have, such as a word or a product. Places of Index may come in any order, and
// the values of a place that comes more than once add up. A place without a
// value holds 0. A value that is NaN or infinite is missing.
//
// A function of the user's fills a vector that is used again and again:
//
//	func features(o Order, x *mining.Vector) {
//		x.Append(o.Amount, float64(o.Items)) // places 0 and 1
//		x.Put(2+o.Country, 1)                // one of the places from 2
//	}
type Vector struct {
	Value []float64
	Index []uint32
}

// Dense returns the vector of values at the places 0, 1, 2, ... It shares their memory.
func Dense(values ...float64) Vector { return Vector{Value: values} }

// Missing is the value of a feature that is not known.
var Missing = math.NaN()

// Reset empties x and keeps its memory.
func (x *Vector) Reset() { x.Value, x.Index = x.Value[:0], x.Index[:0] }

// Append appends values at the next places. It panics behind a Put: what every event has comes first.
func (x *Vector) Append(values ...float64) {
	if len(x.Index) > 0 {
		panic("mining: Vector.Append behind Put: append what every event has first")
	}
	x.Value = append(x.Value, values...)
}

// Put sets a value at a place of its own. If the place has a value already, they add up.
func (x *Vector) Put(place int, value float64) {
	if place < 0 || place > math.MaxUint32 {
		panic(fmt.Sprintf("mining: Vector.Put: a place is between 0 and %d, not %d", uint32(math.MaxUint32), place))
	}
	x.Value, x.Index = append(x.Value, value), append(x.Index, uint32(place))
}

// Dense returns the values that stand at the places 0, 1, 2, ...
func (x Vector) Dense() []float64 { return x.Value[:len(x.Value)-len(x.Index)] }

// Sparse returns the values that stand at the places that Index gives.
func (x Vector) Sparse() []float64 { return x.Value[len(x.Value)-len(x.Index):] }

// At returns the value at a place. It looks through all of the sparse ones.
func (x Vector) At(place int) (v float64) {
	dense := len(x.Value) - len(x.Index)
	if place < dense {
		v = x.Value[place]
	}
	for i, p := range x.Index {
		if int(p) == place {
			v += x.Value[dense+i]
		}
	}
	return v
}

// Known reports whether a value is there: neither NaN nor infinite.
func Known(v float64) bool { return v-v == 0 }

// Within panics if x has a place that a model of n features does not have. Who names
// the model, "linear: Logistic".
func (x Vector) Within(n int, who string) {
	if d := len(x.Value) - len(x.Index); d > n {
		panic(fmt.Sprintf("%s: a vector of %d values for a model of %d features", who, d, n))
	}
	for _, p := range x.Index {
		if int(p) >= n {
			panic(fmt.Sprintf("%s: a value at place %d for a model of %d features", who, p, n))
		}
	}
}

// Expand sets to to the values at the places from 0 to len(to)-1, and returns it.
func (x Vector) Expand(to []float64) []float64 {
	n := copy(to, x.Dense())
	clear(to[n:])
	for i, v := range x.Sparse() {
		if p := int(x.Index[i]); p < len(to) {
			to[p] += v
		}
	}
	return to
}

// Clone returns a vector with memory of its own.
func (x Vector) Clone() Vector {
	return Vector{append([]float64(nil), x.Value...), append([]uint32(nil), x.Index...)}
}
