package source_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
)

func TestNil(t *testing.T) {
	for message, f := range map[string]func(){
		"source: Chan(nil): the channel is nil":         func() { source.Chan[int](nil) },
		"source: Seq(nil): the sequence is nil":         func() { source.Seq[int](nil) },
		"source: Generate(3, nil): the function is nil": func() { source.Generate[int](3, nil) },
		"source: Generate: option 1 is nil":             func() { source.Generate(3, func(i int64) int64 { return i }, nil) },
	} {
		require.PanicsWithValue(t, message, f)
	}
}
