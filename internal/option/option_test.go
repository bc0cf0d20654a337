package option_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/option"
)

type setting func(*int)

func TestApply(t *testing.T) {
	n := 1
	option.Apply("here", &n, []setting{func(n *int) { *n += 2 }, func(n *int) { *n *= 5 }})
	require.Equal(t, 15, n, "in their order")
	option.Apply[int, setting]("here", nil, nil)
	require.PanicsWithValue(t, "here: option 2 of 2 is nil", func() { option.Apply("here", &n, []setting{func(*int) {}, nil}) })
}
