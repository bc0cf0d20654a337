package engine

import (
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// An inputModel is what an input of a frontier has said.
type inputModel struct {
	watermark   Time
	idle, ended bool
}

// A frontierModel is what inputs have said, and what has been made of it.
type frontierModel struct {
	inputs   []inputModel
	furthest Time // short of the last of all
	told     Time
	idle     bool
}

// low is what the inputs say together, by the words of the contract: the least
// watermark of those that are awake; nothing while all are idle, and nothing
// while all that are awake have ended and others, which are idle, may go on.
func (m *frontierModel) low() (wm Time, some bool) {
	wm = MaxTime
	open, asleep := false, false
	for _, in := range m.inputs {
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

// cut reports whether an input was stopped short of its end while it was waited for.
func (m *frontierModel) cut() bool {
	return slices.ContainsFunc(m.inputs, func(in inputModel) bool { return in.ended && !in.idle && in.watermark < MaxTime })
}

// says has an input say something, and returns what follows.
func (m *frontierModel) says(i int, c Control) (want []Control) {
	in := &m.inputs[i]
	switch c.Kind {
	case Watermark:
		in.watermark, in.idle = max(in.watermark, c.Watermark), false
		if c.Watermark < MaxTime {
			m.furthest = max(m.furthest, c.Watermark)
		}
	case Came:
		m.furthest = max(m.furthest, c.Watermark)
		return nil
	case Idle:
		in.idle = true
	case End:
		in.ended = true
	}
	if !slices.ContainsFunc(m.inputs, func(in inputModel) bool { return !in.ended }) {
		return []Control{c}
	}
	wm, some := m.low()
	if some && wm == MaxTime && m.furthest > m.told { // all have ended: how far they came is told first
		m.told = m.furthest
		want = append(want, Control{Kind: Watermark, Watermark: m.told})
	}
	if !some && !m.cut() {
		wm = m.furthest // nobody is waited for
	}
	if wm > m.told && (some || !m.cut()) || some && m.idle {
		m.told = max(m.told, wm)
		want = append(want, Control{Kind: Watermark, Watermark: m.told}) // it never goes back
	}
	if !some && (len(want) > 0 || !m.idle) {
		want = append(want, Control{Kind: Idle})
	}
	m.idle = !some
	return want
}

// taken is what a frontier passes on for a control.
func taken(t *testing.T, f *Frontier, i int, c Control) (out []Control) {
	t.Helper()
	require.NoError(t, f.Take(i, c, func(c Control) error {
		out = append(out, c)
		return nil
	}))
	return out
}

// A frontier is held against what its inputs have said, control by control.
func TestFrontier(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := frontierModel{inputs: make([]inputModel, 1+r.IntN(4)), furthest: MinTime, told: MinTime}
		f := NewFrontier(len(m.inputs))
		for i := range m.inputs {
			m.inputs[i].watermark = MinTime
		}
		for range 60 {
			i := r.IntN(len(m.inputs))
			says := func(c Control) {
				require.Equal(t, m.says(i, c), taken(t, f, i, c), "seed %d: input %d: %v", seed, i, c)
			}
			if m.inputs[i].ended {
				continue
			}
			switch k := r.IntN(10); {
			case k < 5:
				says(Control{Kind: Watermark, Watermark: Time(r.IntN(100))})
			case k < 7:
				says(Control{Kind: Idle})
			case k < 8: // an end comes behind the last of all watermarks, or cuts the input short
				if r.IntN(2) == 0 {
					if r.IntN(2) == 0 {
						says(Control{Kind: Came, Watermark: Time(r.IntN(100))})
					}
					says(Control{Kind: Watermark, Watermark: MaxTime})
					if r.IntN(2) == 0 { // and may be idle before its end follows
						continue
					}
				}
				says(Control{Kind: End})
			}
		}
	}
}

// Where all inputs are idle in the end, it does not matter which of them fell silent, or came to its end,
// before which: the watermark is that of the one which had come furthest.
func TestFrontierAllIdle(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4} {
		for order := range permutations(n) {
			for ends := range 1 << n { // which come to their end instead, but for the last of them
				f, last := NewFrontier(n), Control{}
				told := MinTime
				says := func(i int, c Control) {
					for _, c := range taken(t, f, i, c) {
						if last = c; c.Kind == Watermark {
							require.Greater(t, c.Watermark, told)
							told = c.Watermark
						}
					}
				}
				for i := range n - 1 { // input 0 never has anything
					says(i+1, Control{Kind: Watermark, Watermark: Time(10 * (i + 1))})
				}
				for k, i := range order {
					if k < n-1 && ends>>i&1 > 0 {
						says(i, Control{Kind: Watermark, Watermark: MaxTime})
						says(i, Control{Kind: End})
					} else {
						says(i, Control{Kind: Idle})
					}
				}
				require.Equal(t, Idle, last.Kind, "%v, ends %b", order, ends)
				if n > 1 {
					require.Equal(t, Time(10*(n-1)), told, "%v, ends %b", order, ends)
				}
				if i := order[n-1]; n > 1 { // and it goes on from there
					says(i, Control{Kind: Watermark, Watermark: 1000})
					require.Equal(t, Control{Kind: Watermark, Watermark: 1000}, last)
				}
			}
		}
	}
}

// permutations yields the orders of n things.
func permutations(n int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		var from func(order []int) bool
		from = func(order []int) bool {
			if len(order) == n {
				return yield(order)
			}
			for i := range n {
				if !slices.Contains(order, i) && !from(append(slices.Clone(order), i)) {
					return false
				}
			}
			return true
		}
		from(nil)
	}
}

