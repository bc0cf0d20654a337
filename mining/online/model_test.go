package online_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"testing"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// tally is a model as small as one can be that is a classifier and a regressor of one feature, an outlier
// model and a detector. It holds two sums, so that it merges.
type tally struct{ n, sum, at float64 }

func newTally() *tally { return &tally{} }

func (t *tally) Learn(x mining.Vector, y float64) {
	x.Within(1, "tally")
	if mining.Known(y) {
		t.n++
		t.sum += y
		if v := x.At(0); mining.Known(v) {
			t.at += v
		}
	}
}

// Predict is the mean of the labels, moved a little by the feature.
func (t *tally) Predict(x mining.Vector) float64 {
	x.Within(1, "tally")
	v := x.At(0)
	if !mining.Known(v) {
		v = 0
	}
	return min(1e300, max(-1e300, (t.sum+1)/(t.n+2)+0.001*math.Tanh(v-t.at/(t.n+1))))
}

func (t *tally) Merge(u *tally) { t.n, t.sum, t.at = t.n+u.n, t.sum+u.sum, t.at+u.at }

func (t *tally) AppendBinary(b []byte) ([]byte, error) {
	start := len(b)
	for _, v := range []float64{t.n, t.sum, t.at} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:])), nil
}

var errTally = errors.New("tally: these bytes are none")

func (t *tally) UnmarshalBinary(b []byte) error {
	if len(b) != 28 || crc32.ChecksumIEEE(b[:24]) != binary.LittleEndian.Uint32(b[24:]) {
		return errTally
	}
	at := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])) }
	*t = tally{at(0), at(1), at(2)}
	return nil
}

// classes has a tally give probabilities of k classes.
type classes struct {
	tally
	k int
}

func newClasses(k int) func() *classes { return func() *classes { return &classes{k: k} } }

func (c *classes) Classes() int { return c.k }

func (c *classes) Probabilities(x mining.Vector, to []float64) []float64 {
	to = mining.Sized(to, c.k)
	p := min(1, max(0, c.Predict(x)/float64(c.k-1)))
	for i := range to {
		to[i] = (1 - p) / float64(c.k-1)
	}
	to[c.k-1] = p
	return to
}

// strange is a tally as an outlier model.
type strange struct{ tally }

func newStrange() *strange { return &strange{} }

func (s *strange) Learn(x mining.Vector)         { s.tally.Learn(x, 1) }
func (s *strange) Score(x mining.Vector) float64 { return math.Abs(x.At(0) - s.at/max(1, s.n)) }

// alarm is a tally as a detector: it says so every time that three ones have come.
type alarm struct{ tally }

func newAlarm() *alarm { return &alarm{} }

func (a *alarm) Add(x float64) bool {
	a.n++
	if a.sum += x; a.sum < 3 {
		return false
	}
	a.sum = 0
	return true
}

func TestModels(t *testing.T) {
	m := miningtest.Regressor(1, newTally)
	m.Merge = (*tally).Merge
	m.Tolerance = 1e-6
	miningtest.Check(t, m)
}

// A hit is an event of these tests.
type hit struct {
	Key   string
	X     float64
	Y     float64
	At    time.Time
	Place int // of the feature; 0 is the only one that the models have
}

func (h hit) key() string   { return h.Key }
func (h hit) at() time.Time { return h.At }
func (h hit) y() float64    { return h.Y }

func (h hit) features(x *mining.Vector) {
	if h.X == 666 {
		panic("the number of the beast")
	}
	x.Put(h.Place, h.X)
}

var morning = time.Date(2026, 11, 29, 6, 0, 0, 0, time.UTC)

func vectorOf(h hit) (x mining.Vector) {
	h.features(&x)
	return x
}
