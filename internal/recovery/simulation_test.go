package recovery_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

var (
	seeds = flag.Int("seeds", racing.Rounds(50, 15), "how many simulations are played")
	seed  = flag.Uint64("seed", 0, "the only simulation to play, if not 0")
)

// bank is a pipeline of transfers between accounts: a tick takes Val from
// account Key and gives it to the next one. Whatever happens, money is neither
// made nor lost.
func bank(q *queue, l *ledger, f *faults, fail func(tick) tick) *stream.Pipeline {
	p := stream.New("bank")
	onTime, late := p.From(q, stream.Name("transfers")).
		Map(fail).
		EventTime(tick.time, stream.Disorder(5*time.Second), stream.Idle(100*time.Millisecond)).
		SplitLate()
	all := books(onTime).Merge(late.Map(func(e tick) string { return fmt.Sprintf("late %d", e.ID) }))
	show(all, l, f)
	return p
}

// books are what is made of transfers.
func books(onTime stream.Stream[tick]) stream.Stream[string] {
	postings := onTime.FlatMap(func(e tick, emit func(posting)) {
		emit(posting{e.Key, -e.Val, e.ID})
		emit(posting{(e.Key + 1) % accounts, e.Val, e.ID})
	})
	keyed := postings.KeyBy(posting.account)
	second := window.Tumbling(7 * time.Second)
	return stream.Union([]stream.Stream[string]{
		keyed.Window(second).Aggregate(window.Sum(posting.amount)).
			Map(func(p stream.Pane[int, int]) string {
				return fmt.Sprintf("window %d account %d %+d", p.End.Unix(), p.Key, p.Value)
			}),
		postings.Window(second).Aggregate(window.Sum(posting.amount)).
			Map(func(p stream.Pane[stream.NoKey, int]) string {
				return fmt.Sprintf("total %d %+d", p.End.Unix(), p.Value)
			}),
		postings.Window(window.Sliding(20*time.Second, 5*time.Second)).Count().
			Map(func(p stream.Pane[stream.NoKey, int64]) string {
				return fmt.Sprintf("count %d %d", p.End.Unix(), p.Value)
			}),
		keyed.Running(window.Sum(posting.amount), stream.InOrder()).
			Map(func(kv stream.KeyValue[int, int]) string { return fmt.Sprintf("balance of %d %+d", kv.Key, kv.Value) }),
		onTime.KeyBy(tick.key).IntervalJoin(onTime.KeyBy(tick.key), 1, 4*time.Second, stream.LeftOuter, func(m stream.Match[tick, tick]) string {
			return fmt.Sprintf("transfer %d then %d", m.Left.ID, m.Right.ID)
		}),
		keyed.Apply(newStatements, stream.Name("statements"), stream.InOrder()),
		onTime.Map(func(e tick) string { return fmt.Sprintf("in time %d", e.ID) }),
	})
}

// show has rows be shown by a ledger, and what it refuses by another.
func show(rows stream.Stream[string], l *ledger, f *faults) {
	if l.file != nil {
		rows.To(l.file)
	}
	if l.refused == nil {
		rows.To(ledgerSink{l, f}, stream.Name("ledger"))
		return
	}
	var bad stream.Failures[string]
	rows.To(ledgerSink{l, f}, stream.Name("ledger"), stream.Divert(&bad))
	bad.Stream().Map(func(f stream.Failed[string]) string { return "refused " + f.Value }).
		To(ledgerSink{l.refused, f}, stream.Name("refused"))
}

const accounts = 5

type posting struct{ Account, Amount, ID int }

func (p posting) account() int { return p.Account }
func (p posting) amount() int  { return p.Amount }

