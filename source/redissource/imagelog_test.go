package redissource

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/redisio"
)

// known are the rows that the records of an offset come to.
func known(t testing.TB, offset string) (rows map[string]string, whole bool) {
	t.Helper()
	rows = map[string]string{}
	for x, err := range records(offset) {
		if err != nil {
			t.Fatal(err)
		}
		switch x.kind {
		case allRead[0]:
			whole = true
		case goneRow:
			delete(rows, x.key)
		default:
			rows[x.key] = beside(rows[x.key], x.kind, x.pairs)
		}
	}
	return rows, whole
}

// beside returns what is known of a hash by one more record: one that could not be decoded stands behind the good one.
func beside(before string, kind byte, pairs []redisio.Pair) string {
	row := string(kind) + string(redisio.AppendPairs(nil, pairs))
	if kind == goodRow {
		return row
	}
	good, _, _ := strings.Cut(before, "|!")
	return good + "|" + row
}

// A log comes to what was noted in it, at each moment, and stays in proportion to that. An offset does not
// change when the log does.
func TestImageLog(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	l := newImageLog()
	want, places := map[string]string{}, map[string]*noted{}
	keys := []string{"", ",", "=", "cart:1", "ключ", "\x00\xff", "a long key, which is not quoted \n"}
	values := [][]byte{nil, []byte("1"), []byte(",=!-."), {0, 255, 254}, bytes.Repeat([]byte("x"), 300)}
	var old string
	var oldWant map[string]string
	for i := range 20_000 {
		key := keys[r.IntN(len(keys))]
		place := places[key]
		if place == nil {
			place = new(noted)
		}
		if _, there := want[key]; there && r.IntN(3) == 0 {
			l.note(goneRow, l.row(key, nil, wanted), *place)
			delete(want, key)
			delete(places, key)
		} else {
			var pairs, has []redisio.Pair
			for range r.IntN(3) {
				name := []byte{'a' + byte(r.IntN(2))}
				pairs = append(pairs, redisio.Pair{Name: name, Value: values[r.IntN(len(values))]})
				if name[0] == 'a' {
					has = append(has, pairs[len(pairs)-1])
				}
			}
			kind := []byte{goodRow, badRow}[r.IntN(2)]
			*place = l.note(kind, l.row(key, pairs, func(name []byte) bool { return name[0] == 'a' }), *place)
			want[key], places[key] = beside(want[key], kind, has), place
		}
		if i == 10_000 {
			l.finish()
			old, oldWant = l.offset(), maps.Clone(want)
		}
		if l.wasteful() {
			l.rewrite(iter.Seq[*noted](maps.Values(places)))
		}
		if len(l.offset()) > 2*l.live+2*spare {
			t.Fatalf("step %d: %d bytes, of which %d count", i, len(l.offset()), l.live)
		}
		if i%100 == 0 {
			if got, whole := known(t, l.offset()); !maps.Equal(got, want) || whole != (i >= 10_000) {
				t.Fatalf("step %d: %q, want %q; whole %v", i, got, want, whole)
			}
		}
	}
	if got, _ := known(t, old); !maps.Equal(got, oldWant) {
		t.Errorf("an offset has changed: %q, want %q", got, oldWant)
	}
	for _, place := range places {
		l.note(goneRow, "", *place)
	}
	if l.live != 0 {
		t.Errorf("%d bytes of an empty image count", l.live)
	}
}

// Whatever stands in an offset is read, or refused.
func FuzzImageOffset(f *testing.F) {
	l := newImageLog()
	n := l.note(goodRow, l.row("cart:1", []redisio.Pair{{Name: []byte("items"), Value: []byte("7")}}, wanted), noted{})
	l.note(badRow, l.row("cart:1", nil, wanted), n)
	l.finish()
	l.note(goneRow, l.row("cart:1", nil, wanted), noted{})
	for _, text := range []string{l.offset(), "", ",", ".,", "..,", "=,", "=!,", "-AA", "=//////////8B,", "=AQ,"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var again imageLog
		var rows []string
		for x, err := range records(text) {
			if err != nil {
				return
			}
			rows = append(rows, fmt.Sprintf("%c%q%q", x.kind, x.key, x.pairs))
			if x.kind == allRead[0] {
				again.text.WriteString(allRead + ",")
				continue
			}
			again.note(x.kind, again.row(x.key, x.pairs, wanted), noted{})
		}
		i := 0
		for x, err := range records(again.offset()) {
			if got := fmt.Sprintf("%c%q%q", x.kind, x.key, x.pairs); err != nil || i >= len(rows) || got != rows[i] {
				t.Fatalf("%q is written as %q: %s, %v", text, again.offset(), got, err)
			}
			i++
		}
	})
}

// Nobody is shown what is in the hashes, neither by statistics nor by checkpoint.Inspect.
func TestImageIsNotShown(t *testing.T) {
	l := newImageLog()
	l.note(goodRow, l.row("cart:1", []redisio.Pair{{Name: []byte("email"), Value: []byte("ann@example.org")}}, wanted), noted{})
	if got := keeper.Shown(l.offset()); got != "image" {
		t.Fatalf("shown: %q", got)
	}
}
