package tree_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/tree"
)

// FuzzEvents: whatever events come, a tree answers probabilities and numbers, and goes on after it was saved.
func FuzzEvents(f *testing.F) {
	var data []byte
	for i := range 60 {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(float64(i%7)))
	}
	f.Add(data)
	for _, v := range []float64{math.NaN(), math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.SmallestNonzeroFloat64} {
		data = append(data[:160:160], data...)
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 24*300)]
		opts := []tree.Option{tree.Grace(2), tree.Delta(0.5), tree.MaxLeaves(9), tree.MaxActive(3), tree.Nominal(1), tree.MaxValues(3)}
		h, r := tree.NewHoeffding(2, 2, opts...), tree.NewRegressor(2, opts...)
		for i := 0; len(data) >= 24; i, data = i+1, data[24:] {
			var v [3]float64
			for k := range v {
				v[k] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*k:]))
			}
			x, class := mining.Dense(v[:2]...), float64(data[16]&1)
			for _, p := range h.Probabilities(x, nil) {
				require.True(t, p >= 0 && p <= 1, "%v", p)
			}
			require.True(t, mining.Known(r.Predict(x)))
			h.Learn(x, class)
			r.Learn(x, v[2])
		}
		require.LessOrEqual(t, h.Leaves(), 9)
		require.LessOrEqual(t, r.Leaves(), 9)
		b, err := h.AppendBinary(nil)
		require.NoError(t, err)
		require.NoError(t, h.UnmarshalBinary(b))
		b, err = r.AppendBinary(nil)
		require.NoError(t, err)
		require.NoError(t, r.UnmarshalBinary(b))
	})
}
