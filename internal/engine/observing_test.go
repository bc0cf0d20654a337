package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A witness writes down what it is told. Its contexts carry its name.
type witness struct {
	name string
	to   *told
	dies bool
}

type told struct {
	mu  sync.Mutex
	all []string
}

type witnessKey struct{}

func (w *witness) note(format string, a ...any) {
	w.to.mu.Lock()
	defer w.to.mu.Unlock()
	w.to.all = append(w.to.all, w.name+": "+fmt.Sprintf(format, a...))
}

func (w *witness) Begin(ctx context.Context, a Activity) context.Context {
	if w.dies {
		w.note("dies")
		panic("dead")
	}
	w.note("%d begins in %v", a.Kind, ctx.Value(witnessKey{}))
	if w.name == "none" {
		return nil
	}
	return context.WithValue(ctx, witnessKey{}, w.name)
}

func (w *witness) End(ctx context.Context, a Activity, err error) {
	w.note("%d of %d events ends in %v: %v", a.Kind, a.Events, ctx.Value(witnessKey{}), err)
}

// Observers are told one inside the other. One that panics is told nothing more.
func TestObservers(t *testing.T) {
	require.Nil(t, newObservers(&Config{}))
	ctx, end := (*observers)(nil).begin(t.Context(), &Activity{})
	require.Equal(t, t.Context(), ctx)
	end(nil)

	var to told
	cfg, out := testConfig(), &log{}
	cfg.Logger = out.logger()
	cfg.Observers = []Observer{&witness{name: "a", to: &to}, &witness{name: "dead", to: &to, dies: true}, &witness{name: "none", to: &to}, &witness{name: "b", to: &to}}
	o := newObservers(&cfg)
	hard, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	for _, err := range []error{nil, ErrStopped} {
		a := &Activity{Kind: Writing}
		ctx, end := o.begin(hard, a)
		require.Equal(t, "b", ctx.Value(witnessKey{}))
		a.Events = 7
		cancel(errors.New("why"))
		end(err)
	}
	require.Equal(t, []string{
		"a: 6 begins in <nil>", "dead: dies", "none: 6 begins in a", "b: 6 begins in a",
		"b: 6 of 7 events ends in b: <nil>", "none: 6 of 7 events ends in b: <nil>", "a: 6 of 7 events ends in b: <nil>",
		"a: 6 begins in <nil>", "none: 6 begins in a", "b: 6 begins in a",
		"b: 6 of 7 events ends in b: why", "none: 6 of 7 events ends in b: why", "a: 6 of 7 events ends in b: why",
	}, to.all)
	require.Contains(t, out.String(), "an observer has failed and is told nothing more")
}

// What a run does is told to its observers, from its beginning to its end.
func TestRunIsObserved(t *testing.T) {
	var to told
	p := newTallying(newTarget(), driven("a", 1).end())
	cfg := p.config(keeper.Memory())
	cfg.Observers = []Observer{&witness{name: "a", to: &to}}
	require.NoError(t, p.plan.Run(t.Context(), cfg))
	for _, kind := range []ActivityKind{Running, Restoring, Checkpointing, Committing} {
		in := "a"
		if kind == Running {
			in = "<nil>"
		}
		require.Contains(t, to.all, fmt.Sprintf("a: %d begins in %s", kind, in))
		require.Contains(t, to.all, fmt.Sprintf("a: %d of 0 events ends in a: <nil>", kind))
	}
	require.Equal(t, "a: 0 of 0 events ends in a: <nil>", to.all[len(to.all)-1])
	require.Zero(t, len(to.all)%2, "what begins ends")
}

// A batch is followed where it is marked: one of each task in so long, and of those the newest.
func TestFollowing(t *testing.T) {
	r := testRun(t)
	require.Nil(t, newFollowing(r))
	r.Follow, r.FollowEvery = true, 100
	require.Nil(t, newFollowing(r))
	var to told
	r.observers = newObservers(&Config{Observers: []Observer{&witness{name: "a", to: &to}}, Logger: r.Logger})
	n := &Node{Name: "n"}
	r.addStage(n, 1)
	op := r.stages[n][0].Instance(n)
	require.False(t, op.Follows())
	r.following = newFollowing(r)
	require.True(t, op.Follows())
	r.Follow = false
	require.Nil(t, newFollowing(r))

	for _, test := range []struct {
		born, mark int64
		due        bool
	}{{101, 101, true}, {103, 104, false}, {104, 104, false}, {200, 200, false}, {201, 201, true}, {300, 300, false}} {
		mark, due := op.Due(test.born)
		require.Equal(t, test.mark, mark)
		require.Equal(t, test.due, due)
	}
	begin := func(born int64) int64 {
		mark, end := op.Begin(born, &Activity{Kind: Batching})
		end(nil)
		return mark
	}
	first := begin(102)
	require.EqualValues(t, 103, first)
	require.EqualValues(t, 105, begin(102), "no two have one mark")
	require.EqualValues(t, 201, begin(200))
	goes := func(born int64) int {
		to.all = nil
		ctx, end := op.Goes(born, Writing, 3)
		end(nil)
		if len(to.all) > 0 {
			require.Equal(t, "a", ctx.Value(witnessKey{}))
			require.Equal(t, []string{"a: 6 begins in a", "a: 6 of 3 events ends in a: <nil>"}, to.all)
		}
		op.Place.Enters(n, born, 3)(nil)
		return len(to.all)
	}
	require.Equal(t, 4, goes(103))
	require.Equal(t, 4, goes(201))
	require.Zero(t, goes(102))
	require.Zero(t, goes(107))
	for i := range followed - 3 {
		begin(int64(1000 + 2*i))
	}
	require.Equal(t, 4, goes(103))
	begin(9000)
	require.Zero(t, goes(103), "older ones are followed no more")
	require.Equal(t, 4, goes(105))
	r.following = nil
	require.Zero(t, goes(105))
}

// What a run is set to is told to who observes it.
func TestSettingsOfARun(t *testing.T) {
	cfg := testConfig()
	require.Equal(t, []keeper.Setting{{Name: "shards", Value: "2"}, {Name: "batch size", Value: "4"}}, cfg.settings())
	cfg.Store, cfg.Every = keeper.Memory(), time.Minute
	store := cfg.settings()[2]
	require.Equal(t, "checkpoints", store.Name)
	require.Equal(t, keeper.Setting{Name: "checkpoint interval", Value: "1m0s"}, cfg.settings()[3])
	require.Len(t, cfg.settings(), 4)
	cfg.Savepoint, cfg.Dropped, cfg.Restarts = "march", []string{"a", "b"}, Restarts{Most: 1, Wait: time.Second}
	require.Equal(t, []keeper.Setting{
		{Name: "from savepoint", Value: "march"}, {Name: "drop state", Value: "a, b"}, {Name: "restarts", Value: "1, wait 1s"},
	}, cfg.settings()[4:])
}
