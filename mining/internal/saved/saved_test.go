package saved_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

type model struct {
	Weights []float64
	Name    string
	scratch []float64 `binary:"-"`
}

var kind = saved.As[model]("test.Model", 2)

func TestSaved(t *testing.T) {
	m := model{[]float64{1, math.NaN(), math.Inf(-1)}, "a", []float64{1}}
	b, err := kind.Append([]byte("before"), &m)
	require.NoError(t, err)
	require.Equal(t, "before", string(b[:6]))
	b = b[6:]
	var r model
	require.NoError(t, kind.Read(b, &r, nil))
	require.Nil(t, r.scratch)
	require.Equal(t, "a", r.Name)
	require.True(t, math.IsNaN(r.Weights[1]))

	bad := errors.New("bad")
	require.ErrorIs(t, kind.Read(b, &r, func(*model) error { return bad }), bad)
	for n := range b {
		require.Error(t, kind.Read(b[:n], &r, nil), "%d", n)
		flipped := append([]byte(nil), b...)
		flipped[n] ^= 1
		require.Error(t, kind.Read(flipped, &r, nil), "%d", n)
	}
	require.Error(t, kind.Read(append(b, 0), &r, nil))
	require.Equal(t, "a", r.Name, "a failed Read changes nothing")

	other, err := saved.As[model]("test.Other", 1).Append(nil, &m)
	require.NoError(t, err)
	require.ErrorContains(t, kind.Read(other, &r, nil), `mining: restore a test.Model: these bytes are a saved "test.Other"`)
	later, err := saved.As[model]("test.Model", 3).Append(nil, &m)
	require.NoError(t, err)
	require.ErrorContains(t, kind.Read(later, &r, nil), "in format 3; this one reads up to 2")
	require.Panics(t, func() { saved.As[func()]("test.Func", 1) })
	require.Panics(t, func() { saved.As[model]("", 1) })
}

func FuzzRead(f *testing.F) {
	b, err := kind.Append(nil, &model{[]float64{1, 2}, "a", nil})
	require.NoError(f, err)
	f.Add(b)
	f.Add([]byte("test.Model\x00\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m model
		if kind.Read(data, &m, nil) == nil {
			again, err := kind.Append(nil, &m)
			require.NoError(t, err)
			require.NoError(t, kind.Read(again, &m, nil))
		}
	})
}
