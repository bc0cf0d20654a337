package engine

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// State is of use for the settings only that it came about with.
func TestSettingsDiffer(t *testing.T) {
	for _, test := range []struct{ name, was, is, message string }{
		{SettingWindows, "tumbling 1h0m0s", "tumbling 1h0m0s", ""},
		{SettingWindows, "tumbling 1h0m0s", "tumbling 4m0s", "was set to windows tumbling 1h0m0s, and is now to tumbling 4m0s"},
		{"state", "int", "int", ""},
		{"state", "int", "", ""},
		{"state", "int", "string", "held values of int, and now holds string ("},
		{"state 2", "int", "string", "held values of int, and now holds string ("},
		{"key", "int", "string", "had keys of int, and now has string"},
		{SettingLateness, "10s", "5s", ""},
		{SettingLateness, "10s", "10000ms", ""},
		{SettingLateness, "10s", "10001ms", "had forgotten windows after a lateness of 10s, and would begin them anew with one of 10001ms"},
		{SettingLateness, "10s", "", "had forgotten windows after a lateness of 10s"},
		{SettingLateness, "", "5s", "had forgotten windows after a lateness of , and"},
		{SettingOnce, "yes", "", "fired windows once and for all, and now does not"},
		{SettingOrder, "yes", "", "held events back to see them in order, and now has no InOrder"},
		{SettingTimers, "yes", "", "had a timer function, and now has none for its timers to call"},
	} {
		got := differs(keeper.Setting{Name: test.name, Value: test.was}, test.is)
		if test.message == "" {
			require.Empty(t, got, test)
		} else {
			require.Contains(t, got, test.message)
		}
	}
}

// A run does not go on from a checkpoint with other settings, unless the state is
// dropped. Each operator has one error, and one that the checkpoint does not know none.
func TestRunWithOtherSettings(t *testing.T) { synctest.Test(t, otherSettings) }

func otherSettings(t *testing.T) {
	a := newTopic("a", 1, 2)
	p := newTallying(newTarget(), a)
	p.tally.Depends(SettingWindows, "tumbling 1h0m0s")
	p.tally.Depends(SettingKind, "inner")
	store := left(t, p)
	require.Equal(t, []keeper.Setting{
		{Name: "windows", Value: "tumbling 1h0m0s"}, {Name: "kind", Value: "inner"}, {Name: "key", Value: "int64"}, {Name: "state", Value: "int64"},
	}, newest(t, store).Operators[0].Settings)

	p = newTallying(p.target, a)
	p.tally.Depends(SettingWindows, "tumbling 4m0s")
	p.tally.Depends(SettingKind, "outer")
	cfg := p.config(store)
	require.EqualError(t, p.plan.Run(t.Context(), cfg), `stream: tally of checkpoint 1 was set to windows tumbling 1h0m0s, and is now to tumbling 4m0s: `+
		`its state is not of use to it. Set it to what it was, or have its state dropped by DropState("tally")`)
	cfg.Dropped = []string{"tally"}
	a.put(5)
	p.start(t, cfg).stop(t)
	require.Equal(t, sums([]int{5}), p.sums())
	a.put(6)
	p = newTallying(p.target, a)
	p.tally.Depends(SettingWindows, "tumbling 4m0s")
	p.tally.Depends(SettingKind, "outer")
	p.start(t, cfg).stop(t)
	require.Equal(t, sums([]int{5, 6}), p.sums(), "the same program does not drop it again")
}

// The layouts of what an operator holds are settings: one key, and a state each.
func TestLayouts(t *testing.T) {
	type two struct {
		Key string `binary:"1"`
		Acc int    `binary:"2"`
	}
	type three struct {
		Key   string    `binary:"1"`
		Value time.Time `binary:"2"`
		Other string    `binary:"3"`
		Val   []int     `binary:"4"`
	}
	type bad struct {
		Key string
		Val chan int
	}
	r, n := testRun(t), &Node{}
	r.holds(n, nil)
	r.holds(n, reflect.TypeFor[int]())
	r.holds(n, reflect.TypeFor[bad]())
	require.Equal(t, []keeper.Setting{{Name: "key", Value: "string"}}, r.settings(n))
	r.holds(n, reflect.TypeFor[two]())
	r.holds(n, reflect.TypeFor[three]())
	var names []string
	for _, s := range r.settings(n) {
		names = append(names, s.Name)
	}
	require.Equal(t, []string{"key", "state", "state 2", "state 3"}, names)
	require.Equal(t, "int64", r.setting(n, "state"))
	require.Empty(t, r.setting(n, "state 4"))
}

// Records that cannot be stored are blamed on the caller's types, and not on those
// that wrap them here.
func TestStorable(t *testing.T) {
	type inner struct{ Ch chan int }
	type Recursive struct {
		Next []Recursive
		Bad  func()
	}
	cause := errTest("the cause")
	blamed := func(of reflect.Type, name string) {
		t.Helper()
		err := storable(of, cause)
		require.ErrorContains(t, err, "it holds values of "+name+", and codec.Binary cannot store them: ")
		require.ErrorContains(t, err, `Give the type AppendBinary and UnmarshalBinary, or leave the field out by the tag `)
	}
	blamed(reflect.TypeFor[inner](), "engine.inner")
	blamed(reflect.TypeFor[[]map[string][3]chan int](), "chan int")
	blamed(reflect.TypeFor[Recursive](), "engine.Recursive")
	blamed(reflect.TypeFor[panes.Kept[string, []chan int]](), "chan int")
	blamed(reflect.TypeFor[window.Placed[func()]](), "func()")
	require.Equal(t, cause, storable(nil, cause))
	require.Equal(t, cause, storable(reflect.TypeFor[time.Time](), cause))
	require.Equal(t, cause, storable(reflect.TypeFor[int](), cause), "which can be stored")
}

type errTest string

func (e errTest) Error() string { return string(e) }
