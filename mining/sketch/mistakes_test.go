package sketch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/sketch"
)

// TestZeroValues: those of what has to be made say so, and are not saved as what cannot be read.
func TestZeroValues(t *testing.T) {
	for what, f := range map[string]func(){
		"sketch: HLL.Add: NewHLL makes an HLL, its zero value is none":      func() { new(sketch.HLL).Add(1) },
		"sketch: HLL.Merge: NewHLL makes an HLL, its zero value is none":    func() { new(sketch.HLL).Merge(new(sketch.HLL)) },
		"sketch: HLL.Estimate: NewHLL makes an HLL, its zero value is none": func() { new(sketch.HLL).Estimate() },
		"sketch: KLL.Add: NewKLL makes a KLL, its zero value is none":       func() { new(sketch.KLL).Add(1) },
		"sketch: KLL.Merge: NewKLL makes a KLL, its zero value is none":     func() { sketch.NewKLL().Merge(new(sketch.KLL)) },
	} {
		require.PanicsWithValue(t, what, f)
	}
	b, err := new(sketch.KLL).AppendBinary([]byte("a"))
	require.ErrorContains(t, err, "NewKLL makes a KLL")
	require.Equal(t, "a", string(b))
	b, err = new(sketch.HLL).AppendBinary([]byte("a"))
	require.ErrorContains(t, err, "NewHLL makes an HLL")
	require.Equal(t, "a", string(b))

	k, h := sketch.NewKLL(), sketch.NewHLL()
	k.Add(3)
	h.Add(3)
	b, err = k.AppendBinary(nil)
	require.NoError(t, err)
	var read sketch.KLL
	require.NoError(t, read.UnmarshalBinary(b)) // into a zero value is how it is read
	require.Equal(t, 3.0, read.Quantile(0.5))
	b, err = h.AppendBinary(nil)
	require.NoError(t, err)
	var again sketch.HLL
	require.NoError(t, again.UnmarshalBinary(b))
	again.Merge(h)
}

func TestTopOfLessThanNothing(t *testing.T) {
	f := sketch.NewFrequent[string]()
	require.Empty(t, f.Top(0))
	require.PanicsWithValue(t, "sketch: Frequent.Top: k is 0 or more, not -1", func() { f.Top(-1) })
}
