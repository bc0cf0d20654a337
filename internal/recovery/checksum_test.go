package recovery_test

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// change changes a file of a store and has its checksum right again.
func change(t testing.TB, s checkpoint.Store, name string, f func(b []byte)) {
	const header = 24
	b, err := s.Read(name)
	require.NoError(t, err)
	f(b)
	table := crc32.MakeTable(crc32.Castagnoli)
	binary.LittleEndian.PutUint32(b[20:], crc32.Update(crc32.Checksum(b[:20], table), table, b[header:]))
	require.NoError(t, s.Write(name, b))
}

// stopped returns the store of a bank that was stopped in the midst.
func stopped(t testing.TB, events []tick) checkpoint.Store {
	store, f := checkpoint.Memory(), steady()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	still := func(e tick) tick { return e }
	err := bank(newQueue([][]tick{events}, f), &ledger{}, f, still).Run(ctx, stream.Shards(2), stream.BatchSize(8), stream.Checkpoints(store, 8*time.Millisecond))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	return store
}

// play runs the bank from what is in the store.
func play(t testing.TB, store checkpoint.Store, events []tick) error {
	f := steady()
	still := func(e tick) tick { return e }
	return bank(newQueue([][]tick{events}, f), &ledger{}, f, still).Run(t.Context(), stream.Shards(1), stream.Checkpoints(store, time.Hour))
}

// Whatever state stands in files whose checksums are right: Run returns, with
// an error or without, and takes no more memory than for what was there.
func FuzzStateOfAnyBytes(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 9))
	for range 60 {
		f.Add(rng.Uint32(), rng.Uint32(), []byte{byte(rng.Uint32()), byte(rng.Uint32())})
		f.Add(rng.Uint32(), rng.Uint32(), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
		f.Add(rng.Uint32(), rng.Uint32(), []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0})
	}
	var events []tick
	for i := range 150 {
		events = append(events, tick{Key: rng.IntN(accounts), Val: rng.IntN(100), At: int64(i) - rng.Int64N(9), ID: i})
	}
	f.Fuzz(func(t *testing.T, file, at uint32, put []byte) {
		synctest.Test(t, func(t *testing.T) {
			store := stopped(t, events)
			names, err := store.List()
			require.NoError(t, err)
			name := names[int(file%uint32(len(names)))]
			change(t, store, name, func(b []byte) {
				if n := len(b) - 24; n > 0 {
					copy(b[24+int(at%uint32(n)):], put)
				}
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err = play(t, store, events)
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
			if p, ok := errors.AsType[*stream.PanicError](err); ok {
				require.ErrorContains(t, err, "restore the state of checkpoint", "%s", p.Stack)
			}
		})
	})
}
