package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// driven are topics that do not wait, as a driver's must not.
func driven(name string, all ...int) *topic {
	t := newTopic(name, all...)
	t.waits = false
	return t
}

// A driver works until there is nothing left to do, takes checkpoints when it is
// told to, and goes on from them.
func TestDriverCheckpoints(t *testing.T) {
	for _, shards := range []int{1, 2} {
		a, b, store := driven("a", upTo(40)...), driven("b", 7).end(), keeper.Memory()
		p := newTallying(newTarget(), a, b)
		cfg := p.config(store)
		cfg.Shards = shards
		d, err := NewDriver(p.plan, cfg)
		require.NoError(t, err)
		require.NoError(t, d.Settle())
		require.Equal(t, sums(append(upTo(40), 7)), p.sums())
		require.Empty(t, p.target.rows())
		require.NoError(t, d.Checkpoint())
		require.ElementsMatch(t, append(upTo(40), 7), p.target.rows())
		offsets, _ := a.acknowledged()
		require.Equal(t, []string{"40"}, offsets)
		a.put(40)
		require.NoError(t, d.Settle())
		require.Equal(t, sums(append(upTo(41), 7)), p.sums())
		a.end()
		require.NoError(t, d.Settle())
		require.NoError(t, d.Checkpoint(), "of tasks that have ended")
		require.NoError(t, d.Close())
		require.ElementsMatch(t, append(upTo(41), 7), p.target.rows())
		_, open := a.acknowledged()
		require.Zero(t, open)

		p = newTallying(p.target, a, b)
		d, err = NewDriver(p.plan, p.config(store))
		require.NoError(t, err)
		require.Equal(t, sums(append(upTo(41), 7)), p.sums(), "restored before the first step")
		require.NoError(t, d.Settle())
		require.NoError(t, d.Close())
		require.Equal(t, sums(append(upTo(41), 7)), p.sums())
	}
}

// What a driver fails with is the same each time that it is asked, and no run is
// left under way.
func TestDriverFails(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		break_  func(*tallying, *topic)
		message string
	}{
		"reading":    {func(_ *tallying, a *topic) { a.fail(broken) }, "stream: count at a: broken"},
		"a function": {func(p *tallying, _ *topic) { p.each = func(int) { panic("seven") } }, "stream: tally: panic: seven"},
		"in a stage": {func(p *tallying, _ *topic) { p.shards, p.each = 1, func(int) { panic("eight") } }, "stream: tally: panic: eight"},
		"preparing":  {func(p *tallying, _ *topic) { p.target.failing("prepare", broken) }, "stream: write: prepare: broken"},
		"committing": {func(p *tallying, _ *topic) { p.target.failing("commit", broken) }, "stream: write: commit checkpoint 1: broken"},
	} {
		t.Run(name, func(t *testing.T) {
			a := driven("a", 1, 2)
			p := newTallying(newTarget(), a)
			test.break_(p, a)
			d, err := NewDriver(p.plan, p.config(keeper.Memory()))
			require.NoError(t, err)
			err = d.Checkpoint()
			require.ErrorContains(t, err, test.message)
			if test.message != "stream: write: prepare: broken" && test.message != "stream: write: commit checkpoint 1: broken" {
				require.Equal(t, err, d.Settle())
				require.Equal(t, err, d.Tick())
				require.Equal(t, err, d.Close())
			} else {
				_ = d.Close()
			}
			_, open := a.acknowledged()
			require.Zero(t, open)
			again, err := NewDriver(p.plan, p.config(keeper.Memory()))
			require.NoError(t, err)
			require.NoError(t, again.Close())
		})
	}
}

// Closing returns what the run has failed with, or else the first of what closing
// fails with, and closes all.
func TestDriverCloseFails(t *testing.T) {
	broken, full := errors.New("broken"), errors.New("the table is full")
	for _, test := range []struct {
		reading, closing, committer error
		want                        error
	}{
		{nil, broken, nil, broken}, {nil, nil, full, full}, {nil, broken, full, broken},
		{broken, nil, full, broken}, {broken, full, nil, broken}, {nil, nil, nil, nil},
	} {
		a := driven("a", 1)
		p := newTallying(newTarget(), a)
		p.begin = func(op *Instance) { op.OnClose(func() error { return test.closing }) }
		p.target.failing("close", test.committer)
		d, err := NewDriver(p.plan, p.config(keeper.Memory()))
		require.NoError(t, err)
		a.fail(test.reading)
		require.ErrorIs(t, d.Settle(), test.reading)
		require.ErrorIs(t, d.Close(), test.want)
		require.Equal(t, "close 0", last(p.target.called()))
		_, open := a.acknowledged()
		require.Zero(t, open)
	}
}

