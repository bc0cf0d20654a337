package tables_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A transfer moves money from one account to another.
type transfer struct {
	From, To int
	Cents    int64
}

// A posting is one of its two sides.
type posting struct {
	Account int
	Cents   int64
}

func (x transfer) postings(emit func(posting)) {
	emit(posting{x.From, -x.Cents})
	emit(posting{x.To, x.Cents})
}

func (p posting) account() int { return p.Account }
func (p posting) cents() int64 { return p.Cents }

// An owner has accounts, and lives in a region, which may change.
type owner struct{ ID, Region int }

const accounts, owners, regions = 23, 7, 3

// A bank is what money moves in: each of the results is zero as a whole at each time.
type bank struct {
	p         *stream.Pipeline
	transfers *streamtest.Input[transfer]
	moves     *streamtest.Input[stream.Change[owner]]

	total    *streamtest.Output[stream.Change[int64]]    // of all accounts
	balances *streamtest.Output[stream.Change[shownSum]] // of each account
	regions  *streamtest.Output[stream.Change[shownSum]] // of the accounts of the owners of each region
	differ   *streamtest.Output[stream.Change[int64]]    // of each account and the same account, by a longer way
	joined   *streamtest.Output[stream.Change[shownSum]] // of each account with its owner
}

type shownSum struct {
	Key int
	Sum int64
}

func newBank() *bank {
	b := &bank{p: stream.New("bank"), transfers: streamtest.NewInput[transfer](2), moves: streamtest.NewInput[stream.Change[owner]]()}
	keyed := func(k int, v int64) shownSum { return shownSum{k, v} }
	balances := b.p.From(b.transfers).FlatMap(transfer.postings).KeyBy(posting.account).AggregateTable(window.Sum(posting.cents))
	b.balances = streamtest.Collect(balances.MapValues(keyed).Changes())
	sum := window.Sum(func(n int64) int64 { return n })
	b.total = streamtest.Collect(balances.GroupBy(func(int, int64) int { return 0 }).Aggregate(sum).Changes())

	people := stream.TableOf(b.p.From(b.moves).KeyBy(func(c stream.Change[owner]) int { return c.Row().ID }))
	type belonging struct {
		Region int
		Sum    int64
	}
	joined := balances.ForeignKeyJoin(people, func(k int, _ int64) int { return k % owners }, stream.LeftOuter,
		func(m stream.Match[int64, owner]) belonging { return belonging{m.Right.Region, m.Left} })
	b.joined = streamtest.Collect(joined.MapValues(func(k int, x belonging) shownSum { return shownSum{k, x.Sum} }).Changes())
	perRegion := joined.GroupBy(func(_ int, x belonging) int { return x.Region }).
		Aggregate(window.Sum(func(x belonging) int64 { return x.Sum }))
	b.regions = streamtest.Collect(perRegion.MapValues(keyed).Changes())

	// An account and itself, once by way of two exchanges.
	longer := joined.Filter(func(_ int, x belonging) bool { return true }).MapValues(func(_ int, x belonging) int64 { return x.Sum })
	b.differ = streamtest.Collect(balances.Join(longer, stream.FullOuter,
		func(m stream.Match[int64, int64]) int64 { return m.Left - m.Right }).Filter(func(_ int, d int64) bool { return d != 0 }).Changes())
	return b
}

// A ledger adds up what stands by key, and requires that it is zero as a whole at each time.
type ledger struct {
	rows map[int]int64
	sum  int64
	at   stream.Time
}

func (l *ledger) add(t *testing.T, what string, all []stream.Event[stream.Change[shownSum]], changes *int) {
	sortByTime(all)
	for _, e := range all {
		if e.Time != l.at {
			require.Zero(t, l.sum, "%s behind %v", what, l.at)
			l.at = e.Time
		}
		c := e.Value
		k := c.Row().Key
		require.Equal(t, l.rows[k], c.Before.Sum)
		l.sum += c.After.Sum - l.rows[k]
		l.rows[k] = c.After.Sum
		*changes++
	}
	require.Zero(t, l.sum, "%s behind %v, where all of that time is told", what, l.at)
}

