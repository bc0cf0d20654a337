package redissink_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// In another engine, where writers and committers are apart, each row is in a list once, though jobs are killed and go on with other
// numbers of instances, and committers are not always told that a checkpoint is durable.
func TestOtherEngine(t *testing.T) {
	client := redistest.Start(t).Client()
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 3))
		parts := make([][]string, 1+rng.IntN(3))
		want := []string{}
		for i := range parts {
			for n := range rng.IntN(120) {
				parts[i] = append(parts[i], fmt.Sprint(i, "-", n))
			}
			want = append(want, parts[i]...)
		}
		list := fmt.Sprint("rows ", seed)
		doortest.Disturb(t, func() any {
			p := stream.New(list)
			p.From(source.Slice(parts...)).Rebalance().
				To(redissink.ExactlyOnce(redissink.Lists(client, func(string) string { return list }, codec.Lines())))
			return p
		}, rng)
		got, err := client.LRange(t.Context(), list, 0, -1).Result()
		require.NoError(t, err)
		slices.Sort(want)
		slices.Sort(got)
		require.Equal(t, want, got, "seed %d", seed)
	}
}
