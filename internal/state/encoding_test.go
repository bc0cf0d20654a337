package state

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A told record counts how often it is encoded, and may fail.
type told struct{ text string }

var tellings int

func (r told) AppendBinary(b []byte) ([]byte, error) {
	tellings++
	if r.text == "bad" {
		return b, errBad
	}
	return append(b, r.text...), nil
}

func (r *told) UnmarshalBinary(b []byte) error { r.text = string(b); return nil }

type toldRecord struct {
	Val told `binary:"1"`
}

// Whatever comes, changes and goes, the bytes are those of encoding all anew, and no record is encoded again that is as
// it was. What has failed, and what was never encoded, is as if it had not been.
func TestEncoding(t *testing.T) {
	type record struct {
		hash uint64
		text string
	}
	encode := func(c *Coder[toldRecord], now, was []record, id *int64) *Saving {
		s := &Saving{}
		c.IntoWith(s, 0, func(e *Encoding) {
			if e.Last() != *id {
				was = nil
			}
			*id = e.ID()
			for i, r := range now {
				if i < len(was) && was[i] == r {
					e.Same(r.hash)
					continue
				}
				if i < len(was) {
					e.Drop(was[i].hash)
				}
				e.Put(r.hash, unsafe.Pointer(&toldRecord{told{r.text}}))
			}
		})
		for _, f := range s.Later {
			f()
		}
		return s
	}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		text := func() string { return strings.Repeat("x", r.IntN(3)*r.IntN(200)) + string(rune('a'+r.IntN(26))) }
		fresh := func() record { return record{uint64(r.IntN(4)) << 57, text()} }
		c := NewCoder[toldRecord]()
		var now, was []record
		var id int64
		whole := true // all have to be encoded
		for range 12 {
			for range r.IntN(4) {
				switch n := len(now); {
				case n == 0 || r.IntN(2) == 0:
					now = append(now, fresh())
				case r.IntN(3) == 0:
					now[r.IntN(n)].text = text()
				default: // as a table deletes: the last one takes the place
					i := r.IntN(n)
					now[i] = now[n-1]
					now = now[:n-1]
				}
			}
			if r.IntN(8) == 0 {
				bad := append(now[:len(now):len(now)], record{1 << 57, "bad"})
				require.ErrorIs(t, encode(c, bad, was, &id).Err, errBad)
				whole = true
			}
			changed := len(now)
			if !whole {
				changed = 0
				for i := range now {
					if i >= len(was) || now[i] != was[i] {
						changed++
					}
				}
			}
			tellings = 0
			got := encode(c, now, was, &id)
			require.NoError(t, got.Err)
			require.Equal(t, changed, tellings)
			want := encode(NewCoder[toldRecord](), now, nil, new(int64))
			for g := range Groups {
				require.Equal(t, section(want.Groups[g]), section(got.Groups[g]), "group %d", g)
			}
			was, whole = append([]record(nil), now...), false
		}
	}
}

// A group that is as it was has the very bytes that it had.
func TestEncodingOfNothingNew(t *testing.T) {
	c := NewCoder[flatRecord]()
	var first [Groups][]byte
	for round := range 3 {
		s := &Saving{}
		c.IntoWith(s, 0, func(e *Encoding) {
			if round == 0 {
				e.Put(1, unsafe.Pointer(&flatRecord{"a", 1}))
				e.Put(1<<57, unsafe.Pointer(&flatRecord{"b", 2}))
				return
			}
			e.Same(1)
			if round == 2 {
				e.Drop(1 << 57)
				e.Put(1<<57, unsafe.Pointer(&flatRecord{"b", 3}))
				return
			}
			e.Same(1 << 57)
		})
		for _, f := range s.Later {
			f()
		}
		all := joined(s)
		if round == 0 {
			first = all.Groups
			continue
		}
		require.Same(t, &first[0][0], &all.Groups[0][0])
		require.Equal(t, round == 1, &first[1][0] == &all.Groups[1][0])
	}
}