func sortByTime[T any](all []stream.Event[T]) {
	for i := 1; i < len(all); i++ { // nearly sorted
		for j := i; j > 0 && all[j].Time < all[j-1].Time; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
}

// Money moves between two accounts at one time. However the two sides travel, through exchanges, joins and
// aggregates, the sum over all accounts is zero in each result at each time, and what was told behind each
// watermark is complete.
func TestBank(t *testing.T) {
	for seed := range uint64(12) {
		for shards := 1; shards <= 3; shards++ {
			t.Run(fmt.Sprintf("seed %d on %d shards", seed, shards), func(t *testing.T) { playBank(t, seed, shards) })
		}
	}
}

func playBank(t *testing.T, seed uint64, shards int) {
	r := rand.New(rand.NewPCG(seed, 11))
	store := checkpoint.Memory()
	b := newBank()
	var pushed []func(*bank)
	do := func(f func(*bank)) {
		pushed = append(pushed, f)
		f(b)
	}
	start := func() *streamtest.Driver {
		return streamtest.Start(t, b.p, streamtest.Shards(shards), streamtest.BatchSize([]int{1, 5, 512}[seed%3]), streamtest.Checkpoints(store))
	}
	d := start()
	ledgers := [3]ledger{{rows: map[int]int64{}}, {rows: map[int]int64{}}, {rows: map[int]int64{}}}
	changes, totals := [3]int{}, []stream.Change[int64]{}
	check := func() {
		for i, out := range []*streamtest.Output[stream.Change[shownSum]]{b.balances, b.joined, b.regions} {
			ledgers[i].add(t, []string{"balances", "balances with owners", "regions"}[i], out.TakeEvents(), &changes[i])
		}
		totals = append(totals, b.total.Take()...)
		require.Empty(t, b.differ.Take(), "an account differs from itself at some time")
	}
	clock := int64(1000)
	for round := range 60 {
		for range r.IntN(9) {
			clock += r.Int64N(2)
			x := transfer{r.IntN(accounts), r.IntN(accounts), r.Int64N(10_000)}
			at, part := time.Unix(clock-r.Int64N(4), 0), r.IntN(2)
			do(func(b *bank) { b.transfers.PushAtTo(part, at, x) })
		}
		if r.IntN(2) == 0 {
			id, at := r.IntN(owners), time.Unix(clock, 0)
			c := stream.Change[owner]{Kind: stream.Update, After: owner{id, 1 + r.IntN(regions)}}
			if r.IntN(4) == 0 {
				c = stream.Change[owner]{Kind: stream.Delete, Before: owner{ID: id}}
			}
			do(func(b *bank) { b.moves.PushAt(at, c) })
		}
		wm := time.Unix(clock-3, 0)
		do(func(b *bank) {
			b.transfers.AdvanceWatermark(wm)
			b.moves.AdvanceWatermark(wm)
		})
		d.Settle()
		check()
		if round == 20 || round == 40 {
			d.Checkpoint()
			d.Kill()
			b = newBank()
			for _, f := range pushed {
				f(b)
			}
			shards = shards%3 + 1
			d = start()
		}
	}
	b.transfers.End()
	b.moves.End()
	d.Settle()
	check()
	stats := b.p.Stats()
	d.Kill()
	require.Equal(t, []stream.Change[int64]{{Kind: stream.Insert}}, totals, "the total is zero from the first transfer on, and nobody hears of it again")
	for _, n := range changes {
		require.Greater(t, n, 50)
	}
	for _, name := range []string{"aggregatetable", "grouptable", "tableof", "foreignkeyjoin", "foreignrows", "grouptable-2", "jointables"} {
		op, ok := stats.Operator(name)
		require.True(t, ok, name)
		require.Zero(t, op.TooLate, name)
	}
}
