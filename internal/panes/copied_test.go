package panes

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window"
)

// A toldKey counts how often one is encoded.
type toldKey int64

var tellings int

func (k toldKey) AppendBinary(b []byte) ([]byte, error) {
	tellings++
	return binary.AppendVarint(b, int64(k)), nil
}

func (k *toldKey) UnmarshalBinary(b []byte) error {
	n, _ := binary.Varint(b)
	*k = toldKey(n)
	return nil
}

type copying struct {
	kind  *Kind[toldKey, int64]
	store *Sliced
	coder *state.Coder[Kept[toldKey, int64]]
}

func newCopying(spec window.Spec) *copying {
	k := &Kind[toldKey, int64]{Ops: Ops[int64]{
		New:   func() int64 { return 0 },
		Merge: func(a, b int64) int64 { return a + b },
	}, Emit: func(*Pane[toldKey, int64]) {}}
	k.AddsUp()
	return &copying{k, NewSliced(spec, k, nil), state.NewCoder[Kept[toldKey, int64]]()}
}

func (x *copying) add(sl *Slice, keys, terms []int64) {
	hashes, told := make([]uint64, len(keys)), make([]toldKey, len(keys))
	for i, k := range keys {
		told[i], hashes[i] = toldKey(k), keyhash.Integer(uint64(k))
	}
	x.kind.CellsOf(sl).AddUp(hashes, told, nil, terms)
}

// save copies all, and returns how to encode it and how many sums there are.
func (x *copying) save() (encode func() *state.Saving, sums int) {
	s := &state.Saving{}
	copied := x.kind.CopySums(x.store)
	put := x.coder.IntoWith(s, 0, copied.Encode)
	x.kind.EachSlice(x.store, func(k Kept[toldKey, int64]) { put(k.Hash, k) })
	return func() *state.Saving {
		for _, f := range s.Later {
			f()
		}
		return s
	}, copied.Len()
}

// anew is save for one who has never saved before.
func (x *copying) anew() func() *state.Saving {
	copies, coder := x.store.copies, x.coder
	defer func() { x.store.copies, x.coder = copies, coder }()
	x.store.copies, x.coder = nil, state.NewCoder[Kept[toldKey, int64]]()
	encode, _ := x.save()
	return encode
}

type copiedKey struct {
	key        toldKey
	start, end window.Time
}

// Sums that were copied are what they were then, whatever the store does meanwhile. However they have changed since the
// checkpoint before, and whatever has become of that, their bytes are those of encoding all anew.
func TestCopiedSums(t *testing.T) {
	for _, spec := range []window.Spec{window.Tumbling(time.Hour), window.Sliding(3*time.Hour, time.Hour), window.Calendar(window.Day, time.UTC)} {
		for seed := range uint64(30) {
			r := rand.New(rand.NewPCG(seed, 1))
			x := newCopying(spec)
			want := map[copiedKey]int64{}
			at := func(sl *Slice, k int64) copiedKey {
				p := copiedKey{key: toldKey(k), start: sl.Start}
				if spec.Kind() == window.KindCalendar {
					p.end = sl.End
				}
				return p
			}
			change := func() {
				for range r.IntN(4) {
					sl := x.store.At(window.Time(r.Int64N(int64(72 * time.Hour))))
					n := r.IntN([...]int{3, 700}[r.IntN(2)])
					keys, terms := make([]int64, n), make([]int64, n)
					for i := range n {
						keys[i], terms[i] = r.Int64N(1000)-1, r.Int64()
						want[at(sl, keys[i])] += terms[i]
					}
					x.add(sl, keys, terms)
				}
				if r.IntN(6) == 0 && len(x.store.slices) > 0 { // it has fired
					gone := x.store.slices[0]
					maps.DeleteFunc(want, func(p copiedKey, _ int64) bool { return p.start == gone.Start })
					x.store.slices, x.store.last = x.store.slices[1:], nil
				}
				if r.IntN(8) == 0 && len(x.store.slices) > 0 {
					x.kind.CellsOf(x.store.slices[0]).settle()
				}
			}
			for range 12 {
				change()
				encode, _ := x.save()
				if r.IntN(5) == 0 { // the checkpoint was given up before it was encoded
					continue
				}
				anew, was := x.anew(), maps.Clone(want)
				change() // as the stream goes on
				s, all := encode(), anew()
				got := map[copiedKey]int64{}
				for g := range s.Groups {
					if string(all.Groups[g]) != string(s.Groups[g]) {
						require.Equal(t, all.Groups[g], s.Groups[g], "group %d", g)
					}
					if b := s.Groups[g]; len(b) > 0 {
						err := x.coder.EachGroup(&state.Restoring{Groups: [][]byte{b[4:]}}, func(k Kept[toldKey, int64]) {
							require.Equal(t, keyhash.Integer(uint64(k.Key)), k.Hash)
							got[copiedKey{k.Key, k.Start, k.End}] += k.Acc
						})
						require.NoError(t, err)
					}
				}
				require.Equal(t, was, got)
			}
		}
	}
}

// What is encoded is in proportion to what has changed since it was encoded last, also for a checkpoint that did not come about.
func TestCopiedSumsInProportion(t *testing.T) {
	x := newCopying(window.Tumbling(time.Hour))
	keys, terms := make([]int64, 50_000), make([]int64, 50_000)
	for i := range keys {
		keys[i], terms[i] = int64(i), 1
	}
	sl := x.store.At(0)
	for round, n := range []int{50_000, 0, 500, 1, 0, 50_000} {
		x.add(sl, keys[:n], terms[:n])
		if round == 3 {
			x.save() // and nobody encodes it
		}
		encode, sums := x.save()
		require.Equal(t, len(keys), sums)
		tellings = 0
		encode()
		require.Equal(t, n, tellings, "round %d", round)
	}
}

// The memory of copies is used again: there are two of them, one that was encoded last and one that is filled.
func TestCopiedSumsUseMemoryAgain(t *testing.T) {
	x := newCopying(window.Tumbling(time.Hour))
	x.add(x.store.At(0), []int64{1, 2, 3}, []int64{1, 1, 1})
	var at []any
	for range 6 {
		c := x.kind.CopySums(x.store)
		at = append(at, &c.pairs[0])
		s := &state.Saving{}
		x.coder.IntoWith(s, 0, c.Encode)
		for _, f := range s.Later {
			f()
		}
	}
	require.Same(t, at[2], at[4])
	require.Same(t, at[3], at[5])
	require.NotSame(t, at[2], at[3])
}
