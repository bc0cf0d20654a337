package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// An inputModel is what an input of a frontier has said.
type inputModel struct {
	watermark   Time
	idle, ended bool
}

// low is what the inputs say together, by the words of the contract: the least
// watermark of those that are awake; nothing while all are idle, and nothing
// while all that are awake have ended and others, which are idle, may go on.
func low(inputs []inputModel) (wm Time, some bool) {
	wm = MaxTime
	open, asleep := false, false
	for _, in := range inputs {
		switch {
		case in.idle && in.watermark < MaxTime:
			asleep = true
		case !in.idle:
			wm = min(wm, in.watermark)
			open = open || !in.ended
		}
	}
	if !open || wm == MaxTime && asleep {
		return 0, false
	}
	return wm, true
}

// A frontier is held against what its inputs have said, control by control.
func TestFrontier(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		inputs := make([]inputModel, 1+r.IntN(4))
		f := NewFrontier(len(inputs))
		for i := range inputs {
			inputs[i].watermark = MinTime
		}
		told, ended, idle := MinTime, false, false
		for range 60 {
			i := r.IntN(len(inputs))
			in := &inputs[i]
			if in.ended {
				continue
			}
			var c Control
			switch k := r.IntN(10); {
			case k < 5:
				c = Control{Kind: Watermark, Watermark: Time(r.IntN(100))}
				in.watermark, in.idle = max(in.watermark, c.Watermark), false
			case k < 7:
				c = Control{Kind: Idle}
				in.idle = true
			case k < 8: // an end comes behind the last of all watermarks, or cuts the input short
				if r.IntN(2) == 0 {
					last := Control{Kind: Watermark, Watermark: MaxTime}
					in.watermark, in.idle = MaxTime, false
					check(t, f, i, last, inputs, &told, &idle, &ended)
					if r.IntN(2) == 0 { // and may be idle before its end follows
						continue
					}
				}
				c = Control{Kind: End}
				in.ended = true
			default:
				continue
			}
			check(t, f, i, c, inputs, &told, &idle, &ended)
		}
	}
}

func check(t *testing.T, f *Frontier, i int, c Control, inputs []inputModel, told *Time, idle, ended *bool) {
	t.Helper()
	out, changed := f.Take(i, c)
	all := true
	for _, in := range inputs {
		all = all && in.ended
	}
	if all {
		require.True(t, changed && out.Kind == End, "the last input has ended")
		*ended = true
		return
	}
	wm, some := low(inputs)
	switch {
	case !some && !*idle:
		require.Equal(t, Control{Kind: Idle}, out)
		require.True(t, changed, "all that may go on are idle")
		*idle = true
	case some && (wm > *told || *idle):
		require.True(t, changed, "the frontier has moved to %d, after %d", wm, *told)
		require.Equal(t, Control{Kind: Watermark, Watermark: max(wm, *told)}, out, "it never goes back")
		*told, *idle = max(wm, *told), false
	default:
		require.False(t, changed, "%v means nothing new", c)
	}
}

// An input without a say in time has none in the watermark, and ends all the same.
func TestFrontierMute(t *testing.T) {
	f := NewFrontier(2)
	f.Inputs[1].Mute = true
	out, changed := f.Take(0, Control{Kind: Watermark, Watermark: 5})
	require.True(t, changed)
	require.Equal(t, Time(5), out.Watermark)
	_, changed = f.Take(1, Control{Kind: Watermark, Watermark: 9})
	require.False(t, changed)
	_, changed = f.Take(1, Control{Kind: End})
	require.False(t, changed)
	out, changed = f.Take(0, Control{Kind: End})
	require.True(t, changed)
	require.Equal(t, End, out.Kind)
}

// A barrier is passed on when it has come by every input that goes on.
func TestFrontierBarriers(t *testing.T) {
	f := NewFrontier(3)
	barrier := func(input int, id int64) bool {
		_, changed := f.Take(input, Control{Kind: Barrier, id: id})
		return changed
	}
	require.False(t, barrier(0, 1))
	require.False(t, barrier(2, 1))
	require.True(t, barrier(1, 1))
	f.Take(1, Control{Kind: End})
	require.False(t, barrier(0, 2))
	require.True(t, barrier(2, 2), "an input that has ended is not waited for")
}

func TestLeast(t *testing.T) {
	of := func(all ...Time) func(int) (Time, bool) {
		return func(i int) (Time, bool) { return all[i], all[i] >= 0 }
	}
	for _, test := range []struct {
		all  []Time
		low  Time
		some bool
	}{{nil, MaxTime, false}, {[]Time{-1}, MaxTime, false}, {[]Time{3, -1, 2}, 2, true}, {[]Time{MaxTime}, MaxTime, true}} {
		low, some := Least(len(test.all), of(test.all...))
		require.Equal(t, test.low, low)
		require.Equal(t, test.some, some)
	}
}
