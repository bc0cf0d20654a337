// Package cluster finds groups in what has no labels: segments of customers, say.
//
// [RFM] and [Purchases] say how recently, how often and for how much a customer has bought. [KMeans] splits a
// table into k groups, [ChooseK] tries several k, [Streaming] follows groups that move on a
// stream, [DBSCAN] finds groups of any shape and leaves out what is in none. [Describe] says in words and figures what a
// group is.
//
// Distances are Euclidean: bring features to one scale first, by prepare.Standard, and take the
// logarithm of what has a long tail, such as money.
//
// A value that is missing (NaN or infinite) is left out of a distance, and moves no center. Values beyond ±1e100
// count as that.
package cluster

import "github.com/freshet-go/freshet/mining"

// utmost is the greatest value, so that squares of distances are finite.
const utmost = 1e100

// fill sets row to the values of x, those missing being NaN.
func fill(row []float64, x mining.Vector) {
	x.Expand(row)
	for i, v := range row {
		switch {
		case v > utmost && mining.Known(v):
			row[i] = utmost
		case v < -utmost && mining.Known(v):
			row[i] = -utmost
		case !mining.Known(v):
			row[i] = mining.Missing
		}
	}
}

// distance returns the square of the distance between two rows, over what both know.
func distance(a, b []float64) (sum float64) {
	for i, v := range a {
		if d := v - b[i]; d == d { // neither is missing
			sum += d * d
		}
	}
	return sum
}

// nearest returns the center that is nearest to a row, of several the first, and the square of the distance.
func nearest(row []float64, centers [][]float64) (best int, d float64) {
	d = distance(row, centers[0])
	for c := 1; c < len(centers); c++ {
		if x := distance(row, centers[c]); x < d {
			best, d = c, x
		}
	}
	return best, d
}