// Runs with batches, interleavings, shards, moments of checkpoints, failures
// and restarts of chance show what an undisturbed run shows: each result
// once. The seed decides all of it but the order in which the scheduler
// has goroutines run.
func TestSimulation(t *testing.T) {
	t.Parallel()
	first, n := uint64(1), *seeds
	if *seed > 0 {
		first, n = *seed, 1
	}
	var all played
	all.failed = map[string]int{}
	for s := first; s < first+uint64(n); s++ {
		synctest.Test(t, func(t *testing.T) {
			one := simulate(t, s)
			for call, n := range one.failed {
				all.failed[call] += n
			}
			all.restarts += one.restarts
			all.stops += one.stops
			all.again += one.again
			all.givenUp += one.givenUp
			all.exits += one.exits
		})
		if t.Failed() {
			t.Fatalf("play it again with -run TestSimulation -seed %d", s)
		}
	}
	t.Logf("%d simulations, %d restarts, %d stops, %d commits that came twice, %d checkpoints given up, %d goroutines ended by a function; what failed, and how often:",
		n, all.restarts, all.stops, all.again, all.givenUp, all.exits)
	for _, line := range hits(all.failed) {
		t.Log(line)
	}
	if n > 100 {
		require.Greater(t, len(all.failed), 10, "nearly nothing has failed")
		require.NotZero(t, all.stops)
		require.NotZero(t, all.again)
		require.NotZero(t, all.givenUp)
		require.NotZero(t, all.exits)
	}
}

// givenUp is what a run says of a checkpoint that it has given up.
const givenUp = "did not come about in time"

// played is what has happened in a simulation.
type played struct {
	failed                 map[string]int // how often which call has
	restarts, stops, again int
	givenUp, exits         int
}

func simulate(t *testing.T, seed uint64) (one played) {
	rng := rand.New(rand.NewPCG(seed, 4))
	parts := make([][]tick, 1+rng.IntN(3))
	id := 0
	for i := range parts {
		clock := int64(-30)
		for range rng.IntN(30) {
			clock += rng.Int64N(4)
			id++
			parts[i] = append(parts[i], tick{Key: rng.IntN(accounts), Val: rng.IntN(100), At: clock - rng.Int64N(7), ID: id})
		}
	}
	still := func(e tick) tick { return e }
	calm := func() *faults { return &faults{rng: rand.New(rand.NewPCG(seed, 5)), hit: map[string]int{}} }
	refuses := func(row string) bool { return strings.HasSuffix(row, "3") }
	plain := &ledger{refuses: refuses, refused: &ledger{}}
	f := calm()
	err := bank(newQueue(parts, f), plain, f, still).Run(t.Context(), stream.Shards(1),
		stream.Checkpoints(checkpoint.Memory(), time.Hour))
	require.NoError(t, err)
	want := plain.all()
	require.Empty(t, moneyMade(want))

	f = calm()
	one.failed = f.hit
	f.p = rng.Float64() * 0.05
	var until atomic.Int64
	until.Store(1 + rng.Int64N(200))
	var exits atomic.Int64
	panics := func(e tick) tick {
		if f.p > 0 && until.Add(-1) == 0 {
			until.Store(50 + int64(e.ID)*7%300)
			if e.ID%2 == 0 {
				exits.Add(1)
				runtime.Goexit()
			}
			panic(errFault)
		}
		return e
	}
	file := &lineWriter{faults: f}
	shown := &ledger{refuses: refuses, refused: &ledger{}, file: sink.Writer(file, codec.Lines())}
	var log bytes.Buffer
	store := checkpoint.Memory()
	q := newQueue(parts, f)
	q.silent = rng.IntN(3) // so many are left out before they end
	for {                  // each is a process that restarts in place, and then dies or is stopped
		life := time.Hour
		if rng.IntN(3) == 0 {
			life = time.Duration(rng.Int64N(int64(100 * time.Millisecond)))
		}
		if rng.IntN(4) == 0 { // all is away for some time
			f.away(time.Now().Add(time.Duration(rng.Int64N(int64(10 * time.Millisecond)))))
		}
		ctx, cancel := context.WithTimeout(t.Context(), life)
		err = bank(q, shown, f, panics).Run(ctx,
			stream.Shards(1+rng.IntN(4)), stream.BatchSize(1+rng.IntN(40)),
			stream.Checkpoints(faultyStore{store, f}, 1+time.Duration(rng.Int64N(int64(20*time.Millisecond)))),
			stream.CheckpointTimeout(time.Duration(1+rng.Int64N(int64(60*time.Millisecond)))),
			stream.Restarts(3, time.Millisecond), stream.Logger(slog.New(slog.NewTextHandler(&log, nil))))
		cancel()
		if err == nil {
			break
		}
		if errors.Is(err, context.DeadlineExceeded) {
			one.stops++
			continue
		}
		if strings.Contains(err.Error(), "the last checkpoint") && strings.Contains(err.Error(), givenUp) {
			continue // one that had no time to stop
		}
		if one.failed["read from the store"] > 0 && refused(err) {
			continue // the next one may read the newest checkpoint
		}
		if exit, ok := errors.AsType[*stream.GoexitError](err); ok && exit != nil {
			continue
		}
		require.ErrorIs(t, err, errFault, "seed %d", seed)
	}
	if got := shown.all(); !slices.Equal(want, got) {
		t.Errorf("seed %d: %s", seed, difference(want, got))
	}
	// What is written at least once is there, in whole lines, and nothing else.
	lines := strings.Split(strings.TrimSuffix(file.String(), "\n"), "\n")
	slices.Sort(lines)
	if got := slices.Compact(lines); len(want) > 0 && !slices.Equal(slices.Compact(unrefused(want)), got) {
		t.Errorf("seed %d: of the file: %s", seed, difference(slices.Compact(unrefused(want)), got))
	}
	one.restarts, one.again = strings.Count(log.String(), "begins again"), shown.again
	one.givenUp = strings.Count(log.String(), givenUp)
	one.exits = int(exits.Load())
	return one
}

