package doortest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
)

// Disturb runs a job to its end. It takes checkpoints, of which not all instances are told, is killed four times, and begins again with another number of instances
// from the last checkpoint, or anew where there is none yet. Build is as in Start.
func Disturb(t testing.TB, build func() any, rng *rand.Rand) {
	t.Helper()
	DisturbFrom(t, build, door.From{}, rng)
}

// DisturbFrom is Disturb of a job that goes on from a checkpoint of a run in one process, where own has one.
func DisturbFrom(t testing.TB, build func() any, own door.From, rng *rand.Rand) {
	t.Helper()
	var from *Checkpoint
	for life := 0; ; life++ {
		o := Options{From: from, Deaf: func() bool { return rand.IntN(3) == 0 }}
		o.Config = door.Config{Shards: 1 + rng.IntN(4), Batch: 1 + rng.IntN(8), Checkpoints: true}
		if from == nil {
			o.Config.From = own
		}
		job, err := Start(t.Context(), build, o)
		require.NoError(t, err)
		for range rng.IntN(3) {
			c, err := job.Checkpoint(t.Context())
			require.NoError(t, err)
			from = c
			time.Sleep(time.Duration(rng.Int64N(int64(time.Millisecond))))
		}
		if life < 4 {
			job.Kill()
			continue
		}
		require.NoError(t, job.Wait(t.Context()))
		return
	}
}

// DisturbEndless is Disturb of a job that has no end. Next is called when each of the five lives has begun, and the last one lasts until done reports true. Checkpoints go on, as
// what sinks commit shows with them.
func DisturbEndless(t testing.TB, build func() any, rng *rand.Rand, next func(life int), done func() bool) {
	t.Helper()
	var from *Checkpoint
	for life := range 5 {
		o := Options{From: from, Deaf: func() bool { return rand.IntN(3) == 0 }}
		o.Config = door.Config{Shards: 1 + rng.IntN(4), Batch: 1 + rng.IntN(8), Checkpoints: true}
		job, err := Start(t.Context(), build, o)
		require.NoError(t, err)
		next(life)
		end := time.Now().Add(time.Minute)
		for n := rng.IntN(8); n > 0 || life == 4 && !done(); n-- {
			require.True(t, time.Now().Before(end), "within a minute")
			from, err = job.Checkpoint(t.Context())
			require.NoError(t, err)
			time.Sleep(time.Duration(rng.Int64N(int64(5 * time.Millisecond))))
		}
		job.Kill()
	}
}
