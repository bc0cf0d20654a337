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
