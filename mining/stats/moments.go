package stats

import "math"

// moments are what a Summary holds. They are apart from it so that what holds many of them, a
// Rolling, saves their fields and not as many saved models.
type moments struct {
	Count    int64
	Weight   float64 // sum of the weights
	Weight2  float64 // sum of their squares
	Mean     float64
	Low      float64 // what Mean lacks of the mean: the two are a number of twice the digits
	Squares  float64 // sum of the squares of the distances from the mean
	Cubes    float64
	Fourths  float64
	Min, Max float64
}

// add adds x with weight w, both finite, w > 0. It is merge for a b of one value.
func (m *moments) add(x, w float64) {
	if m.Count == 0 {
		*m = moments{Count: 1, Weight: w, Weight2: w * w, Mean: x, Min: x, Max: x}
		return
	}
	before := m.Weight
	m.Count++
	m.Weight += w
	m.Weight2 += w * w
	m.Min, m.Max = min(m.Min, x), max(m.Max, x)
	share := w / m.Weight
	d := (x - m.Mean) - m.Low
	if math.IsInf(d, 0) {
		m.overflow(x, share)
		return
	}
	step := d * share
	t := d * step * before
	rest := 1 - share
	m.Fourths += t*d*d*(rest*rest-rest*share+share*share) + 6*step*step*m.Squares - 4*step*m.Cubes
	m.Cubes += t*d*(rest-share) - 3*step*m.Squares
	m.Squares += t
	m.Mean, m.Low = plus(m.Mean, m.Low, step)
}

// merge adds what b has.
func (m *moments) merge(b *moments) {
	switch {
	case b.Count == 0:
		return
	case m.Count == 0:
		*m = *b
		return
	}
	wa, wb := m.Weight, b.Weight
	m.Count += b.Count
	m.Weight += wb
	m.Weight2 += b.Weight2
	m.Min, m.Max = min(m.Min, b.Min), max(m.Max, b.Max)
	share, rest := wb/m.Weight, wa/m.Weight
	d := (b.Mean - m.Mean) + (b.Low - m.Low)
	if math.IsInf(d, 0) {
		m.overflow(b.Mean, share)
		return
	}
	t := d * d * wa * share
	m.Fourths += b.Fourths + t*d*d*(rest*rest-rest*share+share*share) +
		6*d*d*(rest*rest*b.Squares+share*share*m.Squares) + 4*d*(rest*b.Cubes-share*m.Cubes)
	m.Cubes += b.Cubes + t*d*(rest-share) + 3*d*(rest*b.Squares-share*m.Squares)
	m.Squares += b.Squares + t
	m.Mean, m.Low = plus(m.Mean, m.Low, d*share)
}

// overflow has the mean take a share of x where the distance between the two is no float64.
func (m *moments) overflow(x, share float64) {
	m.Mean, m.Low = m.Mean*(1-share)+x*share, 0
	m.Squares, m.Cubes, m.Fourths = math.Inf(1), math.Inf(1), math.Inf(1)
}

// plus adds x to the number hi + lo, and returns it so that lo is what hi lacks. It is two-sum:
// Knuth, The Art of Computer Programming 2, 4.2.2.
func plus(hi, lo, x float64) (float64, float64) {
	s := hi + x
	v := s - hi
	lo += (hi - (s - v)) + (x - v)
	sum := s + lo
	return sum, lo - (sum - s)
}

func (m *moments) variance() float64 { return m.Squares / m.Weight }

func (m *moments) sampleVariance() float64 {
	if m.Count < 2 {
		return math.NaN()
	}
	d := m.Weight - m.Weight2/m.Weight
	if !(d > 0) || m.Weight2 < tiny || math.IsInf(m.Weight2, 1) {
		return math.NaN()
	}
	return m.Squares / d
}

func (m *moments) skewness() float64 {
	if !spread(m.Squares) || !known(m.Cubes) || m.Squares*math.Sqrt(m.Squares/m.Weight) < tiny {
		return math.NaN()
	}
	return m.Cubes / m.Squares / math.Sqrt(m.Squares) * math.Sqrt(m.Weight)
}

func (m *moments) kurtosis() float64 {
	if !spread(m.Squares) || !known(m.Fourths) || m.Squares/m.Weight*m.Squares < tiny {
		return math.NaN()
	}
	return m.Fourths/m.Squares/m.Squares*m.Weight - 3
}

// tiny is the least sum of powers that is told: of a lesser one, what was too small for a float64 may be a part that counts.
const tiny = 0x1p-970

// spread reports whether squares can be divided by.
func spread(squares float64) bool { return squares > 0 && !math.IsInf(squares, 1) }

// known reports whether v is a value: neither NaN nor infinite.
func known(v float64) bool { return v-v == 0 }

// weighty reports whether a value of that weight counts. It panics if no value can have it.
func weighty(w float64, who string) bool {
	if !(w >= 0) || math.IsInf(w, 1) {
		panic("stats: " + who + ": a weight is finite and not negative")
	}
	return w > 0
}
