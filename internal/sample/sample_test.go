package sample_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sample"
)

func TestOf(t *testing.T) {
	cases := []string{"a", "b", "c", "d", "e", "f", "g"}
	t.Setenv("FRESHET_LONG", "")
	var all []string
	for _, seed := range []string{"17", "18", "19"} {
		t.Setenv("FRESHET_SAMPLE", seed)
		some := sample.Of(t, 3, cases)
		require.Equal(t, some, sample.Of(t, 3, cases), "a run can be repeated")
		all = append(all, some...)
	}
	slices.Sort(all)
	require.Equal(t, cases, all, "each case is in one of the parts")
	require.Equal(t, cases, sample.Of(t, 1, cases))
	require.Empty(t, sample.Of(t, 3, cases[:0]))

	t.Setenv("FRESHET_SAMPLE", "")
	require.Contains(t, []int{2, 3}, len(sample.Of(t, 3, cases)))
	t.Setenv("FRESHET_LONG", "1")
	require.Equal(t, cases, sample.Of(t, 3, cases))
}
