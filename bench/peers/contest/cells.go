package contest

import (
	"math"
	"strconv"
)

// A Cell is a minute since 1970 and a category.
type Cell struct {
	Minute   int64
	Category string
}

// Cells makes revenues by cell comparable: how many there are, what they come to,
// and a sum in which each cell has a weight of its own.
func Cells(revenue map[Cell]float64) Result {
	cents, mix := int64(0), uint64(0)
	for c, v := range revenue {
		n := int64(math.Round(v * 100))
		name := uint64(0)
		for _, b := range []byte(c.Category) {
			name = name*31 + uint64(b)
		}
		cents += n
		mix += (uint64(c.Minute)*131 + name) * uint64(n)
	}
	return Result{
		"cells": strconv.Itoa(len(revenue)),
		"cents": strconv.FormatInt(cents, 10),
		"mix":   strconv.FormatUint(mix, 10),
	}
}

// Sum is the result of the contest of that name.
func Sum(v float64) Result { return Result{"sum": strconv.FormatFloat(v, 'g', -1, 64)} }
