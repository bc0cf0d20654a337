package stream_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A Failed is written as JSON and comes back, its error as text.
func TestFailedJSON(t *testing.T) {
	f := codec.JSON[stream.Failed[string]]()
	for _, cause := range []error{errors.New("no price"), nil} {
		want := stream.Failed[string]{Value: "a", Time: 5, Operator: "map", Position: "f line 1", Err: cause}
		line, err := f.NewEncoder().Append(nil, want)
		require.NoError(t, err)
		var got stream.Failed[string]
		require.NoError(t, f.NewDecoder().Decode(line, &got))
		require.Equal(t, want, got)
	}
	line, err := f.NewEncoder().Append(nil, stream.Failed[string]{Value: "caf\xe9", Err: errors.New("caf\xe9")})
	require.NoError(t, err)
	require.Contains(t, string(line), `"Value":"caf\\xe9"`)
	require.Contains(t, string(line), `"Err":"caf\\xe9"`)

	// The other formats say so where they are made.
	require.Panics(t, func() { codec.Binary[stream.Failed[string]]() })
	require.Panics(t, func() { codec.CSV[stream.Failed[string]]() })
}
