package state

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// Each group has one owner, owners come in order, and no shard goes without as
// long as there are groups for all.
func TestGroups(t *testing.T) {
	for shards := 1; shards <= Groups; shards++ {
		owned := make([]int, shards)
		before := 0
		for g := range Groups {
			owner := OwnerOf(g, shards)
			require.GreaterOrEqual(t, owner, before)
			before = owner
			owned[owner]++
		}
		for _, n := range owned {
			require.InDelta(t, float64(Groups)/float64(shards), n, 1)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		hash := r.Uint64()
		require.Equal(t, 0, ShardOf(hash, 1))
		require.Less(t, ShardOf(hash, 7), 7)
	}
}

// What several parts have saved, they are given back, each its own, also by
// other instances than those that saved it.
func TestSections(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		parts := make([]*Saving, 1+r.IntN(4))
		type place struct{ part, group int } // group is -1 for the whole
		want := map[place]string{}
		for k := range parts {
			parts[k] = &Saving{Keys: int64(r.IntN(10))}
			for range r.IntN(5) {
				hash, text := r.Uint64(), fmt.Sprintf("%d-%d;", k, r.IntN(1000))
				b := parts[k].Group(hash)
				*b = append(*b, text...)
			}
			for g := range parts[k].Groups {
				if b := parts[k].Groups[g]; len(b) > 0 {
					want[place{k, g}] = string(b[sectionHead:])
				}
			}
			if r.IntN(2) == 0 {
				b := parts[k].Rest()
				*b = append(*b, "whole"...)
				want[place{k, -1}] = "whole"
			}
		}
		keys := int64(0)
		for _, p := range parts {
			keys = max(keys, p.Keys)
		}
		all := joined(parts...)
		require.Equal(t, keys, all.Keys)

		got := map[place]string{}
		had := func(uint64) window.Time { return 3 }
		collect := func(group int, in *Restoring) {
			in.Watermark, in.Had = 7, had
			dealt, err := in.Parts(len(parts))
			require.NoError(t, err)
			require.Len(t, dealt, len(parts), "no more parts than there were")
			for k, p := range dealt {
				require.Equal(t, window.Time(7), p.Watermark)
				require.NotNil(t, p.Had)
				for _, b := range append(p.Groups, p.Whole...) {
					got[place{k, group}] += string(b)
				}
			}
		}
		for g, b := range all.Groups {
			if len(b) > 0 {
				collect(g, &Restoring{Groups: [][]byte{b}})
			}
		}
		if len(all.Whole) > 0 {
			collect(-1, &Restoring{Whole: [][]byte{all.Whole}})
		}
		require.Equal(t, want, got)
	}
}

// State that is cut short is an error, wherever.
func TestSectionsCutShort(t *testing.T) {
	a, b := &Saving{}, &Saving{}
	*a.Rest() = append(*a.Rest(), "first"...)
	*b.Rest() = append(*b.Rest(), "second"...)
	whole := joined(a, b).Whole
	for n := range len(whole) {
		parts, err := (&Restoring{Whole: [][]byte{whole[:n]}}).Parts(2)
		if n == 0 || n == sectionHead+len("first") {
			require.NoError(t, err, n)
			continue
		}
		require.ErrorIs(t, err, errSection, n)
		require.Len(t, parts, 2)
	}
	require.Empty(t, joined(&Saving{}, &Saving{}).Whole, "nothing is nothing")
}

type flatRecord struct {
	Key string `binary:"1"`
	Val int64  `binary:"2"`
}

type deepRecord struct {
	Key string           `binary:"1"`
	Val map[string]int64 `binary:"2"`
}

// Records whose copies share nothing are encoded later, and others at once: both
// come back as they were when they were put.
func TestCoder(t *testing.T) {
	flat, deep := NewCoder[flatRecord](), NewCoder[deepRecord]()
	require.NoError(t, flat.Check())
	require.NoError(t, deep.Check())
	for round := range 3 { // the memory of a round is used again
		s, d := &Saving{}, &Saving{}
		put, putDeep := flat.Into(s, 10), deep.Into(d, 10)
		put(1, flatRecord{"a", int64(round)})
		put(1, flatRecord{"b", 2})
		putDeep(2, deepRecord{"c", map[string]int64{"x": 3}})
		for _, encode := range append(s.Later, d.Later...) {
			encode()
		}
		require.NoError(t, errors.Join(s.Err, d.Err))
		var gotFlat []flatRecord
		var gotDeep []deepRecord
		group := func(s *Saving, hash uint64) *Restoring {
			return &Restoring{Groups: [][]byte{(*s.Group(hash))[sectionHead:]}}
		}
		require.NoError(t, flat.EachGroup(group(s, 1), func(r flatRecord) { gotFlat = append(gotFlat, r) }))
		require.NoError(t, deep.EachGroup(group(d, 2), func(r deepRecord) { gotDeep = append(gotDeep, r) }))
		require.Equal(t, []flatRecord{{"a", int64(round)}, {"b", 2}}, gotFlat)
		require.Equal(t, []deepRecord{{"c", map[string]int64{"x": 3}}}, gotDeep)
	}
}

