package recovery_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
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

// faultyStore has calls of a store fail when the faults let them: a write
// before it has done anything, or after it has done everything.
type faultyStore struct {
	checkpoint.Store
	faults *faults
}

func (s faultyStore) Write(name string, parts ...[]byte) error {
	kind := "write state"
	if strings.HasPrefix(name, "m") {
		kind = "write manifest"
	}
	if err := s.faults.in(kind); err != nil {
		return err
	}
	if err := s.Store.Write(name, parts...); err != nil {
		return err
	}
	return s.faults.in(kind + ", which it has")
}

func (s faultyStore) Read(name string) ([]byte, error) {
	if err := s.faults.in("read from the store"); err != nil {
		return nil, err
	}
	return s.Store.Read(name)
}

func (s faultyStore) List() ([]string, error) {
	if err := s.faults.in("list the store"); err != nil {
		return nil, err
	}
	return s.Store.List()
}

func (s faultyStore) Lock() (func() error, error) {
	if err := s.faults.in("lock the store"); err != nil {
		return nil, err
	}
	return s.Store.Lock()
}

func (s faultyStore) Remove(name string) error {
	if err := s.faults.in("remove from the store"); err != nil {
		return err
	}
	return s.Store.Remove(name)
}

// flipBit turns a bit of one of the files of a store, and returns its name.
func flipBit(s checkpoint.Store, rng *rand.Rand) (name string) {
	names, err := s.List()
	if err != nil || len(names) == 0 {
		return ""
	}
	name = names[rng.IntN(len(names))]
	data, err := s.Read(name)
	if err != nil || len(data) == 0 {
		return ""
	}
	data[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
	if s.Write(name, data) != nil {
		return ""
	}
	return name
}

// A bit that turns in a stored file while nobody looks ends in the right
// results or in an error that says which checkpoints are no good: what was shown
// stays as it was, and an older checkpoint is taken only where nothing
// comes twice by that.
func TestFlippedBits(t *testing.T) {
	outcomes := map[string]int{}
	for s := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(s, 7))
			var events []tick
			for i := range 150 {
				events = append(events, tick{Key: rng.IntN(accounts), Val: rng.IntN(100), At: int64(i) - rng.Int64N(9), ID: i})
			}
			still := func(e tick) tick { return e }
			plain, shown := &ledger{}, &ledger{}
			calm := &faults{rng: rng, hit: map[string]int{}}
			require.NoError(t, bank(newQueue([][]tick{events}, calm), plain, calm, still).
				Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour)))

			store, q := checkpoint.Memory(), newQueue([][]tick{events}, calm)
			var log bytes.Buffer
			life := func(d time.Duration) error {
				ctx, cancel := context.WithTimeout(t.Context(), d)
				defer cancel()
				return bank(q, shown, calm, still).Run(ctx, stream.Checkpoints(store, 10*time.Millisecond),
					stream.Logger(slog.New(slog.NewTextHandler(&log, nil))))
			}
			if err := life(20*time.Millisecond + time.Duration(rng.Int64N(int64(60*time.Millisecond)))); err != nil {
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
			before := slices.Clone(shown.rows)
			flipped := flipBit(store, rng)
			err := life(time.Hour)
			switch {
			case err == nil:
				require.Equal(t, plain.sorted(), shown.sorted(), "seed %d: a bit of %s", s, flipped)
				if strings.Contains(log.String(), "cannot be read") {
					outcomes["another checkpoint was taken or none needed, and the log says so"]++
				} else {
					outcomes["it was of no use any more"]++
				}
			case refused(err):
				outcomes["refused: more has been shown or acknowledged"]++
			case errors.Is(err, checkpoint.ErrUnreadable):
				outcomes["refused: none can be read"]++
			default:
				require.NoError(t, err, "seed %d: a bit of %s", s, flipped)
			}
			if err != nil {
				require.Contains(t, log.String(), "cannot be read", "seed %d: a bit of %s", s, flipped)
				require.Equal(t, before, shown.rows, "seed %d", s)
			}
		})
	}
	for _, line := range hits(outcomes) {
		t.Log(line)
	}
	require.Greater(t, len(outcomes), 2)
}
