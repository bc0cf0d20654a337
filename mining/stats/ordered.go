package stats

import "slices"

const runSize = 256

// ordered holds numbers in order, each as often as it was inserted: runs of at most 2·runSize, one behind the
// other. To insert or remove one of n takes O(log n + n/runSize) time, which up to some hundred thousand is
// mostly the move of half a run. It is the list of lists of Python's sortedcontainers (Jenks, 2014).
type ordered struct {
	runs  [][]float64 // none is empty
	n     int
	spare []([]float64)
}

func (o *ordered) insert(v float64) {
	o.n++
	if len(o.runs) == 0 {
		o.runs = append(o.runs, append(o.run(), v))
		return
	}
	r := min(o.find(v), len(o.runs)-1)
	run := o.runs[r]
	i, _ := slices.BinarySearch(run, v)
	if len(run) == 2*runSize {
		half := append(o.run(), run[runSize:]...)
		run = run[:runSize]
		o.runs[r] = run
		o.runs = slices.Insert(o.runs, r+1, half)
		if i > runSize {
			r, i, run = r+1, i-runSize, half
		}
	}
	o.runs[r] = slices.Insert(run, i, v)
}

// remove removes one v, which is there.
func (o *ordered) remove(v float64) {
	r := o.find(v)
	i, _ := slices.BinarySearch(o.runs[r], v)
	o.n--
	if o.runs[r] = slices.Delete(o.runs[r], i, i+1); len(o.runs[r]) == 0 {
		o.spare = append(o.spare, o.runs[r])
		o.runs = slices.Delete(o.runs, r, r+1)
	}
}

// find returns the first run whose last is not less than v.
func (o *ordered) find(v float64) int {
	lo, hi := 0, len(o.runs)
	for lo < hi {
		if mid := (lo + hi) / 2; o.runs[mid][len(o.runs[mid])-1] < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// at returns the i-th, from 0.
func (o *ordered) at(i int) float64 {
	for _, run := range o.runs {
		if i < len(run) {
			return run[i]
		}
		i -= len(run)
	}
	panic("stats: no such place")
}

func (o *ordered) run() []float64 {
	if last := len(o.spare) - 1; last >= 0 {
		r := o.spare[last]
		o.spare = o.spare[:last]
		return r[:0]
	}
	return make([]float64, 0, 2*runSize)
}