// all returns what the ledger shows, and that of refused rows.
func (l *ledger) all() []string {
	return slices.Sorted(slices.Values(slices.Concat(l.rows, l.refused.rows)))
}

// unrefused returns the rows as they were before any was refused.
func unrefused(rows []string) (all []string) {
	for _, r := range rows {
		all = append(all, strings.TrimPrefix(r, "refused "))
	}
	slices.Sort(all)
	return all
}

// moneyMade returns the windows whose postings do not add up to nothing.
func moneyMade(rows []string) (bad []string) {
	sums := map[int64]int{}
	for _, r := range rows {
		var end int64
		var account, amount int
		r = strings.TrimPrefix(r, "refused ")
		if _, err := fmt.Sscanf(r, "window %d account %d %d", &end, &account, &amount); err == nil {
			sums[end] += amount
		}
		if _, err := fmt.Sscanf(r, "total %d %d", &end, &amount); err == nil && amount != 0 {
			bad = append(bad, r)
		}
	}
	for end, sum := range sums {
		if sum != 0 {
			bad = append(bad, fmt.Sprint("window ", end, " adds up to ", sum))
		}
	}
	return bad
}

// Every event is in a result or among the late ones, and what is in neither is
// in the state: a run that is stopped anywhere has shown as many as its sources
// have been read, less those that windows hold.
func TestNothingVanishes(t *testing.T) {
	t.Parallel()
	for s := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(s, 6))
			var events []tick
			clock := int64(0)
			for i := range 200 {
				clock += rng.Int64N(3)
				events = append(events, tick{Key: rng.IntN(9), At: clock - rng.Int64N(9), ID: i})
			}
			f := &faults{rng: rng, hit: map[string]int{}}
			q := newQueue([][]tick{events}, f)
			store := checkpoint.Memory()
			shown := &ledger{}
			counted := func(ctx context.Context) error {
				p := stream.New("count")
				w := p.From(q).EventTime(tick.time, stream.Disorder(4*time.Second)).KeyBy(tick.key).Window(window.Tumbling(10 * time.Second))
				w.Count(stream.Name("windows")).
					Map(func(p stream.Pane[int, int64]) string { return fmt.Sprint(p.Value) }).
					Merge(w.Late().Map(func(tick) string { return "1" })).
					To(ledgerSink{shown, f})
				return p.Run(ctx, stream.Shards(2), stream.BatchSize(8), stream.Checkpoints(store, 10*time.Millisecond))
			}
			seen := func() (n int) {
				for _, r := range shown.rows {
					var k int
					_, err := fmt.Sscan(r, &k)
					require.NoError(t, err)
					n += k
				}
				return n
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.Int64N(int64(150*time.Millisecond))))
			defer cancel()
			err := counted(ctx)
			all, inspected := checkpoint.Inspect(store)
			require.NoError(t, inspected)
			var read uint64
			for _, s := range all[0].Sources {
				read += s.Count
			}
			require.LessOrEqual(t, seen(), int(read), "seed %d", s)
			if err == nil {
				require.Equal(t, 200, seen(), "seed %d", s)
				return
			}
			require.NoError(t, counted(t.Context()))
			require.Equal(t, 200, seen(), "seed %d", s)
		})
	}
}
