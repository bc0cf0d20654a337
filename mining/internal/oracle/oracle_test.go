package oracle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/internal/oracle"
)

func TestAsk(t *testing.T) {
	var out struct{ Sum float64 }
	oracle.Ask(t, "testdata/sum.py", []float64{1, 2, 3.5}, &out)
	require.Equal(t, 6.5, out.Sum)
}

func TestSeed(t *testing.T) {
	t.Setenv("FRESHET_SEED", "17")
	require.EqualValues(t, 17, oracle.Seed(t))
	require.Equal(t, oracle.Random(t).Uint64(), oracle.Random(t).Uint64())
	t.Setenv("FRESHET_SEED", "")
	require.NotEqual(t, oracle.Seed(t), oracle.Seed(t))
}
