package neighbors

import (
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
)

// A Metric is a distance of events.
type Metric uint8

const (
	// Euclidean is the square root of the sum of the squared differences.
	Euclidean Metric = iota
	// Manhattan is the sum of the absolute differences.
	Manhattan
	// Cosine is 1 minus the cosine of the angle between the events: their lengths do not count. An event that
	// is all 0 is at a distance of 1 to all.
	Cosine
)

// An Option changes a model.
type Option func(*window)

// By sets the distance. The default is Euclidean.
func By(m Metric) Option {
	if m > Cosine {
		panic(fmt.Sprintf("neighbors: By: there is no metric %d", m))
	}
	return func(w *window) { w.Metric = m }
}

// Nearer has a neighbor count 1/distance, and not 1. Where some are at a distance of 0, they alone
// count.
func Nearer() Option { return func(w *window) { w.Nearer = true } }

// A window has the last events.
type window struct {
	Features, K, Most int
	Metric            Metric
	Nearer            bool
	X                 []float64 // one event behind the other; missing values are NaN
	Y                 []float64
	Next              int        // where the next event goes, once there are Most
	query             []float64  `binary:"-"`
	near              []neighbor `binary:"-"`
}

// A neighbor is one of the nearest.
type neighbor struct{ distance, y float64 }

func newWindow(features, k, most int, who string, opts []Option) window {
	if features < 1 || k < 1 || most < k || features > math.MaxInt32/most {
		panic(fmt.Sprintf("neighbors: %s: a window of %d events with %d features for %d neighbors", who, most, features, k))
	}
	w := window{Features: features, K: k, Most: most}
	for _, o := range opts {
		o(&w)
	}
	return w
}

func (w *window) check() error {
	if w.Features < 1 || w.K < 1 || w.Most < w.K || len(w.Y) > w.Most || len(w.X)/w.Features != len(w.Y) || len(w.X)%w.Features != 0 ||
		w.Next < 0 || w.Next >= w.Most || w.Metric > Cosine {
		return errors.New("its window does not fit together")
	}
	return nil
}

// far bounds values, so that sums of squares stay finite.
const far = 1e140

func (w *window) read(x mining.Vector, to []float64, who string) {
	x.Within(w.Features, who)
	for p, v := range x.Expand(to) {
		if !mining.Known(v) {
			v = mining.Missing
			if w.Metric == Cosine {
				v = 0
			}
		}
		to[p] = min(far, max(-far, v))
	}
}

func (w *window) learn(x mining.Vector, y float64, who string) {
	if len(w.Y) < w.Most {
		n := len(w.X)
		for range w.Features {
			w.X = append(w.X, 0)
		}
		w.read(x, w.X[n:], who)
		w.Y = append(w.Y, y)
		return
	}
	w.read(x, w.X[w.Next*w.Features:(w.Next+1)*w.Features], who)
	w.Y[w.Next] = y
	w.Next = (w.Next + 1) % w.Most
}

// nearest returns the nearest events, the nearest first. It is valid until the next call.
func (w *window) nearest(x mining.Vector, who string) []neighbor {
	w.query = mining.Sized(w.query, w.Features)
	w.read(x, w.query, who)
	w.near = w.near[:0]
	n := len(w.Y)
	for i := range n {
		// From the newest to the oldest: one that is as far as the last is not let in.
		at := (w.Next - 1 - i + 2*n) % n
		d := w.distance(w.query, w.X[at*w.Features:(at+1)*w.Features])
		if len(w.near) == w.K {
			if d >= w.near[w.K-1].distance {
				continue
			}
			w.near = w.near[:w.K-1]
		}
		k := len(w.near)
		w.near = append(w.near, neighbor{})
		for ; k > 0 && w.near[k-1].distance > d; k-- {
			w.near[k] = w.near[k-1]
		}
		w.near[k] = neighbor{d, w.Y[at]}
	}
	return w.near
}

func (w *window) distance(a, b []float64) float64 {
	if w.Metric == Cosine {
		return cosine(a, b)
	}
	sum, known := 0.0, 0
	for p, v := range a {
		d := v - b[p]
		if d != d {
			continue
		}
		known++
		if w.Metric == Euclidean {
			sum += d * d
		} else {
			sum += math.Abs(d)
		}
	}
	if known < len(a) {
		if known == 0 {
			return math.MaxFloat64
		}
		sum *= float64(len(a)) / float64(known)
	}
	if w.Metric == Euclidean {
		return math.Sqrt(sum)
	}
	return sum
}

func cosine(a, b []float64) float64 {
	ab, aa, bb := 0.0, 0.0, 0.0
	for p, v := range a {
		ab += v * b[p]
		aa += v * v
		bb += b[p] * b[p]
	}
	if aa == 0 || bb == 0 {
		return 1
	}
	return max(0, 1-ab/math.Sqrt(aa)/math.Sqrt(bb))
}

// weight is what a neighbor counts beside the others.
func (w *window) weight(near []neighbor, i int) float64 {
	if !w.Nearer {
		return 1
	}
	if one := 1 / near[0].distance; math.IsInf(one, 0) { // the nearest comes first
		if math.IsInf(1/near[i].distance, 0) {
			return 1
		}
		return 0
	}
	// Beside the nearest, so that all are within 0 and 1.
	return near[0].distance / near[i].distance
}
