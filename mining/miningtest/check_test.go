package miningtest_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// reports notes what is reported.
type reports struct {
	testing.TB
	all []string
}

func (*reports) Helper() {}

func (r *reports) Errorf(format string, args ...any) {
	r.all = append(r.all, fmt.Sprintf(format, args...))
}

// TestBroken breaks each promise by itself, and Check has to say which.
func TestBroken(t *testing.T) {
	var shared float64
	kept := mining.Vector{}
	for promise, breaks := range map[string]func(m *miningtest.Model[*Mean]){
		"is the same for the same seed": func(m *miningtest.Model[*Mean]) {
			learn := m.Learn
			m.Learn = func(mean *Mean, x mining.Vector, y float64) { shared++; learn(mean, x, y+shared) }
		},
		"answers numbers": func(m *miningtest.Model[*Mean]) {
			m.Answer = func(mean *Mean, x mining.Vector, to []float64) []float64 { return append(to, mean.sum/float64(mean.n)) }
		},
		"answers without learning": func(m *miningtest.Model[*Mean]) {
			m.Answer = func(mean *Mean, x mining.Vector, to []float64) []float64 {
				mean.n++
				return append(to, mean.Predict(x))
			}
		},
		"keeps nothing of a vector": func(m *miningtest.Model[*Mean]) {
			m.New = func() *Mean { kept = mining.Vector{}; return new(Mean) }
			m.Learn = func(mean *Mean, x mining.Vector, y float64) {
				if mining.Known(y) {
					mean.n++
					if last := kept.At(0); mining.Known(last) {
						mean.sum = min(1e9, max(-1e9, mean.sum+last))
					}
					kept = x
				}
			}
		},
		"learns nothing from an unknown label": func(m *miningtest.Model[*Mean]) {
			m.Learn = func(mean *Mean, x mining.Vector, y float64) {
				mean.n++
				mean.Learn(x, y)
			}
		},
		"is bounded": func(m *miningtest.Model[*Mean]) { m.Bytes = 20 },
		"merges":     func(m *miningtest.Model[*Mean]) { m.Merge = func(a, b *Mean) { a.sum += b.sum } },
		"probabilities add up to 1": func(m *miningtest.Model[*Mean]) {
			m.Probabilities = true
			m.Answer = func(*Mean, mining.Vector, []float64) []float64 { return []float64{0.5, 0.6} }
		},
		"answers probabilities": func(m *miningtest.Model[*Mean]) {
			m.Probabilities = true
			m.Answer = func(*Mean, mining.Vector, []float64) []float64 { return []float64{-0.5, 1.5} }
		},
		"needs New": func(m *miningtest.Model[*Mean]) { m.Learn = nil },
	} {
		m, r := meanOf(), new(reports)
		breaks(&m)
		miningtest.Check(r, m)
		require.Contains(t, strings.Join(r.all, "\n"), promise)
	}
}

// forgetful is saved without its sum, and reads anything.
type forgetful struct{ Mean }

func (f *forgetful) AppendBinary(b []byte) ([]byte, error) {
	return binary.LittleEndian.AppendUint64(b, f.n), nil
}

func (f *forgetful) UnmarshalBinary(b []byte) error {
	if len(b) >= 8 {
		f.n = binary.LittleEndian.Uint64(b)
	}
	f.sum = math.Pi
	return nil
}

func TestForgetful(t *testing.T) {
	r := new(reports)
	miningtest.Check(r, miningtest.Regressor(3, func() *forgetful { return new(forgetful) }))
	all := strings.Join(r.all, "\n")
	for _, promise := range []string{"is restored", "goes on bit for bit", "refuses damaged bytes"} {
		require.Contains(t, all, promise)
	}
}
