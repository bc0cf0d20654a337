package miningtest_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// A Mean is a model of one's own: it predicts the mean of the labels, and 0 before the first. It
// does not look at features.
type Mean struct {
	n   uint64
	sum float64
}

// Learn adds y, if it is known.
func (m *Mean) Learn(_ mining.Vector, y float64) {
	if mining.Known(y) {
		m.n++
		m.sum += y
	}
}

// Predict returns the mean.
func (m *Mean) Predict(mining.Vector) float64 { return m.sum / max(1, float64(m.n)) }

// AppendBinary appends m.
func (m *Mean) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, "mean"...)
	b = binary.LittleEndian.AppendUint64(b, m.n)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(m.sum))
	var check byte
	for _, c := range b {
		check = check*31 + c
	}
	return append(b, check), nil
}

// UnmarshalBinary reads what AppendBinary appended.
func (m *Mean) UnmarshalBinary(b []byte) error {
	if len(b) != 21 {
		return errors.New("mean: not its length")
	}
	r := Mean{binary.LittleEndian.Uint64(b[4:]), math.Float64frombits(binary.LittleEndian.Uint64(b[12:]))}
	if again, _ := r.AppendBinary(nil); string(again) != string(b) {
		return errors.New("mean: damaged")
	}
	*m = r
	return nil
}

func meanOf() miningtest.Model[*Mean] {
	return miningtest.Regressor(3, func() *Mean { return new(Mean) })
}

// TestMean is all the test that it takes, besides one of its predictions.
func TestMean(t *testing.T) {
	m := meanOf()
	m.Merge = func(a, b *Mean) { a.n += b.n; a.sum += b.sum }
	m.Bytes = 21
	miningtest.Check(t, m)
}

func ExampleCheck() {
	// In a test, t is the *testing.T. Here it prints.
	var t printer
	miningtest.Check(t, miningtest.Regressor(3, func() *Mean { return new(Mean) }))
	fmt.Println("Mean keeps its promises")
	// Output: Mean keeps its promises
}

type printer struct{ testing.TB }

func (printer) Helper() {}

func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
