package parquetsink_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/parquetsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// In another engine, where writers and committers are apart, each row is in a file once, though jobs are killed and go on with other numbers of instances.
func TestOtherEngine(t *testing.T) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 3))
		all := sales(rng.IntN(300))
		cut := rng.IntN(len(all) + 1)
		dir := t.TempDir()
		doortest.Disturb(t, func() any {
			p := stream.New("other engine")
			p.From(source.Slice(all[:cut], all[cut:])).Rebalance().
				To(parquetsink.Files[sale](dir, "sales-*.parquet", parquetsink.RowGroup(7, 1<<20), parquetsink.Roll(sink.RollRows(20))))
			return p
		}, rng)
		got := shown(t, filesystem.Dir(dir), ".")
		slices.SortFunc(got, func(a, b sale) int { return compare(a.ID, b.ID) })
		require.Len(t, got, len(all), "seed %d", seed)
		for i := range all {
			require.Equal(t, all[i], got[i], "seed %d", seed)
		}
	}
}
