package recovery_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Partitions that appear, move and vanish at random, in runs that fail and are
// stopped at random, show what they show when all are there from the beginning:
// each result once.
func TestRoamingPartitions(t *testing.T) {
	t.Parallel()
	first, n := uint64(1), *seeds
	if *seed > 0 {
		first, n = *seed, 1
	}
	var failed, stopped, moved int
	for s := first; s < first+uint64(n); s++ {
		synctest.Test(t, func(t *testing.T) {
			f, st, m := roam(t, s)
			failed, stopped, moved = failed+f, stopped+st, moved+m
		})
		if t.Failed() {
			t.Fatalf("play it again with -run TestRoamingPartitions -seed %d", s)
		}
	}
	t.Logf("%d simulations, %d runs that failed, %d that were stopped, %d partitions that left and came back", n, failed, stopped, moved)
	if n >= 50 {
		require.NotZero(t, failed)
		require.NotZero(t, stopped)
		require.NotZero(t, moved)
	}
}

// roamers is bank, whose source may be one of either kind. Which events are late
// depends on when their partition comes, so none is.
func roamers(q stream.Source[tick], l *ledger, f *faults, times []stream.TimeOption) *stream.Pipeline {
	p := stream.New("bank")
	show(books(p.From(q, stream.Name("transfers")).EventTime(tick.time, times...)), l, f)
	return p
}

const most = 6 // partitions

func roam(t *testing.T, seed uint64) (failed, stopped, moved int) {
	rng := rand.New(rand.NewPCG(seed, 14))
	parts := make([][]tick, 1+rng.IntN(most))
	id := 0
	for i := range parts {
		clock := int64(-30)
		for range rng.IntN(30) {
			clock += rng.Int64N(2)
			id++
			at := (clock-rng.Int64N(5))*most + int64(i) // no two partitions have events of one time, as their order is that in which they come
			parts[i] = append(parts[i], tick{Key: rng.IntN(accounts), Val: rng.IntN(100), At: at, ID: id})
		}
	}
	times := []stream.TimeOption{stream.Disorder(6 * most * time.Second)}
	if rng.IntN(2) == 0 {
		times = append(times, stream.MaxDrift(time.Hour)) // partitions without a time yet hold all up at less
	}
	f := &faults{rng: rand.New(rand.NewPCG(seed, 15)), hit: map[string]int{}}
	plain := &ledger{}
	require.NoError(t, roamers(newQueue(parts, f), plain, f, times).Run(t.Context(), stream.Shards(1),
		stream.Checkpoints(checkpoint.Memory(), time.Hour)))

	f.p = rng.Float64() * 0.02
	shown, store, q := &ledger{}, checkpoint.Memory(), newNomads(parts, f)
	for {
		life := time.Hour
		if rng.IntN(3) == 0 {
			life = time.Duration(rng.Int64N(int64(200 * time.Millisecond)))
		}
		ctx, cancel := context.WithTimeout(t.Context(), life)
		err := roamers(q, shown, f, times).Run(ctx,
			stream.Shards(1+rng.IntN(4)), stream.BatchSize(1+rng.IntN(40)),
			stream.Checkpoints(faultyStore{store, f}, 1+time.Duration(rng.Int64N(int64(20*time.Millisecond)))),
			stream.Restarts(3, time.Millisecond))
		cancel()
		if err == nil {
			break
		}
		if errors.Is(err, context.DeadlineExceeded) {
			stopped++
			continue
		}
		failed++
		if refused(err) || strings.Contains(err.Error(), givenUp) {
			continue
		}
		require.ErrorIs(t, err, errFault, "seed %d", seed)
	}
	want, got := plain.sorted(), shown.sorted()
	if !slices.Equal(want, got) {
		t.Errorf("seed %d: %s", seed, difference(want, got))
	}
	return failed, stopped, q.moved
}
