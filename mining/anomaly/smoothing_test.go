package anomaly

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// TestSmoothingOfPlacesWithoutValues: a shop that is closed on one day of the week is forecast the level on the first day that it opens, and
// what that day had on the next.
func TestSmoothingOfPlacesWithoutValues(t *testing.T) {
	for _, lead := range []int{0, 3, 10} { // days before the first value
		r, s := rand.New(rand.NewPCG(5, 5)), NewSmoothing(Season(7))
		assert.Zero(t, s.Forecast())
		for range lead {
			s.Add(math.NaN())
		}
		for day := range 7*8 + 6 {
			if day%7 == 6 {
				assert.InDelta(t, 1000, s.Forecast(), 20, "lead %d, day %d", lead, day)
				s.Add(math.NaN())
				continue
			}
			if day > 14 {
				assert.InDelta(t, 1000, s.Forecast(), 40, "lead %d, day %d", lead, day)
			}
			s.Add(1000 + 10*r.NormFloat64())
			if b, err := s.AppendBinary(nil); assert.NoError(t, err) && day%5 == 0 {
				s = NewSmoothing()
				assert.NoError(t, s.UnmarshalBinary(b))
			}
		}
		assert.InDelta(t, 1000, s.Forecast(), 20, "lead %d", lead)
		s.Add(400)
		for range 6 {
			assert.InDelta(t, 1000, s.Forecast(), 40, "lead %d", lead)
			s.Add(1000)
		}
		assert.InDelta(t, 400, s.Forecast(), 40, "lead %d", lead)
	}
	s := NewSmoothing(Season(3))
	for range 20 {
		s.Add(math.NaN())
	}
	assert.Zero(t, s.Forecast())
}

// TestSmoothingReadsWhatWasSavedBefore places were marked.
func TestSmoothingReadsWhatWasSavedBefore(t *testing.T) {
	type before struct {
		w        float64
		residual Residual
		level    float64
		seasonal []float64
		n, place int
	}
	whole, read := NewSmoothing(Season(4)), NewSmoothing()
	for i := range 20 {
		if i == 2 || i == 9 {
			old := before{whole.w, whole.residual, whole.level, whole.seasonal, whole.n, whole.place}
			b, err := saved.As[before]("anomaly.Smoothing", 1).Append(nil, &old)
			assert.NoError(t, err)
			assert.NoError(t, read.UnmarshalBinary(b))
			assert.Equal(t, whole, read)
		}
		whole.Add(float64(10 + i%4))
	}
}
