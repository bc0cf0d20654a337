package tune_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/tune"
)

// TestNothingToSearch: what is nil is named before anything runs.
func TestNothingToSearch(t *testing.T) {
	space := new(tune.Space)
	objective := func(context.Context, *tune.Trial) (float64, error) { return 0, nil }
	for what, f := range map[string]func(){
		"tune: Search: the space is nil":     func() { tune.Search(t.Context(), nil, tune.Random(), objective) },
		"tune: Search: the strategy is nil":  func() { tune.Search(t.Context(), space, nil, objective) },
		"tune: Search: the objective is nil": func() { tune.Search(t.Context(), space, tune.Random(), nil) },
	} {
		require.PanicsWithValue(t, what, f)
	}
}