func last(all []string) string { return all[len(all)-1] }

// A driver that cannot begin leaves nothing open.
func TestDriverCannotBegin(t *testing.T) {
	broken := errors.New("broken")
	a, store := driven("a", 1), keeper.Memory()
	p := newTallying(newTarget(), a)
	p.target.failing("abort", broken)
	_, err := NewDriver(p.plan, p.config(store))
	require.ErrorIs(t, err, broken)
	p.target.failing("abort", nil)
	_, open := a.acknowledged()
	require.Zero(t, open)

	unlock, err := store.Lock()
	require.NoError(t, err, "it is not locked any more")
	_, err = NewDriver(p.plan, p.config(store))
	require.ErrorIs(t, err, keeper.ErrLocked)
	require.NoError(t, unlock())
	p.sink.Committer = nil
	d, err := NewDriver(p.plan, p.config(nil))
	require.NoError(t, err)
	require.ErrorIs(t, d.Checkpoint(), ErrNoRun)
	_, err = NewDriver(p.plan, p.config(store))
	require.EqualError(t, err, `stream: pipeline "tallying" is running already`)
	require.NoError(t, d.Close())
}

// Readers that are open when another source cannot be opened are closed, as Run does it.
func TestDriverClosesWhatIsOpen(t *testing.T) {
	broken := errors.New("broken")
	for _, store := range []keeper.Store{nil, stuckStore{keeper.Memory()}} {
		a := driven("a", 1)
		p := newTallying(newTarget(), a)
		p.plan.Add(&Node{Kind: "source", Name: "other", Source: func(*Run) (Opened, error) { return Opened{}, broken }})
		_, err := NewDriver(p.plan, p.config(store))
		require.ErrorIs(t, err, broken)
		require.Equal(t, store != nil, errors.Is(err, errStuck), "what closing fails with is told, too")
		_, open := a.acknowledged()
		require.Zero(t, open)
		require.ErrorIs(t, p.plan.Run(t.Context(), p.config(store)), broken)
		_, open = a.acknowledged()
		require.Zero(t, open)
	}
}

var errStuck = errors.New("the lock is stuck")

// A stuckStore fails where it is unlocked.
type stuckStore struct{ keeper.Store }

func (s stuckStore) Lock() (func() error, error) {
	unlock, err := s.Store.Lock()
	return func() error { return errors.Join(unlock(), errStuck) }, err
}

// Of a driver's checkpoint that cannot be written nothing stays behind.
func TestDriverGivesUp(t *testing.T) {
	full := &fullStore{Store: keeper.Memory(), fails: 2}
	p := newTallying(newTarget(), driven("a", 1))
	d, err := NewDriver(p.plan, p.config(full))
	require.NoError(t, err)
	require.ErrorIs(t, d.Checkpoint(), errFull)
	names, err := full.List()
	require.NoError(t, err)
	require.Empty(t, names)
	require.NoError(t, d.Checkpoint())
	require.NoError(t, d.Close())
}

var errFull = errors.New("the disk is full")

// A fullStore fails a Write, the n-th.
type fullStore struct {
	keeper.Store
	fails int
}

func (s *fullStore) Write(name string, parts ...[]byte) error {
	if s.fails--; s.fails == 0 {
		return errFull
	}
	return s.Store.Write(name, parts...)
}

// Without checkpoints, sources are told what the sinks have each time that the driver has settled.
func TestDriverMakesRounds(t *testing.T) {
	a := driven("a", 1, 2)
	p := newTallying(newTarget(), a)
	p.sink.Committer = nil
	d, err := NewDriver(p.plan, p.config(nil))
	require.NoError(t, err)
	require.NoError(t, d.Settle())
	offsets, _ := a.acknowledged()
	require.Equal(t, []string{"2"}, offsets)
	a.put(3)
	a.end()
	require.NoError(t, d.Tick())
	offsets, _ = a.acknowledged()
	require.Equal(t, []string{"2", "3"}, offsets, "of tasks that have ended, too")
	require.NoError(t, d.Close())
}
