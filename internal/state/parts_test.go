package state

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sample"
)

// partsOf are parts of n instances, with names of all kinds, some of them empty in
// places, and some in all.
func partsOf(rng *rand.Rand) (of []Head, parts []*Saving) {
	for _, name := range []string{"a", "limits", "größe", "a name\x00that is long and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer", "none"} {
		p := &Saving{Keys: rng.Int64N(9)}
		if name != "none" {
			for range rng.IntN(300) {
				b := p.Group(rng.Uint64())
				*b = append(*b, fmt.Sprint(name, rng.IntN(100), ";")...)
			}
			if rng.IntN(2) == 0 {
				*p.Rest() = append(*p.Rest(), name...)
			}
		}
		of, parts = append(of, HeadOf(name, KindKeyed, reflect.TypeFor[string](), reflect.TypeFor[int]())), append(parts, p)
	}
	return of, parts
}

// saved returns the parts as an instance saves them among other holders, and as one that
// begins with all groups of it finds them.
func saved(t *testing.T, of []Head, parts []*Saving) *Restoring {
	var s Saving
	require.NoError(t, JoinNamed(&s, of, parts))
	all := joined(&Saving{}, &s)
	r := &Restoring{Whole: [][]byte{all.Whole}, Watermark: 7}
	for _, g := range all.Groups {
		if len(g) > 0 {
			r.Groups = append(r.Groups, g)
		}
	}
	both, err := r.Parts(2)
	require.NoError(t, err)
	return both[1]
}

// What is joined by names is found by names, group by group.
func TestNamedParts(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		of, parts := partsOf(rng)
		want := map[string][]string{}
		whole := map[string]string{}
		for i, p := range parts {
			for _, g := range p.Groups {
				if len(g) > 0 {
					want[of[i].Name] = append(want[of[i].Name], string(g[sectionHead:]))
				}
			}
			if len(p.Whole) > 0 {
				whole[of[i].Name] = string(p.Whole[sectionHead:])
			}
		}
		n, err := saved(t, of, parts).Named()
		require.NoError(t, err)
		require.Equal(t, of, n.Heads)
		require.Empty(t, n.Places)
		for _, h := range of {
			part := n.Part(h.Name)
			var got []string
			for _, g := range part.Groups {
				got = append(got, string(g))
			}
			require.Equal(t, want[h.Name], got, h.Name)
			require.EqualValues(t, 7, part.Watermark)
			if text, ok := whole[h.Name]; ok {
				require.Equal(t, text, string(part.Whole[0]))
			} else {
				require.Empty(t, part.Whole)
			}
		}
	}
}

// Without a part nothing is written, and parts by place are told from those by name.
func TestPartsByPlace(t *testing.T) {
	var s Saving
	require.NoError(t, JoinNamed(&s, nil, nil))
	require.Empty(t, s.Whole)
	first, second := &Saving{}, &Saving{}
	*second.Group(3) = append(*second.Group(3), "by key"...)
	*first.Rest() = append(*first.Rest(), "whole"...)
	all := joined(first, second)
	r := &Restoring{Whole: [][]byte{all.Whole}, Groups: [][]byte{all.Groups[0]}}
	n, err := r.Named()
	require.NoError(t, err)
	require.Empty(t, n.Heads)
	require.Len(t, n.Places, 2)
	require.Equal(t, "whole", string(n.Places[0].Whole[0]))
	require.Equal(t, "by key", string(n.Places[1].Groups[0]))
}

// Damaged parts are an error, or are read as something else, and never a panic or
// a loop.
func TestDamagedParts(t *testing.T) {
	first, step := sample.Part(t, 4)
	for part := first; part < 4; part += step {
		rng := rand.New(rand.NewPCG(1, uint64(part)))
		of, parts := partsOf(rng)
		r := saved(t, of, parts)
		for range 5_000 {
			b := append([]byte(nil), r.Whole[0]...)
			if rng.IntN(2) == 0 {
				b = b[:rng.IntN(len(b))]
			} else {
				b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			}
			_, _ = (&Restoring{Whole: [][]byte{b}, Groups: r.Groups}).Named()
		}
	}
}

// A head says what a part holds, and what was written under another one fits only if it is of one kind and one key, and its values
// can be read.
func TestHeads(t *testing.T) {
	str, num := reflect.TypeFor[string](), reflect.TypeFor[int64]()
	require.Equal(t, Head{Name: "a", Kind: KindTimers}, HeadOf("a", KindTimers, nil, nil))
	h := HeadOf("a", KindKeyed, str, num)
	require.NotEmpty(t, h.Key)
	require.NotEmpty(t, h.Value)
	require.NotEqual(t, h.Key, h.Value)
	require.Equal(t, Head{Name: "a", Kind: KindValue, Value: h.Value}, HeadOf("a", KindValue, nil, num))
	require.NoError(t, h.Reads(h))
	require.NoError(t, h.Reads(HeadOf("another", KindKeyed, str, num)), "the name does not matter")
	require.ErrorContains(t, h.Reads(HeadOf("a", KindValue, str, num)), "it was a value, and is now state by key")
	require.ErrorContains(t, h.Reads(HeadOf("a", KindKeyed, num, num)), "it had keys of ")
	require.ErrorContains(t, h.Reads(HeadOf("a", KindKeyed, str, str)), "it held values of ")
}

// What a part has begun to write and left empty is not written, and each head is found, the first one too.
func TestEmptyNamedParts(t *testing.T) {
	empty, full := &Saving{}, &Saving{}
	empty.Group(1)
	empty.Rest()
	*full.Rest() = append(*full.Rest(), "x"...)
	of := []Head{{Name: "empty"}, {Name: "full"}}
	var s Saving
	require.NoError(t, JoinNamed(&s, of, []*Saving{empty, full}))
	require.Equal(t, [Groups][]byte{}, s.Groups)
	n, err := saved(t, of, []*Saving{empty, full}).Named()
	require.NoError(t, err)
	require.Empty(t, n.Part("empty").Whole)
	require.Len(t, n.Part("full").Whole, 1)
	for _, h := range of {
		got, is := n.Head(h.Name)
		require.True(t, is)
		require.Equal(t, h, got)
	}
	_, is := n.Head("none")
	require.False(t, is)
}

// A named section holds the length of its name, the name and what is left, which may be nothing.
func TestNamedSections(t *testing.T) {
	begun := []byte{0xff, 0xff, 0xff, 0xff}
	n, err := (&Restoring{Groups: [][]byte{begun}}).Named()
	require.NoError(t, err)
	require.Empty(t, n.Places)
	b := append([]byte(nil), begun...)
	appendNamed(&b, "abc", nil)
	n, err = (&Restoring{Groups: [][]byte{b}}).Named()
	require.NoError(t, err)
	require.Equal(t, [][]byte{{}}, n.Part("abc").Groups)
	for _, cut := range [][]byte{{0, 0, 0, 0}, {1, 0, 0, 0, 1}, {3, 0, 0, 0, 3, 'a', 'b'}, {2, 0, 0, 0, 0x80, 0x80}, {1, 0, 0, 0}} {
		_, err := (&Restoring{Groups: [][]byte{append(begun[:4:4], cut...)}}).Named()
		require.ErrorIs(t, err, errSection, "%v", cut)
	}
}
