package tree

import "math"

// To find the best of ten splits takes sixty logarithms, and most of the splits are far from the best. So the gain of each is
// first computed with logarithms that are right to 7e-7, and by the right ones only where that is not far below the most.

// aboutError is how far about is off at most, with room to spare: a logarithm is too low by 0 to 7e-7, and an entropy
// is the difference of two means of these.
const aboutError = 1e-5

// about is merit, or nearly, of a split that counts. By criteria other than Information all splits are about as good.
func (s *settings) about(before float64, classes int, branches []float64) float64 {
	if s.criterion != Information {
		return 0
	}
	total, mean := 0.0, 0.0
	for b := 0; b < len(branches); b += classes {
		weight := 0.0
		for _, w := range branches[b : b+classes] {
			if w > 0 {
				mean -= w * aboutLog2(w)
				weight += w
			}
		}
		if weight > 0 {
			mean += weight * aboutLog2(weight)
			total += weight
		}
	}
	return before - mean/total
}

// aboutLog2 returns the binary logarithm of a positive number that is not subnormal: that of 512 mantissas, and between them a line.
func aboutLog2(x float64) float64 {
	const rest = 52 - 9
	bits := math.Float64bits(x)
	i := bits >> rest & 511
	part := float64(bits&(1<<rest-1)) * (1.0 / (1 << rest))
	return float64(int(bits>>52)-1023) + logarithms[i] + part*(logarithms[i+1]-logarithms[i])
}

var logarithms = func() (l [513]float64) {
	for i := range l {
		l[i] = math.Log2(1 + float64(i)/512)
	}
	return l
}()
