package engine

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/state"
)

// buffer is what a holder has put into one of its buffers.
func buffer(text string) (b []byte) {
	b = *state.Begin(&b)
	return append(b, text...)
}

// An asOf is a checkpoint of a tally with two holders, of which the second has named parts.
type asOf struct {
	codec uint16
	m     keeper.Manifest
	head  state.Head
	named bool
	cut   bool // state without a key ends too soon
}

const heldGroup, cutGroup = 3, 5

func (x *asOf) write(t *testing.T, pipeline string) keeper.Store {
	first, part, second := &state.Saving{}, &state.Saving{}, &state.Saving{}
	first.Groups[heldGroup], part.Groups[heldGroup] = buffer("of the first"), buffer("of the part")
	if x.named {
		require.NoError(t, state.JoinNamed(second, []state.Head{x.head}, []*state.Saving{part}))
	} else {
		second.Groups[heldGroup], second.Whole = buffer("\x03\x00\x00\x00old"), buffer("\x03\x00\x00\x00old")
	}
	all, err := state.Join([]*state.Saving{first, second})
	require.NoError(t, err)
	store := keeper.Memory()
	k, err := keeper.Open(store, pipeline)
	require.NoError(t, err)
	x.m.ID = k.Begin()
	blobs := []keeper.Blob{{Group: heldGroup, Data: all.Groups[heldGroup]}, {Group: cutGroup, Data: []byte("\x09\x00\x00\x00cut")}}
	blobs = append(blobs, keeper.Blob{Group: keeper.Whole, Data: all.Whole})
	if x.cut {
		blobs = append(blobs, keeper.Blob{Group: keeper.Whole, Instance: 1, Data: []byte("\x09\x00\x00\x00cut")})
	}
	pieces, err := k.Write(x.m.ID, 0, x.codec, blobs)
	require.NoError(t, err)
	x.m.Operators[0].Pieces = pieces
	require.NoError(t, k.Commit(&x.m))
	require.NoError(t, k.Close())
	return store
}

// What a checkpoint has of an operator is read as its holder is given it, or the part of a name of that; and not at all if it is of another
// pipeline, operator or version, or was written under other settings.
func TestReadHeld(t *testing.T) {
	setting := func(name, value string) func(*asOf) {
		return func(x *asOf) { x.m.Operators[0].Settings = []keeper.Setting{{Name: name, Value: value}} }
	}
	named := HeldPart{Holder: 1, Head: state.Head{Name: "part", Kind: state.KindValue}}
	whole := HeldPart{Records: []reflect.Type{reflect.TypeFor[tallied]()}}
	for _, test := range []struct {
		change  func(*asOf)
		of      HeldPart
		group   string // what it has of the group
		message string
	}{
		{func(*asOf) {}, whole, "of the first", ""},
		{func(*asOf) {}, named, "of the part", ""},
		{func(*asOf) {}, HeldPart{Holder: 1, Head: state.Head{Name: "other"}}, "", ""},
		{func(*asOf) {}, HeldPart{Holder: 5}, "", ""},
		{func(x *asOf) { x.named = false }, whole, "of the first", ""},
		{func(x *asOf) { x.named = false }, named, "", "its parts have no names"},
		{func(x *asOf) { x.cut = true }, whole, "of the first", ""},
		{func(x *asOf) { x.cut = true }, named, "", "state is cut short"},
		{func(x *asOf) { x.head.Kind = state.KindTimers }, named, "", "it was timers, and is now a value"},
		{func(x *asOf) { x.codec = state.Version - 1 }, whole, "of the first", ""},
		{func(x *asOf) { x.codec = state.Version + 1 }, whole, "", "it is of state version"},
		{func(x *asOf) { x.m.Groups++ }, whole, "", "key groups, and this program"},
		{func(x *asOf) { x.m.Operators[0].Kind = "other" }, whole, "", "there it is a other, and here a tally"},
		{func(x *asOf) { x.m.Operators[0].Name = "other" }, whole, "", "it has no state of tally"},
		{setting(settingKey, "string"), whole, "", "it had keys of string, and now has"},
		{setting(settingKey, "string"), named, "of the part", ""},
		{setting(SettingOrder, "x"), whole, "of the first", ""},
		{setting(SettingTimers, "x"), whole, "of the first", ""},
		{setting(SettingKind, "inner"), named, "", "inner"},
	} {
		x := &asOf{codec: state.Version, named: true, head: state.Head{Name: "part", Kind: state.KindValue}}
		x.m = keeper.Manifest{Groups: state.Groups, Taken: time.Unix(50, 0).UTC(), Operators: []keeper.Operator{{Name: "tally", Kind: "tally", Watermark: 70}}}
		test.change(x)
		h, err := ReadHeld(x.write(t, "tallying"), 0, newTallying(newTarget()).tally, test.of)
		if test.message != "" {
			require.ErrorContains(t, err, test.message)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, x.m.ID, h.ID)
		require.Equal(t, Time(70), h.Watermark)
		require.True(t, x.m.Taken.Equal(h.Taken))
		got, err := h.Group(heldGroup)
		require.NoError(t, err)
		require.Equal(t, Time(70), got.Watermark)
		var text string
		for _, b := range got.Groups {
			text += string(b)
		}
		require.Equal(t, test.group, text)
		got, err = h.Group(heldGroup + 1)
		require.NoError(t, err)
		require.Empty(t, got.Groups)
		_, err = h.Group(cutGroup)
		require.ErrorContains(t, err, "state is cut short")
	}
	x := &asOf{codec: state.Version, m: keeper.Manifest{Groups: state.Groups, Operators: []keeper.Operator{{Name: "tally", Kind: "tally"}}}}
	_, err := ReadHeld(x.write(t, "other"), 0, newTallying(newTarget()).tally, whole)
	require.ErrorIs(t, err, keeper.ErrOtherPipeline)
}

// Offsets that were owed are shown when they are due, and not before; what showing fails with is an error.
func TestOwing(t *testing.T) {
	l, _, _ := telling(t, driven("a"), driven("b"))
	a, b := l.task.parts[0], l.task.parts[1]
	o := &owing{task: l.task}
	_, due := o.Due()
	require.False(t, due)
	a.seen.owes, a.seen.next = true, 0
	b.seen.owes, b.seen.next = true, l.task.rt.elapsed()+time.Hour
	require.NoError(t, o.Tick(time.Time{}))
	require.False(t, a.seen.owes)
	require.True(t, b.seen.owes, "it is not due")
	at, due := o.Due()
	require.True(t, due)
	require.Greater(t, time.Until(at), 50*time.Minute)
}