// Records that are handed over when all is encoded come behind those that were copied, or were put at once.
func TestCoderIntoWith(t *testing.T) {
	flat, deep := NewCoder[flatRecord](), NewCoder[deepRecord]()
	for range 2 {
		s, d := &Saving{}, &Saving{}
		late := "not yet"
		put := flat.IntoWith(s, 1, func(e *Encoding) {
			require.Zero(t, e.Last(), "what was put before is not alone")
			e.Put(1, unsafe.Pointer(&flatRecord{late, 2}))
			e.Put(1, unsafe.Pointer(&flatRecord{late, 3}))
		})
		putDeep := deep.IntoWith(d, 1, func(e *Encoding) { e.Put(1, unsafe.Pointer(&deepRecord{Key: late})) })
		put(1, flatRecord{"first", 1})
		putDeep(1, deepRecord{Key: "first"})
		late = "late"
		for _, encode := range append(s.Later, d.Later...) {
			encode()
		}
		require.NoError(t, errors.Join(s.Err, d.Err))
		group := func(s *Saving) *Restoring { return &Restoring{Groups: [][]byte{(*s.Group(1))[sectionHead:]}} }
		var gotFlat []flatRecord
		var gotDeep []string
		require.NoError(t, flat.EachGroup(group(s), func(r flatRecord) { gotFlat = append(gotFlat, r) }))
		require.NoError(t, deep.EachGroup(group(d), func(r deepRecord) { gotDeep = append(gotDeep, r.Key) }))
		require.Equal(t, []flatRecord{{"first", 1}, {"late", 2}, {"late", 3}}, gotFlat)
		require.Equal(t, []string{"first", "late"}, gotDeep)
	}
}

// A refusal is a value that cannot be encoded.
type refusing struct{ Bad bool }

var errBad = errors.New("bad")

func (r refusing) AppendBinary(b []byte) ([]byte, error) {
	if r.Bad {
		return b, errBad
	}
	return append(b, 1), nil
}

func (r *refusing) UnmarshalBinary([]byte) error { return nil }

// A value that cannot be encoded is an error of the state, the first one of several.
func TestCoderFails(t *testing.T) {
	type record struct {
		Val refusing `binary:"1"`
	}
	c := NewCoder[record]()
	require.NoError(t, c.Check())
	s := &Saving{}
	put := c.Into(s, 2)
	put(1, record{refusing{true}})
	put(1, record{refusing{false}})
	for _, encode := range s.Later {
		encode()
	}
	require.ErrorIs(t, s.Err, errBad)
	var b []byte
	require.ErrorIs(t, c.Put(&b, record{refusing{true}}), errBad)
	require.NoError(t, c.Put(&b, record{}))

	require.Error(t, NewCoder[chan int]().Check())
	require.Error(t, c.EachWhole(&Restoring{Whole: [][]byte{b[:len(b)-1]}}, func(record) {}), "a record is cut short")
}

// joined is Join of parts that are not too long.
func joined(parts ...*Saving) *Saving {
	all, err := Join(parts)
	if err != nil {
		panic(err)
	}
	return all
}

// A section that is too long to be read again is not written.
func TestSectionsFit(t *testing.T) {
	require.NoError(t, fits(1<<32-2))
	require.EqualError(t, fits(1<<32-1), "an operator holds 4294967295 bytes in one group of keys, and a checkpoint has room for 4294967294")
	require.Error(t, fits(1<<32), "its length would be 0")
}

// A copy shares nothing with its record that can change, and what cannot be stored has none.
func TestCopy(t *testing.T) {
	type deep struct {
		All []int
		Bad told
	}
	c, of := NewCoder[deep](), deep{All: []int{1, 2}}
	got, err := c.Copy(of)
	require.NoError(t, err)
	require.Equal(t, of, got)
	of.All[0] = 7
	require.Equal(t, []int{1, 2}, got.All)
	of.Bad.text = "bad"
	_, err = c.Copy(of)
	require.ErrorIs(t, err, errBad)
	flat, err := NewCoder[toldRecord]().Copy(toldRecord{told{"bad"}})
	require.NoError(t, err, "nothing has to be encoded")
	require.Equal(t, "bad", flat.Val.text)
	_, err = NewCoder[struct{ C chan int }]().Copy(struct{ C chan int }{})
	require.ErrorContains(t, err, "no way to store a chan int")
}

// A record of no key that cannot be encoded is an error of what is saved, once it is encoded.
func TestPutRestFails(t *testing.T) {
	c, s := NewCoder[toldRecord](), &Saving{}
	for _, text := range []string{"good", "bad", "good"} {
		require.NoError(t, c.PutRest(s, toldRecord{told{text}}))
	}
	for _, f := range s.Later {
		f()
	}
	require.ErrorIs(t, s.Err, errBad)
}
