package engine

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/state"
)

// Instances that stood apart in a checkpoint begin at the lowest watermark, with
// what each key had, and catch up with the furthest before anything is read.
func TestInstancesApart(t *testing.T) { synctest.Test(t, instancesApart) }

func instancesApart(t *testing.T) {
	a := newTopic("a", upTo(10)...)
	apart := func() keeper.Store {
		p := newTallying(newTarget(), a)
		p.sink.Committer = nil
		p.moves = func(op *Instance) { op.Advance(Time(100 + 10*op.Index())) }
		store := left(t, p)
		m := newest(t, store)
		require.Equal(t, []int64{100, 110}, m.Operators[0].Instances)
		require.EqualValues(t, 100, m.Operators[0].Watermark)
		return store
	}
	for _, shards := range []int{1, 2, 3} {
		p, store := newTallying(newTarget(), a), apart()
		p.sink.Committer = nil
		var mu sync.Mutex
		var seen []Time
		var had []func(uint64) Time
		p.restores = func(r *state.Restoring) error {
			mu.Lock()
			defer mu.Unlock()
			seen, had = append(seen, r.Watermark), append(had, r.Had)
			return nil
		}
		cfg := p.config(store)
		cfg.Shards = shards
		run := p.start(t, cfg)
		require.Len(t, seen, shards)
		for i := range seen {
			require.EqualValues(t, 100, seen[i])
			for k := range 10 {
				want := Time(100)
				if state.OwnerOf(keyhash.Group(hashOf(k), state.Groups), 2) == 1 {
					want = 110
				}
				require.Equal(t, want, had[i](hashOf(k)))
			}
		}
		for i, x := range p.tallies {
			require.EqualValues(t, 110, x.op.Begins)
			require.Equal(t, Control{Kind: Watermark, Watermark: 110}, p.told[i][0])
		}
		run.cancel()
		<-run.err
	}
	// What an operator fails with as it catches up ends the run.
	p := newTallying(newTarget(), a)
	p.sink.Committer = nil
	p.begin = func(op *Instance) { op.Control = func(Control) error { return errors.New("broken") } }
	require.ErrorContains(t, p.plan.Run(t.Context(), p.config(apart())), "broken")
}

// State that cannot be encoded is an error before anything is read, of runs with
// checkpoints alone; what fails as it is saved ends the run.
func TestStateThatCannotBeSaved(t *testing.T) { synctest.Test(t, cannotBeSaved) }

func cannotBeSaved(t *testing.T) {
	a := newTopic("a", 1).end()
	p := newTallying(newTarget(), a)
	p.begin = func(op *Instance) { op.Hold(nothing{}, state.NewCoder[chan int]()) }
	for _, p.shards = range []int{1, 3} {
		err := p.plan.Run(t.Context(), p.config(keeper.Memory()))
		require.ErrorContains(t, err, "stream: tally cannot be saved in a checkpoint: it holds values of chan int, and codec.Binary cannot store them")
		require.Equal(t, 1, strings.Count(err.Error(), "cannot be saved"), "it is said once")
	}
	p.sink.Committer = nil
	require.NoError(t, p.plan.Run(t.Context(), p.config(nil)))

	broken := errors.New("broken")
	for name, save := range map[string]func(*state.Saving) error{
		"at once":   func(*state.Saving) error { return broken },
		"noted":     func(s *state.Saving) error { s.Err = broken; return nil },
		"later":     func(s *state.Saving) error { s.Later = append(s.Later, func() { s.Err = broken }); return nil },
		"in panics": func(s *state.Saving) error { s.Later = append(s.Later, func() { panic(broken) }); return nil },
	} {
		p = newTallying(newTarget(), a)
		p.begin = func(op *Instance) { op.Hold(saves(save), state.NewCoder[tallied]()) }
		err := p.plan.Run(t.Context(), p.config(keeper.Memory()))
		require.ErrorIs(t, err, broken, name)
		require.ErrorContains(t, err, "stream: tally: save the state: ", name)
	}
}

// saves is a holder that saves in some way, and has nothing to restore.
type saves func(*state.Saving) error

func (f saves) Save(s *state.Saving) error     { return f(s) }
func (f saves) Restore(*state.Restoring) error { return nil }

type nothing struct{}

func (nothing) Save(*state.Saving) error       { return nil }
func (nothing) Restore(*state.Restoring) error { return nil }

// An operator with more parts than it had, or fewer, is told so.
func TestParts(t *testing.T) {
	op := &Instance{Place: &Place{run: testRun(t), task: &task{}}, Node: &Node{Name: "n"}}
	var got []string
	part := func(text string) state.Holder {
		return &textual{text: text, restored: &got}
	}
	op.Hold(part("a"), state.NewCoder[tallied]())
	op.Hold(part("b"), state.NewCoder[tallied]())
	require.Equal(t, []*Instance{op}, op.Place.task.holding)
	encode, err := op.save()
	require.NoError(t, err)
	s, err := encode()
	require.NoError(t, err)
	require.NoError(t, op.restore(&state.Restoring{Whole: [][]byte{s.Whole}}))
	require.Equal(t, []string{"a", "b"}, got)
	op.holders = op.holders[:1]
	require.ErrorContains(t, op.restore(&state.Restoring{Whole: [][]byte{s.Whole}}), "it has 2 parts, and the operator 1: it is set to something else than it was")
	require.Error(t, op.restore(&state.Restoring{Whole: [][]byte{s.Whole[:3]}}))
	op.holders = append(op.holders, part("b"), part("c"))
	got = nil
	require.NoError(t, op.restore(&state.Restoring{Whole: [][]byte{s.Whole}}))
	require.Equal(t, []string{"a", "b", ""}, got, "a part that it did not have begins empty")
}

type textual struct {
	text     string
	restored *[]string
}

func (x *textual) Save(s *state.Saving) error {
	b := s.Rest()
	*b = append(*b, x.text...)
	return nil
}

func (x *textual) Restore(r *state.Restoring) error {
	text := ""
	for _, b := range r.Whole {
		text += string(b)
	}
	*x.restored = append(*x.restored, text)
	return nil
}
