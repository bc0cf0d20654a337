package cluster

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// A lloyd is one run of k-means over rows.
type lloyd struct {
	rows    [][]float64
	weights []float64
	of      []int // the group of each row
	centers [][]float64
	sizes   []int
	inertia float64
}

// begin draws the first centers by k-means++: each row with a chance in proportion to the square of its distance
// from the nearest of those before. Of 2 + ln k rows that are drawn for a center it takes the one that lowers the inertia
// most, as the authors propose at the end of the paper.
func (l *lloyd) begin(k int, random *rand.Rand) {
	far := slices.Clone(l.weights)
	tries := 2 + int(math.Log(float64(k)))
	for len(l.centers) < k {
		var best []float64
		var center []float64
		least := math.Inf(1)
		for range tries {
			candidate := complete(l.rows[pick(far, random)])
			next, sum := l.nearer(far, candidate, len(l.centers) == 0)
			if best == nil || sum < least {
				best, center, least = next, candidate, sum
			}
		}
		far, l.centers = best, append(l.centers, center)
	}
}

// nearer returns how far each row is once there is a further center, and their sum.
func (l *lloyd) nearer(far, center []float64, first bool) (next []float64, sum float64) {
	next = make([]float64, len(far))
	for r, row := range l.rows {
		d := l.weights[r] * distance(row, center)
		if !first && d >= far[r] {
			d = far[r]
		}
		next[r] = d
		sum += d
	}
	return next, sum
}

// complete returns a center at a row: what is missing is 0, until events say more.
func complete(row []float64) []float64 {
	c := slices.Clone(row)
	for i, v := range c {
		if v != v {
			c[i] = 0
		}
	}
	return c
}

// pick draws an index with a chance in proportion to its weight.
func pick(weights []float64, random *rand.Rand) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at := random.Float64() * total
	last := 0
	for i, w := range weights {
		if w > 0 {
			if at -= w; at < 0 {
				return i
			}
			last = i
		}
	}
	if total == 0 {
		return random.IntN(len(weights))
	}
	return last
}

// run moves the centers until no row changes its group, or the inertia hardly falls.
func (l *lloyd) run(rounds int, tolerance float64) {
	for round := range rounds {
		before := l.inertia
		changed := l.assign(round == 0)
		if !changed || round > 0 && before-l.inertia <= tolerance*before {
			return
		}
		l.move()
	}
	l.assign(false)
}

// sample moves the centers by rows that are drawn, a batch a round: each by 1/n of the distance, where n is how many rows the
// center has had.
func (l *lloyd) sample(rounds, batch int, random *rand.Rand) {
	n, of := make([]float64, len(l.centers)), make([]int, batch)
	drawn := make([]int, batch)
	for range rounds {
		for i := range drawn {
			drawn[i] = random.IntN(len(l.rows))
			of[i], _ = nearest(l.rows[drawn[i]], l.centers)
		}
		for i, r := range drawn {
			w := l.weights[r]
			if w == 0 {
				continue
			}
			n[of[i]] += w
			center := l.centers[of[i]]
			for f, v := range l.rows[r] {
				if v == v {
					center[f] += w * (v - center[f]) / n[of[i]]
				}
			}
		}
	}
	l.assign(true)
}

// assign gives each row the nearest center, and reports whether one changed.
func (l *lloyd) assign(first bool) (changed bool) {
	l.inertia = 0
	l.sizes = make([]int, len(l.centers))
	for i, row := range l.rows {
		c, d := nearest(row, l.centers)
		changed = changed || first || c != l.of[i]
		l.of[i] = c
		l.sizes[c]++
		l.inertia += l.weights[i] * d
	}
	return changed
}

// move moves each center to the mean of its rows.
func (l *lloyd) move() {
	for c, size := range l.sizes {
		if size == 0 {
			l.adopt(c)
		}
	}
	features := len(l.rows[0])
	sums, weights := make([]float64, len(l.centers)*features), make([]float64, len(l.centers)*features)
	for i, row := range l.rows {
		at := l.of[i] * features
		for f, v := range row {
			if v == v {
				sums[at+f] += l.weights[i] * v
				weights[at+f] += l.weights[i]
			}
		}
	}
	for c, center := range l.centers {
		for f := range center {
			if w := weights[c*features+f]; w > 0 {
				center[f] = sums[c*features+f] / w
			}
		}
	}
}

// adopt gives a center without rows the row that is farthest from its own.
func (l *lloyd) adopt(c int) {
	farthest, most := -1, -1.0
	for i, row := range l.rows {
		if d := l.weights[i] * distance(row, l.centers[l.of[i]]); d > most && l.sizes[l.of[i]] > 1 {
			farthest, most = i, d
		}
	}
	if farthest >= 0 {
		l.sizes[l.of[farthest]]--
		l.of[farthest], l.sizes[c] = c, 1
		l.centers[c] = complete(l.rows[farthest])
	}
}

// settle puts the groups in an order that does not depend on chance: by size, then by center.
func (l *lloyd) settle() {
	order := make([]int, len(l.centers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(l.sizes[b], l.sizes[a]), slices.Compare(l.centers[a], l.centers[b]))
	})
	centers, sizes, to := make([][]float64, len(order)), make([]int, len(order)), make([]int, len(order))
	for now, was := range order {
		centers[now], sizes[now], to[was] = l.centers[was], l.sizes[was], now
	}
	l.centers, l.sizes = centers, sizes
	for i, c := range l.of {
		l.of[i] = to[c]
	}
}