// What was read when is told with the watermark that follows from it, also where that is an input's silence.
func TestFrontierBorn(t *testing.T) {
	f := NewFrontier(2)
	taken(t, f, 0, Control{Kind: Watermark, Watermark: 7, Born: 3})
	taken(t, f, 0, Control{Kind: Idle, Born: 4})
	require.Equal(t, []Control{{Kind: Watermark, Watermark: 7, Born: 5}, {Kind: Idle}}, taken(t, f, 1, Control{Kind: Idle, Born: 5}))
}

// An input without a say in time has none in the watermark, and ends all the same.
func TestFrontierMute(t *testing.T) {
	f := NewFrontier(2)
	f.Inputs[1].Mute = true
	five := Control{Kind: Watermark, Watermark: 5}
	require.Equal(t, []Control{five}, taken(t, f, 0, five))
	require.Empty(t, taken(t, f, 1, Control{Kind: Watermark, Watermark: 9}))
	require.Equal(t, []Control{{Kind: Idle}}, taken(t, f, 0, Control{Kind: Idle}), "9 is nobody's")
	require.Equal(t, []Control{five}, taken(t, f, 0, five))
	require.Empty(t, taken(t, f, 1, Control{Kind: End}))
	require.Equal(t, []Control{{Kind: End}}, taken(t, f, 0, Control{Kind: End}))
}

// A barrier is passed on when it has come by every input that goes on, and so is that all partitions were told of.
func TestFrontierBarriers(t *testing.T) {
	for _, kind := range []controlKind{Barrier, AllTold} {
		f := NewFrontier(3)
		brings := func(input int, id int64) bool { return len(taken(t, f, input, Control{Kind: kind, id: id})) > 0 }
		require.False(t, brings(0, 1))
		require.False(t, brings(2, 1))
		require.True(t, brings(1, 1))
		f = NewFrontier(3)
		require.False(t, brings(0, 2))
		taken(t, f, 1, Control{Kind: End})
		require.True(t, brings(2, 2), "an input that has ended is not waited for")
	}
}

// A frontier knows all kinds of controls, and says so where there is another one. A new kind
// fails here until Take, and this table, say what it means for several inputs.
func TestFrontierKnowsAllKinds(t *testing.T) {
	alone := map[controlKind]bool{Watermark: true, Idle: true, End: true, Barrier: true, AllTold: true, Told: false, Came: false} // whether one input's is the whole's
	require.Len(t, alone, int(controlKinds))
	for kind := range controlKinds {
		passed, ok := alone[kind]
		require.True(t, ok, kind)
		require.Equal(t, passed, len(taken(t, NewFrontier(1), 0, Control{Kind: kind, Watermark: 1})) == 1, kind)
	}
	err := NewFrontier(2).Take(1, Control{Kind: controlKinds}, func(Control) error { t.Fatal("passed on"); return nil })
	require.ErrorContains(t, err, "input 2 of 2: what a control of kind 7 means for all inputs is not said")
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
