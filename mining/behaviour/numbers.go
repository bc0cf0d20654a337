package behaviour

import (
	"math"
	"math/bits"
)

var nan = math.NaN()

// leading returns how many zero bits stand before the highest one.
func leading(x uint64) int { return bits.LeadingZeros64(x) }
